import { describe, expect, it } from '@jest/globals';

import { readSettings } from '../config/settings.js';
import { javaMajor } from './prerequisites.js';
import { endpointsOf, environmentOf, services } from './services.js';

const env = {
  PATH: '/bin',
  HTTP_PORT: '1',
  AWS_SECRET: 'x',
  ANOMALY_DETECTION__WARMUP_S: '60',
  API__HEALTH_PORT: '1',
  API__LOG_LEVEL: 'debug',
};
const settings = readSettings({ ...env, EARSHOT_STATE_DIR: 'state' }, '/clone');
const environment = (name: string): NodeJS.ProcessEnv => {
  const index = services.findIndex((service) => service.name === name);
  const service = services[index];
  if (service === undefined) throw new Error(name);
  return environmentOf(service, index, settings, endpointsOf(settings));
};

describe('the environment of a service', () => {
  it('has what it needs, and of the caller’s only what is meant for it', () => {
    expect(environment('anomaly-detection')).toMatchObject({ PATH: '/bin', WARMUP_S: '60', HEALTH_PORT: '9104' });
    expect(environment('sink')).not.toHaveProperty('WARMUP_S');
    for (const { name } of services) expect(environment(name)).not.toHaveProperty('AWS_SECRET');
    expect(environment('sink')).not.toHaveProperty('HTTP_PORT');
  });

  it('can be changed by the caller, but not where health is asked', () => {
    expect(environment('api')).toMatchObject({ LOG_LEVEL: 'debug', HEALTH_PORT: '9108', HTTP_PORT: '8080' });
  });

  it('points the api at the others', () => {
    expect(environment('api')).toMatchObject({
      INGESTION_URL: 'http://localhost:8081',
      FLEET_GRPC_URL: '127.0.0.1:50052',
      API_KEYS_FILE: '/clone/state/api-keys.json',
      CLICKHOUSE_URL: 'http://127.0.0.1:8123',
    });
  });
});

describe('the Java version', () => {
  it('is read from what java prints', () => {
    expect(javaMajor('openjdk version "17.0.15" 2025-04-15')).toBe(17);
    expect(javaMajor('java version "1.8.0_292"')).toBe(8);
    expect(javaMajor('openjdk version "21" 2023-09-19')).toBe(21);
    expect(javaMajor('not found')).toBeUndefined();
  });
});
