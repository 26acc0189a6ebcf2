import type { BaseConfig } from '../config/index.js';
import { ConfigError } from '../config/index.js';
import { createContext, type OwnedContext } from './context.js';
import { startHealthServer } from './health.js';
import type { ServicePart } from './service.js';

/** A drain that takes longer is cut: what was not committed comes again. */
const DRAIN_MS = 5_000;

const stopParts = async (parts: readonly ServicePart[], context: OwnedContext): Promise<void> => {
  for (const part of [...parts].reverse()) {
    try {
      await part.stop();
    } catch (error) {
      context.logger.error({ err: error, part: part.name }, 'Part did not stop cleanly');
    }
  }
  await context.close();
};

/**
 * Starts health, then the parts in order; on SIGTERM or SIGINT stops them in reverse order and ends the process. A part
 * that fails to start ends the process with status 1: whatever supervises it tries again.
 */
export const runParts = async (
  name: string,
  config: BaseConfig,
  createParts: (context: OwnedContext) => Promise<readonly ServicePart[]>,
): Promise<void> => {
  const context = createContext(name, config);
  let parts: readonly ServicePart[] = [];
  const lifecycle = { started: false, stopping: false };
  const health = await startHealthServer(config.HEALTH_PORT, context.registry, () => ({ parts, ...lifecycle }));

  const stop = (signal: string): void => {
    if (lifecycle.stopping) return;
    lifecycle.stopping = true;
    context.logger.info({ signal }, 'Stopping');
    const cut = setTimeout(() => {
      context.logger.warn('Drain took too long, ending now');
      process.exit(0);
    }, DRAIN_MS);
    void stopParts(parts, context).finally(() => {
      clearTimeout(cut);
      health.close();
      process.exit(0);
    });
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  // A bug: the state in memory can't be trusted any more; a fresh process restores it.
  process.on('uncaughtException', (error) => {
    context.logger.fatal({ err: error }, 'Uncaught exception');
    process.exit(1);
  });
  process.on('unhandledRejection', (reason) => {
    context.logger.fatal({ err: reason }, 'Unhandled rejection');
    process.exit(1);
  });

  try {
    parts = await createParts(context);
    for (const part of parts) {
      await part.start();
      // A signal came meanwhile: what runs is being stopped.
      if (lifecycle.stopping) return;
    }
    lifecycle.started = true;
    context.logger.info({ parts: parts.map((part) => part.name) }, 'Started');
  } catch (error) {
    context.logger.fatal({ err: error }, 'Start failed');
    process.exit(1);
  }
};

/** Ends the process with the one clear text when settings are wrong. */
export const orExit = (error: unknown): never => {
  process.stderr.write(`${error instanceof ConfigError ? error.message : String((error as Error).stack ?? error)}\n`);
  process.exit(1);
};
