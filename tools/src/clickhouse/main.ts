import { mkdirSync } from 'node:fs';

import { z } from 'zod';

import { clickHouseConfig } from './config.js';
import { startClickHouseServer } from './server.js';

const closeWithinMs = 7000;

/** Process entry of the embedded ClickHouse server: serves until SIGTERM or SIGINT, then closes the engine. */
const main = async (): Promise<void> => {
  const parsed = clickHouseConfig.safeParse(process.env);
  if (!parsed.success) {
    process.stderr.write(`${z.prettifyError(parsed.error)}\n`);
    process.exitCode = 2;
    return;
  }
  const config = parsed.data;
  mkdirSync(config.EARSHOT_CLICKHOUSE_DATA_DIR, { recursive: true });
  const server = await startClickHouseServer(config);
  const log = (message: string): void => {
    process.stdout.write(`${JSON.stringify({ level: 'info', time: new Date().toISOString(), message })}\n`);
  };
  log(`serving ${server.url}`);
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) return;
    stopping = true;
    log(`${signal}: closing`);
    // A statement that cannot be interrupted must not hold up the stop; what was acknowledged survives this too.
    setTimeout(() => {
      log('the engine did not close in time: ending without it');
      process.kill(process.pid, 'SIGKILL');
    }, closeWithinMs).unref();
    server.close().then(
      () => {
        log('closed');
        process.exit(0);
      },
      (error: unknown) => {
        process.stderr.write(`${String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
};

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
});
