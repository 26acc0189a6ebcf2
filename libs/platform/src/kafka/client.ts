import kafkajs, { type ISocketFactory, type Kafka as KafkaClient, type LogEntry } from 'kafkajs';
import type { Logger } from '../telemetry/index.js';

/** A connection setting that producers, consumers and readers are made from. */
export interface Kafka {
  readonly client: KafkaClient;
  readonly clientId: string;
}

/** What to tell of kafkajs's own lines: its retries are normal life, its crashes are counted by our adapters. */
const forward =
  (logger: Logger) =>
  () =>
  ({ level, log, namespace }: LogEntry): void => {
    if (level === kafkajs.logLevel.ERROR)
      logger.warn({ kafkajs: namespace, error: log['error'] as unknown }, log.message);
    else logger.debug({ kafkajs: namespace }, log.message);
  };

export const createKafka = (options: {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly logger: Logger;
  /** For fault tests: how sockets to brokers are made. */
  readonly socketFactory?: ISocketFactory;
}): Kafka => ({
  clientId: options.clientId,
  client: new kafkajs.Kafka({
    clientId: options.clientId,
    brokers: [...options.brokers],
    connectionTimeout: 3_000,
    requestTimeout: 15_000,
    retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 8 },
    ...(options.socketFactory === undefined ? {} : { socketFactory: options.socketFactory }),
    logLevel: kafkajs.logLevel.WARN,
    logCreator: forward(options.logger),
  }),
});

/** Pause before try number `attempt` (from 0): grows to `maxMs`, with jitter so that services do not return in step. */
export const backoffMs = (attempt: number, maxMs = 5_000): number =>
  Math.min(maxMs, 100 * 2 ** attempt) * (0.5 + Math.random() / 2);

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Tries until it works or `stopped` says so. */
export const retryForever = async (
  what: string,
  logger: Logger,
  stopped: () => boolean,
  attempt: () => Promise<void>,
): Promise<void> => {
  for (let tries = 0; !stopped(); tries += 1) {
    try {
      await attempt();
      return;
    } catch (error) {
      logger.warn({ err: error, tries }, `${what} failed, trying again`);
      await sleep(backoffMs(tries));
    }
  }
};
