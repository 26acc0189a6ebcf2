import type { ChildProcess } from 'node:child_process';
import path from 'node:path';

import { spawnLogged } from '../process/spawn.js';
import { httpGet } from '../process/wait.js';

export interface ClickHouseProcessOptions {
  root: string;
  dataDir: string;
  port: number;
  logFile: string;
  /** EARSHOT_CLICKHOUSE_* settings besides the port and the directory. */
  env?: NodeJS.ProcessEnv;
}

/** Starts the embedded ClickHouse server in a process of its own, with the compiled entry and Node 24. */
export const spawnClickHouse = (options: ClickHouseProcessOptions): ChildProcess => {
  const env: NodeJS.ProcessEnv = { ...process.env, ...options.env };
  const sessions = Number(env['EARSHOT_CLICKHOUSE_SESSIONS'] ?? 8);
  return spawnLogged({
    command: nodeBinary(options.root),
    args: [path.join(options.root, 'tools/dist/clickhouse/main.js')],
    cwd: options.root,
    env: {
      ...env,
      TZ: 'UTC',
      // One thread per running statement, and some for compression and files.
      UV_THREADPOOL_SIZE: String(sessions + 6),
      EARSHOT_CLICKHOUSE_PORT: String(options.port),
      EARSHOT_CLICKHOUSE_DATA_DIR: options.dataDir,
    },
    logFile: options.logFile,
  });
};

/** True when the server at `url` answers its health check. */
export const clickHouseAnswers = async (url: string): Promise<boolean> =>
  (await httpGet(new URL('/ping', url).href, 2000))?.status === 200;

/** Node 24 from the package `node`, whatever Node the system has. */
export const nodeBinary = (root: string): string => path.join(root, 'node_modules/.bin/node');
