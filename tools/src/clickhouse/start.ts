import type { ProcessIdentity } from '../process/identity.js';
import { endProcess, identify, isRunning } from '../process/identity.js';
import { assertPortFree } from '../process/ports.js';
import { UserError, waitUntil } from '../process/wait.js';
import { clickHouseAnswers, spawnClickHouse } from './process.js';
import type { ClickHouseProcessOptions } from './process.js';

export interface RunningClickHouse {
  url: string;
  identity: ProcessIdentity;
  /** Graceful: what runs ends, what was acknowledged is on disk. */
  stop(): Promise<void>;
}

/** Starts the embedded ClickHouse server and waits until it answers. */
export const startClickHouse = async (options: ClickHouseProcessOptions): Promise<RunningClickHouse> => {
  await assertPortFree(options.port, 'ClickHouse', 'EARSHOT_CLICKHOUSE_PORT');
  const child = spawnClickHouse(options);
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  if (identity === undefined) throw new UserError(`ClickHouse could not be started; see ${options.logFile}`);
  const url = `http://127.0.0.1:${options.port}`;
  try {
    await waitUntil({
      what: 'ClickHouse',
      probe: () => clickHouseAnswers(url),
      dead: () => (isRunning(identity) ? undefined : `it ended; see ${options.logFile}`),
      timeoutMs: 60_000,
    });
  } catch (error) {
    await endProcess(identity, 3000);
    throw error;
  }
  return {
    url,
    identity,
    stop: async () => {
      await endProcess(identity, 8000);
    },
  };
};
