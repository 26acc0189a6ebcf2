import path from 'node:path';

import { startClickHouse } from '../clickhouse/start.js';
import { readSettings, repositoryRoot } from '../config/settings.js';
import { ensureJars, installedJars } from '../kafka/jars.js';
import { startKafka } from '../kafka/start.js';
import { freePorts } from '../process/ports.js';
import { ensurePrerequisites, java, maven } from '../stack/prerequisites.js';
import { dockerAnswers, startDockerStack } from './docker-stack.js';

export interface EmbeddedStack {
  kind: 'given' | 'docker' | 'embedded';
  kafkaBrokers: string;
  clickhouseUrl: string;
  /** Ends what was started; nothing when it was given. */
  stop(): Promise<void>;
}

export interface EmbeddedStackOptions {
  /** Data and logs; the jars are shared with the development stack. */
  stateDir: string;
  /** Free ones are taken where none is given. */
  ports?: { kafka?: number; kafkaController?: number; clickhouse?: number };
  print?: (line: string) => void;
}

/**
 * Kafka and ClickHouse for tests, on ports and in a folder of their own. Decides and prints which: the given ones
 * (KAFKA_BROKERS and CLICKHOUSE_URL both set), containers where a Docker engine answers, else the embedded ones, which run
 * tools/dist and so need a build.
 */
export const startEmbeddedStack = async (options: EmbeddedStackOptions): Promise<EmbeddedStack> => {
  const print = options.print ?? ((line: string) => void process.stderr.write(`${line}\n`));
  const { givenKafkaBrokers, givenClickHouseUrl, kafkaHeapMib } = readSettings(process.env);
  if (givenKafkaBrokers !== undefined && givenClickHouseUrl !== undefined) {
    print(`Test stack: the given Kafka ${givenKafkaBrokers} and ClickHouse ${new URL(givenClickHouseUrl).host}`);
    return {
      kind: 'given',
      kafkaBrokers: givenKafkaBrokers,
      clickhouseUrl: givenClickHouseUrl,
      stop: () => Promise.resolve(),
    };
  }
  const [kafkaFree = 0, controllerFree = 0, clickHouseFree = 0] = await freePorts(3);
  const ports = { kafka: kafkaFree, kafkaController: controllerFree, clickhouse: clickHouseFree, ...options.ports };
  if (dockerAnswers()) {
    print('Test stack: containers (a Docker engine answers)');
    return await startDockerStack(ports.kafka);
  }
  print('Test stack: embedded Kafka and ClickHouse (no Docker engine answers)');
  await ensurePrerequisites(installedJars(repositoryRoot) === undefined ? [java, maven] : [java], print);
  const logs = path.join(options.stateDir, 'logs');
  const { libsDir } = await ensureJars(repositoryRoot);
  const starting = [
    startKafka({
      root: repositoryRoot,
      libsDir,
      homeDir: path.join(options.stateDir, 'kafka'),
      port: ports.kafka,
      controllerPort: ports.kafkaController,
      heapMib: kafkaHeapMib,
      logFile: path.join(logs, 'kafka.log'),
    }),
    startClickHouse({
      root: repositoryRoot,
      dataDir: path.join(options.stateDir, 'clickhouse'),
      port: ports.clickhouse,
      logFile: path.join(logs, 'clickhouse.log'),
    }),
  ] as const;
  const stopAll = async (): Promise<void> => {
    const started = await Promise.allSettled(starting);
    await Promise.all(started.flatMap((one) => (one.status === 'fulfilled' ? [one.value.stop()] : [])));
  };
  try {
    const [kafka, clickHouse] = await Promise.all(starting);
    return { kind: 'embedded', kafkaBrokers: kafka.brokers, clickhouseUrl: clickHouse.url, stop: stopAll };
  } catch (error) {
    await stopAll();
    throw error;
  }
};
