import type { ProcessIdentity } from '../process/identity.js';
import { endProcess, identify, isRunning } from '../process/identity.js';
import { assertPortFree } from '../process/ports.js';
import { UserError, waitUntil } from '../process/wait.js';
import { brokerAnswers, prepareBroker, spawnBroker } from './broker.js';
import type { BrokerOptions } from './broker.js';

export interface RunningKafka {
  brokers: string;
  identity: ProcessIdentity;
  /** Graceful: closes the logs, so that the next start need not recover them. */
  stop(): Promise<void>;
}

/** Formats the storage the first time, starts the broker and waits until it answers. */
export const startKafka = async (options: BrokerOptions): Promise<RunningKafka> => {
  await assertPortFree(options.port, 'Kafka', 'EARSHOT_KAFKA_PORT');
  await assertPortFree(options.controllerPort, "Kafka's controller", 'EARSHOT_KAFKA_CONTROLLER_PORT');
  await prepareBroker(options);
  const child = spawnBroker(options);
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  if (identity === undefined) throw new UserError(`Kafka could not be started; see ${options.logFile}`);
  const brokers = `127.0.0.1:${options.port}`;
  try {
    await waitUntil({
      what: 'Kafka',
      probe: () => brokerAnswers(brokers),
      dead: () => (isRunning(identity) ? undefined : `it ended; see ${options.logFile}`),
      timeoutMs: 120_000,
    });
  } catch (error) {
    await endProcess(identity, 3000);
    throw error;
  }
  return {
    brokers,
    identity,
    stop: async () => {
      await endProcess(identity, 15_000);
    },
  };
};
