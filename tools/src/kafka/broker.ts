import { execFile } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

import { Kafka, logLevel } from 'kafkajs';

import { spawnLogged } from '../process/spawn.js';
import { UserError } from '../process/wait.js';
import { serverProperties } from './properties.js';

export interface BrokerOptions {
  root: string;
  libsDir: string;
  /** Holds data/ and server.properties. */
  homeDir: string;
  port: number;
  controllerPort: number;
  heapMib: number;
  logFile: string;
}

const run = promisify(execFile);

/** A cluster id as Kafka makes them: 16 random bytes, base64url, not starting with a dash. */
export const randomClusterId = (): string => {
  for (;;) {
    const id = randomBytes(16).toString('base64url');
    if (!id.startsWith('-')) return id;
  }
};

/** Writes server.properties and, the first time, formats the storage. Data of an earlier run is kept. */
export const prepareBroker = async (options: BrokerOptions): Promise<void> => {
  const dataDir = path.join(options.homeDir, 'data');
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(propertiesFile(options), serverProperties({ ...options, dataDir }));
  if (existsSync(path.join(dataDir, 'meta.properties'))) return;
  const format = ['format', '--ignore-formatted', '-t', randomClusterId(), '-c', propertiesFile(options)];
  try {
    await run('java', [...javaOptions(options, 128), 'kafka.tools.StorageTool', ...format]);
  } catch (error) {
    const output = error instanceof Error && 'stdout' in error ? String(error.stdout) : '';
    throw new UserError(`Kafka's storage in ${dataDir} could not be formatted: ${String(error)}\n${output}`);
  }
};

/** Starts the broker process; it has its data and port until it is ended with SIGTERM. */
export const spawnBroker = (options: BrokerOptions): ChildProcess =>
  spawnLogged({
    command: 'java',
    args: [...javaOptions(options, options.heapMib), 'kafka.Kafka', propertiesFile(options)],
    cwd: options.homeDir,
    env: process.env,
    logFile: options.logFile,
  });

/** True when the broker answers and knows itself as a member of its cluster. */
export const brokerAnswers = async (brokers: string): Promise<boolean> => {
  const kafka = new Kafka({
    clientId: 'earshot-tools',
    brokers: brokers.split(','),
    connectionTimeout: 1500,
    requestTimeout: 3000,
    retry: { retries: 0 },
    logLevel: logLevel.NOTHING,
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    return (await admin.describeCluster()).brokers.length > 0;
  } catch {
    return false;
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
};

const propertiesFile = (options: BrokerOptions): string => path.join(options.homeDir, 'server.properties');

const javaOptions = (options: BrokerOptions, heapMib: number): string[] => [
  `-Xmx${heapMib}m`,
  `-Xms${Math.min(heapMib, 256)}m`,
  // Measured: 6.4 s of CPU to start become 3.8 s, and 50 MB less; a small broker never earns the rest back.
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-XX:+ExitOnOutOfMemoryError',
  '-Djava.awt.headless=true',
  `-Dlog4j2.configurationFile=${path.join(options.root, 'tools/kafka/log4j2.xml')}`,
  ...(process.env['EARSHOT_KAFKA_JVM_OPTIONS']?.split(/\s+/).filter((option) => option !== '') ?? []),
  '-cp',
  path.join(options.libsDir, '*'),
];
