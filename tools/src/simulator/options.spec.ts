import { describe, expect, it } from '@jest/globals';
import { parseOptions, UsageError } from './options.js';

describe('simulate options', () => {
  it('have defaults', () => {
    expect(parseOptions([], {})).toMatchObject({
      sensors: 4,
      source: 'auto',
      rate: 1,
      protocol: 'mqtt',
      prefix: 'sim',
      json: false,
    });
    expect(parseOptions([], {})).not.toHaveProperty('durationS');
    expect(parseOptions(['--help'], {})).toBeNull();
  });

  it('are read from the command line before the environment', () => {
    const env = { EARSHOT_API_URL: 'http://env', EARSHOT_API_KEY: 'ek_env' };
    const options = parseOptions(
      ['--sensors', '12', '--api-url', 'http://cli', '--folds', '1,4', '--duration-s', '120'],
      env,
    );
    expect(options).toMatchObject({
      sensors: 12,
      apiUrl: 'http://cli',
      apiKey: 'ek_env',
      folds: [1, 4],
      durationS: 120,
    });
  });

  it.each([
    ['--sensors', '0'],
    ['--sensors', '1.5'],
    ['--sensors', ''],
    ['--rate', 'fast'],
    ['--protocol', 'coap'],
    ['--prefix', 'a/b'],
    ['--folds', 'one'],
    ['--duration-s', '-1'],
    ['--unknown', 'x'],
  ])('refuse %s %j', (name, value) => {
    expect(() => parseOptions([`${name}=${value}`], {})).toThrow(UsageError);
  });
});
