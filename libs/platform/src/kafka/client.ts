import net from 'node:net';
import tls from 'node:tls';
import kafkajs, { type ISocketFactory, type Kafka as KafkaClient, type LogEntry } from 'kafkajs';
import type { Logger } from '../telemetry/index.js';

/** A connection setting that producers, consumers and readers are made from. */
export interface Kafka {
  readonly client: KafkaClient;
  readonly clientId: string;
  /** The same, with connections of its own that can be ended for good. */
  separate(): SeparateClient;
}

export interface SeparateClient {
  readonly client: KafkaClient;
  /** Breaks all connections; none can be made any more. */
  cutOff(): void;
}

const KEEP_ALIVE_MS = 60_000;

/** kafkajs gives no `ssl` at all where its types say an empty object. */
const connect: ISocketFactory = ({ host, port, ssl, onConnect }) => {
  const secure = ssl as typeof ssl | null | undefined;
  const socket = secure
    ? tls.connect({ host, port, servername: host, ...secure }, onConnect)
    : net.connect({ host, port }, onConnect);
  return socket.setKeepAlive(true, KEEP_ALIVE_MS);
};

const separable = (make: (factory: ISocketFactory) => KafkaClient, factory: ISocketFactory): SeparateClient => {
  const sockets = new Set<net.Socket>();
  let isOff = false;
  const client = make((options) => {
    const socket = factory(options);
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    if (isOff) socket.destroy(new Error('cut off'));
    return socket;
  });
  return {
    client,
    cutOff: () => {
      isOff = true;
      for (const socket of sockets) socket.destroy(new Error('cut off'));
    },
  };
};

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
}): Kafka => {
  const make = (socketFactory: ISocketFactory): KafkaClient =>
    new kafkajs.Kafka({
      clientId: options.clientId,
      brokers: [...options.brokers],
      connectionTimeout: 3_000,
      requestTimeout: 15_000,
      retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 8 },
      socketFactory,
      logLevel: kafkajs.logLevel.WARN,
      logCreator: forward(options.logger),
    });
  const factory = options.socketFactory ?? connect;
  return { clientId: options.clientId, client: make(factory), separate: () => separable(make, factory) };
};

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
