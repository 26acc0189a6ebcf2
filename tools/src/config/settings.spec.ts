import { describe, expect, it } from '@jest/globals';

import { portTable, readSettings } from './settings.js';

describe('the settings', () => {
  it('have the public default ports', () => {
    const { ports } = readSettings({}, '/clone');
    expect(ports).toMatchObject({ api: 8080, clickhouse: 8123, kafka: 9092, mqtt: 1883, grpc: 50_051 });
    expect(new Set(Object.values(ports)).size).toBe(portTable.length);
  });

  it('take the state folder relative to the root, and an empty variable for none', () => {
    expect(readSettings({ EARSHOT_STATE_DIR: 'x', KAFKA_BROKERS: '' }, '/clone')).toMatchObject({
      stateDir: '/clone/x',
    });
    expect(readSettings({ KAFKA_BROKERS: '' }, '/clone')).not.toHaveProperty('givenKafkaBrokers');
    expect(readSettings({ EARSHOT_STATE_DIR: '/data' }, '/clone').stateDir).toBe('/data');
  });

  it('tell every mistake at once, with what was given', () => {
    const wrong = { EARSHOT_API_PORT: '0', KAFKA_BROKERS: 'nowhere', CLICKHOUSE_URL: 'ftp://x' };
    for (const name of Object.keys(wrong)) expect(() => readSettings(wrong, '/clone')).toThrow(`${name}=`);
  });

  it('refuse the same port twice', () => {
    expect(() => readSettings({ EARSHOT_API_PORT: '9092' }, '/clone')).toThrow(
      'EARSHOT_KAFKA_PORT and EARSHOT_API_PORT are both 9092',
    );
  });
});
