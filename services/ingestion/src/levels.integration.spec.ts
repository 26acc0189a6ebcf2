import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { dlqHeaders } from '@earshot/platform/stage-runner';
import { startHarness, TENANT, type Harness } from './test-support/harness.js';

jest.setTimeout(60_000);

const KEY = 'sk_test-key';
const T0 = Date.UTC(2026, 4, 1, 8);
let harness: Harness;

beforeAll(async () => {
  harness = await startHarness({ MAX_UPLOAD_BYTES: '20000', MAX_UPLOAD_SECONDS: '60' });
  for (const id of ['csv-1', 'csv-bad', 'csv-partly']) await harness.putSensor(id, KEY);
}, 120_000);

afterAll(() => harness.close(), 60_000);

const HEADER = 'sensor,epoch,date,laeq,leq,20,25,31.5,1000';
const row = (index: number): string => `urn:x,${T0 + 250 + 125 * index},d,60,66,10,20,30,50`;

const post = async (sensorId: string, lines: readonly string[], key = KEY) => {
  const response = await fetch(`${harness.httpUrl}/v1/sensors/${sensorId}/levels`, {
    method: 'POST',
    body: [...lines, ''].join('\n'),
    headers: { authorization: `Bearer ${key}`, 'earshot-tenant': TENANT, 'content-type': 'text/csv' },
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

describe('levels over HTTP', () => {
  it('answers once all seconds are in Kafka; the same file again is the same seconds', async () => {
    const lines = [HEADER, ...Array.from({ length: 20 }, (_, index) => row(index))];
    expect(await post('csv-1', lines)).toEqual({
      status: 202,
      body: {
        rows: 20,
        seconds: 3,
        from: '2026-05-01T08:00:00.250Z',
        to: '2026-05-01T08:00:02.750Z',
        rejectedRows: 0,
        rejected: [],
      },
    });
    await post('csv-1', lines);
    const seconds = await harness.levels('csv-1', 6);
    const identity = seconds.map((second) => [second.bootId, second.secondIndex, second.timeUs, second.durationMs]);
    expect(identity.slice(0, 3)).toEqual([
      ['levels-csv', T0 / 1000, (T0 + 250) * 1000, 750],
      ['levels-csv', T0 / 1000 + 1, (T0 + 1000) * 1000, 1000],
      ['levels-csv', T0 / 1000 + 2, (T0 + 2000) * 1000, 750],
    ]);
    expect(identity.slice(3)).toEqual(identity.slice(0, 3));
    expect(seconds[1]).toMatchObject({
      lceqDb: NaN,
      lafmaxDb: NaN,
      lcpeakDb: NaN,
      laf125msDb: [],
      fullScaleDb: 0,
      calibrationId: 'sensor',
      calibrationVersion: 0,
      flags: [],
    });
    expect(seconds[1]?.laeqDb).toBeCloseTo(60, 4);
    expect(seconds[1]?.lzeqDb).toBeCloseTo(66, 4);
    expect(seconds[1]?.laeq125msDb).toHaveLength(8);
    expect(seconds[1]?.thirdOctaveDb).toHaveLength(28);
    expect(seconds[1]?.thirdOctaveDb[0]).toBeCloseTo(20, 4);
    expect(seconds[1]?.thirdOctaveDb[16]).toBeCloseTo(50, 4);
    expect(seconds[1]?.thirdOctaveDb[2]).toBeNaN();
  });

  it('takes the good rows, names the bad ones and keeps them', async () => {
    const bad = row(2).replace('60', 'loud');
    expect(await post('csv-partly', [HEADER, row(0), row(1), bad, row(3)])).toMatchObject({
      status: 202,
      body: {
        rows: 3,
        seconds: 1,
        rejectedRows: 1,
        rejected: [{ line: 4, message: 'laeq is "loud"; -30 to 200 dB are allowed' }],
      },
    });
    expect((await harness.levels('csv-partly', 1))[0]?.durationMs).toBe(375);
    const [letter] = await harness.deadLetters('csv-partly', 1);
    expect(Buffer.from(letter?.value ?? []).toString('utf8')).toBe(`${HEADER}\n${bad}\n`);
    expect(letter?.topic).toMatch(/levels\.v1\.dlq$/);
    expect(letter?.headers).toMatchObject({
      [dlqHeaders.reason]: 'invalid',
      [dlqHeaders.cause]: expect.stringContaining('line 4'),
      'earshot-dlq-content': 'text/csv',
    });
  });

  it('refuses what has no usable row, is too large or comes from somebody else', async () => {
    const error = (code: string) => ({ error: { code } });
    expect(await post('csv-bad', ['{"laeq":60}'])).toMatchObject({ status: 422, body: error('bad_levels') });
    expect(await post('csv-bad', [HEADER])).toMatchObject({ status: 422, body: error('bad_levels') });
    expect(await post('csv-bad', [HEADER, 'x'])).toMatchObject({
      status: 422,
      body: { error: { code: 'bad_levels', message: expect.stringContaining('line 2: 1 cells; 9 are needed') } },
    });
    expect(await post('csv-bad', [HEADER, ...Array.from({ length: 490 }, () => 'x')])).toMatchObject({
      status: 413,
      body: { error: { code: 'oversize', message: expect.stringContaining('480 rows') } },
    });
    expect(await post('csv-bad', [HEADER, 'x'.repeat(20_000)])).toMatchObject({ status: 413, body: error('oversize') });
    expect(await post('csv-bad', [HEADER, row(0)], 'sk_other')).toMatchObject({
      status: 401,
      body: error('wrong_key'),
    });
    expect(await post('nobody', [HEADER, row(0)])).toMatchObject({ status: 404, body: error('unknown_sensor') });
    expect(await harness.deadLetters('csv-bad', 3)).toHaveLength(3);
  });
});
