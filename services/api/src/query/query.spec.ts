import { describe, expect, it } from '@jest/globals';

import { endpoints } from '../endpoints.js';
import { ApiError } from '../http/errors.js';
import { parsePart } from '../http/parse.js';
import { decodeCursor, encodeCursor, fingerprintOf } from './cursor.js';
import { levelsRangeOf, listRangeOf } from './range.js';
import { isoOf, microsOf } from './time.js';

const HOUR = 3_600_000_000;
const now = Date.UTC(2026, 10, 22, 12) * 1000;

describe('times', () => {
  it('are read to the microsecond, with any offset', () => {
    const base = Date.UTC(2026, 10, 22, 10) * 1000;
    expect(microsOf('2026-11-22T10:00:00Z')).toBe(base);
    expect(microsOf('2026-11-22T11:00:00.123456+01:00')).toBe(base + 123_456);
    expect(microsOf('2026-11-22T10:00:00.1234567Z')).toBe(base + 123_456);
    expect(microsOf('2026-11-22t10:00:00z')).toBe(base);
  });

  it.each(['2026-11-22', '2026-11-22T10:00:00', '2026-02-30T00:00:00Z', '2026-13-01T00:00:00Z', '1700000000', ''])(
    'are not %j',
    (text) => expect(microsOf(text)).toBeUndefined(),
  );

  it('are shown in milliseconds, cut', () => {
    expect(isoOf(Date.UTC(2026, 0, 1) * 1000 + 1_999)).toBe('2026-01-01T00:00:00.001Z');
  });
});

describe('ranges', () => {
  it('default to the last hour in seconds', () => {
    expect(levelsRangeOf({}, now)).toEqual({ fromUs: now - HOUR, toUs: now, resolution: '1s' });
  });

  it.each([
    ['1s', 1],
    ['1m', 24],
    ['15m', 7 * 24],
    ['1h', 30 * 24],
    ['1d', 365 * 24],
  ] as const)('of %s default to %d hours', (resolution, hours) => {
    expect(levelsRangeOf({ resolution }, now).fromUs).toBe(now - hours * HOUR);
  });

  it.each([
    [1, '1s'],
    [1.01, '1m'],
    [24, '1m'],
    [25, '15m'],
    [14 * 24 + 1, '1h'],
    [60 * 24 + 1, '1d'],
  ])('of %d hours are shown by %s', (hours, resolution) => {
    expect(levelsRangeOf({ from: now - hours * HOUR }, now).resolution).toBe(resolution);
  });

  it('must not be empty', () => {
    expect(() => listRangeOf({ from: now, to: now }, now, 24)).toThrow(/expected from before to/);
  });
});

describe('cursors', () => {
  const cursor = { fromUs: 1, toUs: 2, timeUs: 3, key: 'b/ü"1' };

  it('come back as they were', () => {
    expect(decodeCursor(encodeCursor('abc', cursor), 'abc')).toMatchObject(cursor);
  });

  it('belong to their query, whatever its limit and page', () => {
    const query = { from: 1, label: 'dog', limit: 5, cursor: undefined };
    expect(fingerprintOf({ ...query, limit: 9, cursor: 'x' })).toBe(fingerprintOf(query));
    expect(fingerprintOf({ ...query, label: 'rain' })).not.toBe(fingerprintOf(query));
    expect(() => decodeCursor(encodeCursor('abc', cursor), 'abd')).toThrow(ApiError);
  });

  it.each(['', 'x', Buffer.from('[]').toString('base64url'), Buffer.from('["a",1,2,"3","k"]').toString('base64url')])(
    'are not %j',
    (text) => expect(() => decodeCursor(text, 'a')).toThrow(/not one that this API gave out/),
  );
});

describe('queries', () => {
  const parse = (query: Record<string, unknown>) => parsePart(endpoints.listEvents.query, query, 'query');

  it('have defaults', () => {
    expect(parse({})).toEqual({ limit: 100, order: 'desc' });
  });

  it('name every mistake at once', () => {
    expect(() => parse({ limit: '1.5', order: 'up', foo: '1' })).toThrow(
      /limit is "1.5".*order is "up".*unknown query parameter foo/,
    );
  });

  it('refuse a parameter that is given twice', () => {
    expect(() => parse({ label: ['dog', 'rain'] })).toThrow(/label is \["dog","rain"\]/);
  });

  it('give features for one sensor only', () => {
    const live = (query: Record<string, unknown>) => parsePart(endpoints.live.query, query, 'query');
    expect(() => live({ topics: 'levels,features' })).toThrow(/give sensorId too/);
    expect(live({ topics: 'levels,features', sensorId: 's' }).topics).toEqual(['levels', 'features']);
    expect(() => live({ topics: 'levels,noise' })).toThrow(/comma-separated list of levels/);
  });
});
