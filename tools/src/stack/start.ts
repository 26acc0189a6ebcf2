import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { nodeBinary } from '../clickhouse/process.js';
import type { Settings } from '../config/settings.js';
import { identify, isRunning } from '../process/identity.js';
import { UserError } from '../process/wait.js';
import { apiKeyFile, readApiKey } from './api-key.js';
import { alreadyRuns, runningStack } from './record.js';
import { endpointsOf, servicesOf } from './services.js';
import type { ServiceSpec } from './services.js';
import { Supervisor } from './supervisor.js';

export interface StartOptions {
  settings: Settings;
  /** Simulated sensors; 0 for none. */
  sensors: number;
  services?: readonly ServiceSpec[];
}

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** Runs the stack in this process until Ctrl-C, SIGTERM, SIGHUP or the end of the process that started this one. */
export const startStack = async (options: StartOptions): Promise<number> => {
  const { settings } = options;
  // Whoever reads the output may leave first (a closed terminal, `| head`): that must not cut a stop short.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const supervisor = new Supervisor({ ...options, services: options.services ?? servicesOf(options.settings), print });
  const asked = new Promise<string>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        resolve(signal);
      });
    }
    if (process.env['EARSHOT_DETACHED'] !== '1') whenParentEnds(resolve);
  });
  const stopping = asked.then(async (why) => {
    print(`Stopping (${why}) …`);
    await supervisor.stop();
  });
  try {
    await supervisor.start();
  } catch (error) {
    await supervisor.stop();
    throw error;
  }
  if (runningStack(settings.stateDir)?.ready === true) {
    print(supervisor.table());
    print(banner(settings));
  }
  await stopping;
  print('Everything has stopped.');
  return 0;
};

const whenParentEnds = (tell: (why: string) => void): void => {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) tell('the process that started it ended');
  }, 1000).unref();
};

/** What a person needs once the stack is ready. */
export const banner = (settings: Settings): string => {
  const { ports, stateDir } = settings;
  const key = readApiKey(stateDir) ?? '';
  return [
    '',
    `  Console  http://localhost:${ports.api}/#key=${key}`,
    `  API      http://localhost:${ports.api}/v1   (key: ${path.relative(settings.root, apiKeyFile(stateDir))})`,
    `  Kafka    ${endpointsOf(settings).kafkaBrokers}`,
    `  MQTT     mqtt://localhost:${ports.mqtt}   gRPC localhost:${ports.grpc}`,
    '',
    process.env['EARSHOT_DETACHED'] === '1' ? '  `npm run stop` stops everything.' : '  Ctrl-C stops everything.',
  ].join('\n');
};

/**
 * Starts the supervisor as a process of its own and returns when the stack is ready.
 *
 * @throws UserError with the end of the supervisor's log when it ended instead, or after `timeoutMs`.
 */
export const startDetached = async (
  settings: Settings,
  args: readonly string[],
  timeoutMs = 300_000,
): Promise<number> => {
  const earlier = runningStack(settings.stateDir);
  if (earlier !== undefined) throw alreadyRuns(earlier.supervisor);
  const logFile = path.join(settings.stateDir, 'logs/supervisor.log');
  mkdirSync(path.dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'w');
  const child = spawn(nodeBinary(settings.root), ['tools/dist/cli/main.js', 'stack', 'start', ...args], {
    cwd: settings.root,
    env: { ...settings.env, EARSHOT_DETACHED: '1' },
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.unref();
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  const deadline = performance.now() + timeoutMs;
  let shown = 0;
  for (;;) {
    const text = readFileSync(logFile, 'utf8');
    process.stdout.write(text.slice(shown));
    shown = text.length;
    const record = runningStack(settings.stateDir);
    if (record?.ready === true && record.supervisor.pid === identity?.pid && text.includes('npm run stop')) return 0;
    if (identity === undefined || !isRunning(identity)) {
      throw new UserError(`The stack did not start; the text above is also in ${logFile}.`);
    }
    if (performance.now() > deadline) {
      throw new UserError(`The stack was not ready within ${timeoutMs / 1000} s; it goes on trying (log: ${logFile}).`);
    }
    await sleep(150);
  }
};
