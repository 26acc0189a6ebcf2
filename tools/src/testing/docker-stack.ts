import { spawnSync } from 'node:child_process';

import { clickHouseAnswers } from '../clickhouse/process.js';
import { brokerAnswers } from '../kafka/broker.js';
import { waitUntil } from '../process/wait.js';
import type { EmbeddedStack } from './embedded-stack.js';

const kafkaImage = 'apache/kafka:4.1.1';
const clickHouseImage = 'clickhouse/clickhouse-server:25.8';

/** True when a Docker engine answers within 3 s. */
export const dockerAnswers = (): boolean =>
  spawnSync('docker', ['info'], { stdio: 'ignore', timeout: 3000 }).status === 0;

/** Broker and engine in containers that end with `stop` (or with this process: Testcontainers' reaper sees to it). */
export const startDockerStack = async (kafkaPort: number): Promise<EmbeddedStack> => {
  const { GenericContainer, Wait } = await import('testcontainers');
  const kafka = await new GenericContainer(kafkaImage)
    .withExposedPorts({ container: 9092, host: kafkaPort })
    .withEnvironment({
      KAFKA_NODE_ID: '1',
      KAFKA_PROCESS_ROLES: 'broker,controller',
      KAFKA_LISTENERS: 'PLAINTEXT://:9092,CONTROLLER://:9093',
      KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://127.0.0.1:${kafkaPort}`,
      KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
      KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
      KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
      KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
      KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
      KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
      KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
      KAFKA_MESSAGE_MAX_BYTES: String(4 * 1024 * 1024),
    })
    .start();
  const clickHouse = await new GenericContainer(clickHouseImage)
    .withExposedPorts(8123)
    .withEnvironment({ CLICKHOUSE_SKIP_USER_SETUP: '1' })
    .withWaitStrategy(Wait.forHttp('/ping', 8123))
    .start();
  const kafkaBrokers = `127.0.0.1:${kafkaPort}`;
  const clickhouseUrl = `http://${clickHouse.getHost()}:${clickHouse.getMappedPort(8123)}`;
  const never = (): undefined => undefined;
  await waitUntil({
    what: 'Kafka in Docker',
    probe: () => brokerAnswers(kafkaBrokers),
    dead: never,
    timeoutMs: 60_000,
  });
  await waitUntil({
    what: 'ClickHouse in Docker',
    probe: () => clickHouseAnswers(clickhouseUrl),
    dead: never,
    timeoutMs: 60_000,
  });
  return {
    kind: 'docker',
    kafkaBrokers,
    clickhouseUrl,
    stop: async () => {
      await Promise.all([kafka.stop(), clickHouse.stop()]);
    },
  };
};
