import { createKafka, createProducer, retryForever, type RecordProducer } from '@earshot/platform/kafka';
import { createLogger, createRegistry } from '@earshot/platform/telemetry';
import type { BaseConfig } from '../config/index.js';
import type { ServiceContext } from './service.js';

export interface OwnedContext extends ServiceContext {
  close(): Promise<void>;
}

export const createContext = (name: string, config: BaseConfig): OwnedContext => {
  const logger = createLogger(name, config.LOG_LEVEL);
  const kafka = createKafka({ brokers: config.KAFKA_BROKERS, clientId: `earshot-${name}`, logger });
  let closed = false;
  let producer: Promise<RecordProducer> | undefined;
  const connect = async (): Promise<RecordProducer> => {
    let connected: RecordProducer | undefined;
    await retryForever(
      'Kafka producer',
      logger,
      () => closed,
      async () => {
        connected = await createProducer(kafka);
      },
    );
    if (connected === undefined) throw new Error('The service stopped before Kafka answered');
    return connected;
  };
  return {
    kafka,
    logger,
    registry: createRegistry(name),
    namespace: config.TOPIC_NAMESPACE,
    config,
    producer: () => (producer ??= connect()),
    close: async () => {
      closed = true;
      const open = await producer?.catch(() => undefined);
      await open?.close();
    },
  };
};
