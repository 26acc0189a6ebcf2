import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { portTable, repositoryRoot } from '../config/settings.js';

/** A whole stack of its own, started by the public commands: other ports, another state folder. */
export interface OwnStack {
  readonly status: StackStatus;
  /** Where its data, logs and record lie. */
  readonly stateDir: string;
  /** Runs `npm run -s earshot -- <args>` against it. */
  cli(...args: readonly string[]): Promise<CommandResult>;
  /** `simulate <args>` until it ends by itself or is told to. */
  play(stop: AbortSignal, ...args: readonly string[]): Promise<CommandResult>;
  /** What its processes were started with. */
  readonly env: NodeJS.ProcessEnv;
  refresh(): Promise<StackStatus>;
  /** One value from ClickHouse. */
  scalar(sql: string): Promise<number>;
  api(method: string, path: string, body?: unknown): Promise<{ readonly status: number; readonly body: unknown }>;
  /** Stops its processes and keeps its data; `resume` starts it again where it was, on the same ports. */
  suspend(): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
}

export interface StackStatus {
  readonly ready: boolean;
  readonly consoleUrl: string;
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly clickhouseUrl: string;
  readonly kafkaBrokers: string;
  readonly mqttUrl: string;
  readonly grpcUrl: string;
  readonly diskFreeMb: number | null;
  readonly services: readonly {
    readonly name: string;
    readonly state: string;
    readonly pid: number | null;
    readonly restarts: number;
    readonly lagRecords: number | null;
    readonly lagSeconds: number | null;
  }[];
}

export interface CommandResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Room behind the health base: one port per service. */
const HEALTH_PORTS = 20;

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

/** A run of free ports for everything; starts at a place that depends on the process, so that two runs do not meet. */
const findPorts = async (): Promise<Record<string, string>> => {
  const count = portTable.length + HEALTH_PORTS;
  for (let base = 20_000 + (process.pid % 300) * 40; base < 60_000; base += count) {
    const free = await Promise.all(Array.from({ length: count }, (_, index) => isFree(base + index)));
    if (free.every(Boolean)) {
      return Object.fromEntries(portTable.map(({ setting }, index) => [setting, String(base + index)]));
    }
  }
  throw new Error('No run of free ports was found');
};

const run = (args: readonly string[], env: NodeJS.ProcessEnv, stop?: AbortSignal): Promise<CommandResult> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(repositoryRoot, 'tools/bin/earshot.mjs'), ...args], {
      cwd: repositoryRoot,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    // The wrapper hands the signal on to the command.
    stop?.addEventListener('abort', () => child.kill('SIGINT'), { once: true });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('error', reject);
    child.on('close', (status) => resolve({ status: status ?? 1, stdout, stderr }));
  });

/** What is done with its state folder before it starts and after it has stopped. */
export interface StateFolder {
  prepare(stateDir: string): void;
  release(stateDir: string): void;
}

export const startOwnStack = async (
  settings: Readonly<Record<string, string>> = {},
  folder?: StateFolder,
): Promise<OwnStack> => {
  const parent = path.join(repositoryRoot, '.earshot');
  mkdirSync(parent, { recursive: true });
  const stateDir = mkdtempSync(path.join(parent, 'own-'));
  folder?.prepare(stateDir);
  const env = { ...process.env, ...(await findPorts()), EARSHOT_STATE_DIR: stateDir, ...settings };
  const cli = (...args: readonly string[]): Promise<CommandResult> => run(args, env);
  const start = (): Promise<CommandResult> => cli('stack', 'start', '--detach', '--no-simulate');
  const suspend = async (): Promise<void> => {
    await cli('stack', 'stop');
  };
  const started = await start();
  const stop = async (): Promise<void> => {
    await suspend();
    folder?.release(stateDir);
    rmSync(stateDir, { recursive: true, force: true });
  };
  if (started.status !== 0) {
    await stop();
    throw new Error(`The stack did not start:\n${started.stdout}\n${started.stderr}`);
  }
  const refresh = async (): Promise<StackStatus> => JSON.parse((await cli('status', '--json')).stdout) as StackStatus;
  const status = await refresh();
  return {
    status,
    stateDir,
    env,
    cli,
    play: (signal, ...args) => run(['simulate', ...args], env, signal),
    refresh,
    scalar: async (sql) => {
      const response = await fetch(status.clickhouseUrl, { method: 'POST', body: sql });
      const text = (await response.text()).trim();
      if (!response.ok) throw new Error(text);
      return Number(text);
    },
    api: async (method, target, body) => {
      const response = await fetch(`${status.apiUrl}${target}`, {
        method,
        headers: {
          authorization: `Bearer ${status.apiKey}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? null : (JSON.parse(text) as unknown) };
    },
    suspend,
    resume: async () => {
      const { status: code, stdout, stderr } = await start();
      if (code !== 0) throw new Error(`The stack did not start again:\n${stdout}\n${stderr}`);
    },
    stop,
  };
};
