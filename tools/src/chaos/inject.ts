import { setTimeout as sleep } from 'node:timers/promises';
import { readSettings } from '../config/settings.js';
import { isRunning } from '../process/identity.js';
import { readRecord, type ProcessRecord } from '../stack/record.js';
import { serviceSpec } from '../stack/specs.js';
import { endpointsOf, services } from '../stack/services.js';
import type { OwnStack } from '../testing/own-stack.js';
import type { FaultProxy } from './fault-proxy.js';
import type { Fault } from './schedule.js';

export interface Injected extends Fault {
  /** What came of it: done, or why it could not be done. */
  readonly outcome: string;
}

const DELAY_MS = 400;

const signal = (pid: number, name: NodeJS.Signals): boolean => {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false; // it ended by itself meanwhile
  }
};

/** All that the stack supervises: services, broker and engine. */
export const processesOf = (stack: OwnStack): readonly ProcessRecord[] =>
  readRecord(readSettings(stack.env).stateDir)?.processes.filter(({ kind }) => kind !== 'simulator') ?? [];

const pidOf = (stack: OwnStack, name: string): number | null => {
  const { identity } = processesOf(stack).find((one) => one.name === name) ?? { identity: null };
  return identity !== null && isRunning(identity) ? identity.pid : null;
};

/** Another instance of a stage joins its group for a while. */
export const addInstance = async (stack: OwnStack, name: string, slot: number, holdMs: number): Promise<string> => {
  const service = services.find((one) => one.name === name);
  if (service === undefined) return `no service ${name}`;
  const settings = readSettings(stack.env);
  const spec = serviceSpec(service, services.length + slot, settings, endpointsOf(settings));
  const child = spec.spawn();
  await sleep(holdMs);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  if (child.exitCode !== null || child.signalCode !== null) return 'the instance ended by itself';
  // One half leaves in order, the other does not.
  child.kill(slot % 2 === 0 ? 'SIGTERM' : 'SIGKILL');
  const killer = setTimeout(() => child.kill('SIGKILL'), 15_000);
  await ended;
  clearTimeout(killer);
  return 'done';
};

const inject = async (stack: OwnStack, proxies: ReadonlyMap<string, FaultProxy>, fault: Fault): Promise<string> => {
  const { kind, target, holdMs, number } = fault;
  if (kind === 'cut' || kind === 'delay') {
    const proxy = proxies.get(target);
    if (proxy === undefined) return `no door ${target}`;
    if (kind === 'cut') {
      proxy.cut();
      return 'done';
    }
    proxy.delay(DELAY_MS);
    await sleep(holdMs);
    proxy.delay(0);
    return 'done';
  }
  if (kind === 'rebalance') return addInstance(stack, target, number % 8, holdMs);
  const pid = pidOf(stack, target);
  if (pid === null) return 'it was not running';
  if (kind === 'kill') return signal(pid, 'SIGKILL') ? 'done' : 'it ended by itself';
  if (!signal(pid, 'SIGSTOP')) return 'it ended by itself';
  await sleep(holdMs);
  return signal(pid, 'SIGCONT') ? 'done' : 'it was replaced meanwhile';
};

/** Does what the schedule says, each fault at its time, overlapping when they last; resolves when the last is over. */
export const injectAll = async (
  stack: OwnStack,
  proxies: ReadonlyMap<string, FaultProxy>,
  schedule: readonly Fault[],
  tell: (fault: Injected) => void,
): Promise<readonly Injected[]> => {
  const begin = performance.now();
  return Promise.all(
    schedule.map(async (fault) => {
      await sleep(Math.max(0, fault.atMs - (performance.now() - begin)));
      const outcome = await inject(stack, proxies, fault).catch((error: unknown) => String(error));
      const injected = { ...fault, outcome };
      tell(injected);
      return injected;
    }),
  );
};
