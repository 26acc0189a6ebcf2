import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { describe, expect, it } from '@jest/globals';

import { endProcess, identify, isRunning, parseStat, signalProcess, startTimeOf } from './identity.js';

const stat = (state: string): string =>
  `42 (a) (b) c) ${state} 1 42 42 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 11 0 987654 1 2`;

describe('process identity', () => {
  it('reads the start time past a command name with spaces and parentheses', () => {
    expect(parseStat(stat('S'))).toBe('987654');
  });

  it('takes a zombie for dead', () => {
    expect(parseStat(stat('Z'))).toBeUndefined();
    expect(parseStat(stat('Z'), 12)).toBe('987654');
  });

  it('knows no start time for pids that cannot be', () => {
    expect([0, -1, 1.5, 2 ** 30].map(startTimeOf)).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('never signals a process that only has the same pid', async () => {
    const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'], { stdio: 'ignore' });
    const identity = identify(child.pid ?? 0);
    if (identity === undefined) throw new Error('the child has no identity');
    const other = { ...identity, startTime: `${identity.startTime}0` };
    expect(isRunning(other)).toBe(false);
    expect(signalProcess(other, 'SIGKILL')).toBe(false);
    expect(await endProcess(other, 100)).toBe(true);
    expect(isRunning(identity)).toBe(true);
    const exited = once(child, 'exit');
    expect(await endProcess(identity, 5000)).toBe(true);
    await exited;
    expect(isRunning(identity)).toBe(false);
  });
});
