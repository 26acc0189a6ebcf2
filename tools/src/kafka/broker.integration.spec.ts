import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { afterAll, describe, expect, it } from '@jest/globals';
import kafkajs from 'kafkajs';

import { repositoryRoot } from '../config/settings.js';
import { ensureJars } from '../kafka/jars.js';
import { startKafka } from '../kafka/start.js';
import type { RunningKafka } from '../kafka/start.js';
import { isRunning, signalProcess, waitForExit } from '../process/identity.js';
import { freePorts } from '../process/ports.js';

describe('the embedded broker', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'earshot-kafka-'));
  let kafka: RunningKafka | undefined;

  afterAll(async () => {
    await kafka?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const highs = async (brokers: string): Promise<number> => {
    const client = new kafkajs.Kafka({ brokers: [brokers], logLevel: kafkajs.logLevel.NOTHING });
    const admin = client.admin();
    await admin.connect();
    const existing = await admin.listTopics();
    if (!existing.includes('kept')) await admin.createTopics({ topics: [{ topic: 'kept', numPartitions: 1 }] });
    const producer = client.producer({ allowAutoTopicCreation: false });
    await producer.connect();
    await producer.send({ topic: 'kept', acks: -1, messages: [{ value: Buffer.alloc(3 * 1024 * 1024) }] });
    await expect(producer.send({ topic: 'misspelt', messages: [{ value: 'x' }] })).rejects.toThrow();
    const [offsets] = await admin.fetchTopicOffsets('kept');
    await producer.disconnect();
    await admin.disconnect();
    return Number(offsets?.high);
  };

  it('keeps its records through a stop, and through kill -9 after the acknowledgement', async () => {
    const { libsDir } = await ensureJars(repositoryRoot);
    const [port = 0, controllerPort = 0] = await freePorts(2);
    const options = {
      root: repositoryRoot,
      libsDir,
      homeDir: folder,
      port,
      controllerPort,
      heapMib: 256,
      logFile: path.join(folder, 'kafka.log'),
    };
    kafka = await startKafka(options);
    expect(await highs(kafka.brokers)).toBe(1);
    await expect(startKafka(options)).rejects.toThrow('EARSHOT_KAFKA_PORT');
    await kafka.stop();
    expect(isRunning(kafka.identity)).toBe(false);
    kafka = await startKafka(options);
    expect(await highs(kafka.brokers)).toBe(2);
    signalProcess(kafka.identity, 'SIGKILL');
    await waitForExit(kafka.identity, 5000);
    kafka = await startKafka(options);
    expect(await highs(kafka.brokers)).toBe(3);
  }, 240_000);
});
