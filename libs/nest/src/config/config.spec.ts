import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { baseConfig, ConfigError, loadConfig } from './config.js';

describe('loadConfig', () => {
  it('has defaults for all but the health port', () => {
    expect(loadConfig(baseConfig, { HEALTH_PORT: '9100' })).toEqual({
      KAFKA_BROKERS: ['localhost:9092'],
      TOPIC_NAMESPACE: 'earshot',
      HEALTH_PORT: 9100,
      LOG_LEVEL: 'info',
    });
  });

  it('tells every mistake at once, with the value seen and what is allowed', () => {
    const load = (): unknown =>
      loadConfig(baseConfig, { KAFKA_BROKERS: 'nowhere', HEALTH_PORT: '99999', LOG_LEVEL: 'loud' });
    expect(load).toThrow(ConfigError);
    expect(load).toThrow(/KAFKA_BROKERS is "nowhere": expected host:port/);
    expect(load).toThrow(/HEALTH_PORT is "99999"/);
    expect(load).toThrow(/LOG_LEVEL is "loud"/);
  });

  it('never shows a secret', () => {
    const schema = z.object({ SMTP_PASSWORD: z.string().min(20) });
    expect(() => loadConfig(schema, { SMTP_PASSWORD: 'hunter2' })).toThrow(/SMTP_PASSWORD is set \(value hidden\)/);
    expect(() => loadConfig(schema, { SMTP_PASSWORD: 'hunter2' })).not.toThrow(/hunter2/);
  });
});
