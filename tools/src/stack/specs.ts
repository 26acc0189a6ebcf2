import path from 'node:path';

import { clickHouseAnswers, nodeBinary, spawnClickHouse } from '../clickhouse/process.js';
import type { Settings } from '../config/settings.js';
import { brokerAnswers, spawnBroker } from '../kafka/broker.js';
import type { BrokerOptions } from '../kafka/broker.js';
import { spawnLogged } from '../process/spawn.js';
import { httpGet } from '../process/wait.js';
import type { ManagedSpec } from './managed-process.js';
import { environmentOf, inheritedEnv } from './services.js';
import type { Endpoints, ServiceSpec } from './services.js';

export const logFileOf = (settings: Settings, name: string): string =>
  path.join(settings.stateDir, 'logs', `${name}.log`);

export const brokerOptionsOf = (settings: Settings, libsDir: string): BrokerOptions => ({
  root: settings.root,
  libsDir,
  homeDir: path.join(settings.stateDir, 'kafka'),
  port: settings.ports.kafka,
  controllerPort: settings.ports.kafkaController,
  heapMib: settings.kafkaHeapMib,
  logFile: logFileOf(settings, 'kafka'),
});

const always = (): Promise<boolean> => Promise.resolve(true);

export const kafkaSpec = (broker: BrokerOptions, brokers: string): ManagedSpec => ({
  name: 'kafka',
  kind: 'broker',
  spawn: () => spawnBroker(broker),
  isReady: () => brokerAnswers(brokers),
  isLive: always,
  checkEveryMs: 5000,
  healthUrl: null,
  logFile: broker.logFile,
  stopGraceMs: 3000,
});

export const clickHouseSpec = (settings: Settings, url: string): ManagedSpec => ({
  name: 'clickhouse',
  kind: 'engine',
  spawn: () =>
    spawnClickHouse({
      root: settings.root,
      dataDir: path.join(settings.stateDir, 'clickhouse'),
      port: settings.ports.clickhouse,
      logFile: logFileOf(settings, 'clickhouse'),
      env: settings.env,
    }),
  isReady: () => clickHouseAnswers(url),
  isLive: () => clickHouseAnswers(url),
  checkEveryMs: 3000,
  healthUrl: null,
  logFile: logFileOf(settings, 'clickhouse'),
  stopGraceMs: 3000,
});

export const serviceSpec = (
  service: ServiceSpec,
  index: number,
  settings: Settings,
  endpoints: Endpoints,
): ManagedSpec => {
  const healthUrl = `http://127.0.0.1:${settings.ports.healthBase + index}`;
  const logFile = logFileOf(settings, service.name);
  return {
    name: service.name,
    kind: 'service',
    spawn: () =>
      spawnLogged({
        command: nodeBinary(settings.root),
        args: ['--enable-source-maps', service.entry],
        cwd: settings.root,
        env: environmentOf(service, index, settings, endpoints),
        logFile,
      }),
    isReady: async () => (await httpGet(`${healthUrl}/health/ready`, 2000))?.status === 200,
    isLive: async () => (await httpGet(`${healthUrl}/health/live`, 5000))?.status === 200,
    checkEveryMs: 2000,
    healthUrl,
    logFile,
    stopGraceMs: 6000,
  };
};

export const simulatorSpec = (settings: Settings, sensors: number): ManagedSpec => ({
  name: 'simulator',
  kind: 'simulator',
  spawn: () =>
    spawnLogged({
      command: nodeBinary(settings.root),
      args: [
        'tools/dist/cli/main.js',
        'simulate',
        ...['--sensors', String(sensors), '--prefix', 'demo', '--source', 'auto'],
      ],
      cwd: settings.root,
      env: { ...inheritedEnv(settings.env), EARSHOT_STATE_DIR: settings.stateDir },
      logFile: logFileOf(settings, 'simulator'),
    }),
  isReady: always,
  isLive: always,
  checkEveryMs: 2000,
  healthUrl: null,
  logFile: logFileOf(settings, 'simulator'),
  stopGraceMs: 3000,
});
