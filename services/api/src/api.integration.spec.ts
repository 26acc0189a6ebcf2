import http from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createKafka } from '@earshot/platform/kafka';
import { createLogger } from '@earshot/platform/telemetry';

import { endpoints } from './endpoints.js';
import { sensor } from './schemas/registry.js';
import { createTestDatabase, type TestDatabase } from './testing/database.js';
import { ask, checked } from './testing/http.js';
import { startPeers, type Peers } from './testing/peers.js';
import { alertRow, anomalyRow, classificationRow, eventRow, hourRow, secondRow } from './testing/rows.js';
import { startApi, testKeys, type RunningApi } from './testing/start-api.js';

/** A busy machine is slow to start an engine's first statement. */
jest.setTimeout(60_000);

const startUs = Date.UTC(2026, 10, 20, 10) * 1000;
const SECOND = 1_000_000;
const HOUR = 3600 * SECOND;
const iso = (us: number): string => new Date(us / 1000).toISOString();
const code = (body: unknown): string => (body as { error: { code: string } }).error.code;
const message = (body: unknown): string => (body as { error: { message: string } }).error.message;

let database: TestDatabase;
let peers: Peers;
let api: RunningApi;
let ingestion: http.Server;
let received: { url: string; headers: http.IncomingHttpHeaders; bytes: number }[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  peers = await startPeers(startUs);
  ingestion = http.createServer((request, response) => {
    let bytes = 0;
    request.on('data', (piece: Buffer) => (bytes += piece.length));
    request.on('end', () => {
      received.push({ url: request.url ?? '', headers: request.headers, bytes });
      response
        .writeHead(202, { 'content-type': 'application/json', 'x-from': 'ingestion' })
        .end('{"acknowledged":true}');
    });
  });
  await new Promise<void>((resolve) => ingestion.listen(0, '127.0.0.1', resolve));
  const { port } = ingestion.address() as AddressInfo;
  api = await startApi({
    clickhouse: database.clickhouse,
    peersUrl: peers.url,
    ingestionUrl: `http://127.0.0.1:${port}`,
    kafka: createKafka({ brokers: ['127.0.0.1:1'], clientId: 'api-test', logger: createLogger('test', 'fatal') }),
    namespace: 't-api',
  });
  for (const id of ['s1', 's2']) await ask(api.url, '/v1/sensors', { method: 'POST', body: { id } });
});

afterAll(async () => {
  await api.stop();
  await peers.stop();
  ingestion.close();
  await database.drop();
});

describe('sensors', () => {
  it('are registered, read, changed, listed and retired', async () => {
    const body = {
      id: 'gate-1',
      name: 'Gate',
      placement: { site: 'Harbour', latitude: 53.5 },
      fullScaleDb: 120,
      timeZone: 'Europe/Berlin',
    };
    const made = await ask(api.url, '/v1/sensors', { method: 'POST', body });
    expect(made.status).toBe(201);
    const created = checked(endpoints.createSensor.response, made);
    expect(created).toMatchObject({
      sensor: { id: 'gate-1', name: 'Gate', fullScaleDb: 120, calibrated: true },
      sensorKey: 'sk_generated',
    });
    expect(created.sensor.placement).toEqual({ site: 'Harbour', description: '', latitude: 53.5, longitude: null });

    const again = await ask(api.url, '/v1/sensors', { method: 'POST', body });
    expect([again.status, code(again.body)]).toEqual([409, 'conflict']);

    const patched = checked(
      sensor,
      await ask(api.url, '/v1/sensors/gate-1', { method: 'PATCH', body: { fullScaleDb: null } }),
    );
    expect(patched).toMatchObject({ name: 'Gate', fullScaleDb: null });

    const rotated = await ask(api.url, '/v1/sensors/gate-1/rotate-key', { method: 'POST' });
    expect(rotated).toMatchObject({ status: 200, body: { sensorKey: 'sk_rotated' } });

    const retired = checked(sensor, await ask(api.url, '/v1/sensors/gate-1', { method: 'DELETE' }));
    expect(retired.state).toBe('retired');

    const listed = checked(endpoints.listSensors.response, await ask(api.url, '/v1/sensors'));
    expect(listed.items.map((one) => one.id)).toContain('gate-1');
  });

  it('of another tenant are not there', async () => {
    const seen = await ask(api.url, '/v1/sensors/s1', { key: testKeys.stranger });
    expect([seen.status, code(seen.body)]).toEqual([404, 'not_found']);
    const listed = checked(
      endpoints.listSensors.response,
      await ask(api.url, '/v1/sensors', { key: testKeys.stranger }),
    );
    expect(listed.items).toEqual([]);
  });

  it('send sound straight through to ingestion, whatever its size', async () => {
    received = [];
    const sound = Buffer.alloc(3_000_000, 7);
    const response = await fetch(`${api.url}/v1/sensors/s1/audio?channel=1`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk_sensor', 'earshot-tenant': 't1', 'content-type': 'audio/wav' },
      body: sound,
    });
    expect([response.status, response.headers.get('x-from'), await response.json()]).toEqual([
      202,
      'ingestion',
      { acknowledged: true },
    ]);
    expect(received).toMatchObject([
      {
        url: '/v1/sensors/s1/audio?channel=1',
        bytes: 3_000_000,
        headers: { authorization: 'Bearer sk_sensor', 'earshot-tenant': 't1', 'content-type': 'audio/wav' },
      },
    ]);
  });
});

describe('access', () => {
  it.each([
    ['no key', null, '/v1/sensors', 'GET', 401],
    ['an unknown key', 'ek_nobody', '/v1/sensors', 'GET', 401],
    ['a reader who writes', testKeys.reader, '/v1/sensors/s1', 'DELETE', 403],
    ['a reader who reads', testKeys.reader, '/v1/sensors/s1', 'GET', 200],
    ['nobody who reads the document', null, '/v1/openapi.json', 'GET', 200],
  ])('%s', async (_, key, path, method, status) => {
    expect((await ask(api.url, path, { key, method })).status).toBe(status);
  });

  it('says nothing about parameters to strangers', async () => {
    const answer = await ask(api.url, '/v1/events?limit=0', { key: null });
    expect(code(answer.body)).toBe('unauthorized');
  });
});

describe('levels', () => {
  beforeAll(async () => {
    const seconds = Array.from({ length: 25 }, (_, index) =>
      secondRow(startUs + index * SECOND + 123_456, { second_index: index }),
    );
    await database.clickhouse.insert('levels_1s_rows', seconds);
    // A replay of some of them, a second boot at the same time, another tenant.
    await database.clickhouse.insert('levels_1s_rows', seconds.slice(3, 9));
    await database.clickhouse.insert('levels_1s_rows', [
      secondRow(startUs + 123_456, { boot_id: 'b2', laeq_db: null }),
    ]);
    await database.clickhouse.insert('levels_1s_rows', [secondRow(startUs, { tenant_id: 't2' })]);
  });
  const range = `from=${iso(startUs)}&to=${iso(startUs + HOUR)}`;
  const read = async (query: string) =>
    checked(endpoints.listLevels.response, await ask(api.url, `/v1/sensors/s1/levels?${range}&${query}`));

  it('of 1 s hold exactly what was stored, in the documented form', async () => {
    const found = await read('resolution=1s&include=laf125ms,thirdOctave');
    expect(found.items).toHaveLength(26);
    expect(found.items[0]).toEqual({
      time: '2026-11-20T10:00:00.123Z',
      durationMs: 1000,
      laeqDb: 50.5,
      lceqDb: 55,
      lzeqDb: 56,
      lafmaxDb: 53,
      lafminDb: 48,
      lasmaxDb: 52,
      laimaxDb: null,
      lcpeakDb: null,
      dcDb: 12,
      flags: ['overload'],
      calibrationId: 'c1',
      fullScaleDb: 120,
      clippedShare: 0,
      bootId: 'b1',
      secondIndex: 0,
      receivedTime: '2026-11-20T10:00:00.223Z',
      laf125msDb: [50, 51, null],
      thirdOctaveDb: [40, null],
    });
    expect(found.items[1]).toMatchObject({ bootId: 'b2', laeqDb: null });
    expect(found).toMatchObject({ resolution: '1s', nextCursor: null });
  });

  it.each(['asc', 'desc'])('come page by page (%s), each row once, though rows arrive meanwhile', async (order) => {
    const seen: string[] = [];
    let cursor = '';
    for (let page = 0; ; page += 1) {
      const found = await read(`resolution=1s&limit=7&order=${order}${cursor}`);
      for (const item of found.items) if ('bootId' in item) seen.push(`${item.time} ${item.bootId}`);
      if (found.nextCursor === null) break;
      cursor = `&cursor=${found.nextCursor}`;
      await database.clickhouse.insert('levels_1s_rows', [
        secondRow(startUs + (order === 'asc' ? -1 : 30 + page) * SECOND, { boot_id: `late-${order}-${page}` }),
      ]);
    }
    const stored = seen.filter((one) => /b[12]$/.test(one));
    expect(stored).toHaveLength(26);
    expect(new Set(stored).size).toBe(26);
    expect(seen).toEqual(order === 'asc' ? seen.toSorted() : seen.toSorted().reverse());
  });

  it('of 1 h and 1 d are the windows in the range; a day is the energy mean of its hours', async () => {
    const day = Date.UTC(2026, 9, 1) * 1000;
    await database.clickhouse.insert('levels_1h_rows', [
      hourRow(day, { laeq_db: 60 }),
      hourRow(day + HOUR, { laeq_db: 70, covered_ms: 1_800_000, class_shares: {}, event_counts: { dog: 1, rain: 4 } }),
      // Re full scale: 120 dB below.
      hourRow(day + 2 * HOUR, {
        laeq_db: -60,
        lafmax_db: -40,
        calibration_id: '',
        full_scale_db: 0,
        calibration_version: 0,
      }),
      hourRow(day + 24 * HOUR),
    ]);
    const asked = `/v1/sensors/s1/levels?from=${iso(day)}&to=${iso(day + 24 * HOUR)}`;
    const hours = checked(endpoints.listLevels.response, await ask(api.url, `${asked}&resolution=1h`));
    expect(hours.items).toHaveLength(3);
    expect(hours.items[0]).toMatchObject({ la90Db: 55, classShares: { dog: 0.5 }, revision: '281474976710686' });
    const days = checked(endpoints.listLevels.response, await ask(api.url, `${asked}&resolution=1d`));
    expect(days.items).toHaveLength(1);
    const expected = 10 * Math.log10((3.6e6 * 1e6 + 1.8e6 * 1e7 + 3.6e6 * 1e6) / 9e6);
    const [item] = days.items;
    if (item === undefined || !('windowMs' in item)) throw new Error('no window');
    expect(item.laeqDb).toBeCloseTo(expected, 3);
    expect(item).toMatchObject({
      windowMs: 86_400_000,
      coveredMs: 9_000_000,
      la10Db: null,
      calibrationId: 'c1',
      eventCounts: { dog: 5, rain: 4 },
    });
    expect(item.lafmaxDb).toBeCloseTo(80, 3);
    expect(item.classShares['dog']).toBeCloseTo(0.4, 4);
  });

  it.each(['asc', 'desc'])('of 1 h come page by page (%s), from and to between windows', async (order) => {
    const day = Date.UTC(2026, 7, 1) * 1000;
    const rows = Array.from({ length: 5 }, (_, hour) => hourRow(day + hour * HOUR, { laeq_db: 60 + hour }));
    await database.clickhouse.insert('levels_1h_rows', rows);
    const asked = `/v1/sensors/s1/levels?from=${iso(day + SECOND)}&to=${iso(day + 4 * HOUR)}&resolution=1h&limit=2&order=${order}`;
    const first = checked(endpoints.listLevels.response, await ask(api.url, asked));
    const rest = checked(
      endpoints.listLevels.response,
      await ask(api.url, `${asked}&cursor=${first.nextCursor ?? ''}`),
    );
    const levels = [...first.items, ...rest.items].map(({ laeqDb }) => laeqDb);
    expect([levels, rest.nextCursor]).toEqual([order === 'asc' ? [61, 62, 63] : [63, 62, 61], null]);
  });

  it('of many sensors come as arrays on the grid of windows, sensor by sensor, of the tenant of the key', async () => {
    const day = Date.UTC(2026, 8, 1) * 1000;
    await database.clickhouse.insert('levels_1h_rows', [
      hourRow(day, { laeq_db: 60.126 }),
      hourRow(day + 2 * HOUR, { laeq_db: null, completeness: 0.5 }),
      hourRow(day + 3 * HOUR, { laeq_db: -60, calibration_id: '', full_scale_db: 0, calibration_version: 0 }),
      hourRow(day + HOUR, { sensor_id: 's2' }),
      hourRow(day + 4 * HOUR, { sensor_id: 's2' }),
      hourRow(day, { tenant_id: 't2' }),
    ]);
    // Computed again: the higher revision counts, once.
    await database.clickhouse.insert('levels_1h_rows', [
      hourRow(day + HOUR, { sensor_id: 's2', laeq_db: 71, revision: '281474976710687' }),
    ]);
    const asked = `/v1/levels?from=${iso(day - 60 * SECOND)}&to=${iso(day + 4 * HOUR)}&quantities=laeqDb,la90Db`;
    const series = async (query: string, key: string = testKeys.all) =>
      checked(endpoints.listLevelSeries.response, await ask(api.url, `${asked}${query}`, { key }));
    const all = await series('');
    expect(all).toEqual({
      ...{ resolution: '1h', from: iso(day - 60 * SECOND), to: iso(day + 4 * HOUR), start: iso(day) },
      ...{ windowMs: 3_600_000, windows: 4, quantities: ['laeqDb', 'la90Db'], nextCursor: null },
      items: [
        {
          sensorId: 's1',
          completeness: [1, 0, 0.5, 1],
          calibrations: [
            { fromIndex: 0, calibrationId: 'c1', fullScaleDb: 120 },
            { fromIndex: 3, calibrationId: null, fullScaleDb: null },
          ],
          laeqDb: [60.13, null, null, -60],
          la90Db: [55, null, 55, 55],
        },
        {
          sensorId: 's2',
          completeness: [0, 1, 0, 0],
          calibrations: [{ fromIndex: 1, calibrationId: 'c1', fullScaleDb: 120 }],
          laeqDb: [null, 71, null, null],
          la90Db: [null, 55, null, null],
        },
      ],
    });
    const first = await series('&limit=1');
    expect(first.items).toEqual(all.items.slice(0, 1));
    const second = await series(`&limit=1&cursor=${first.nextCursor ?? ''}`);
    expect([second.items, second.nextCursor]).toEqual([all.items.slice(1), null]);
    expect((await series('&sensorIds=s2')).items).toEqual(all.items.slice(1));
    expect((await series('', testKeys.stranger)).items).toMatchObject([
      { sensorId: 's1', laeqDb: [60, null, null, null] },
    ]);
  });

  it.each([
    ['sensorIds=nobody', 404, 'sensor nobody is not registered'],
    ['sensorIds=a,,b', 400, 'expected 1 to 500 sensor ids'],
    ['quantities=laeq', 400, 'expected a comma-separated list of laeqDb'],
    ['resolution=1s', 400, 'resolution is "1s"'],
    ['resolution=1m&from=2026-01-01T00:00:00Z&to=2026-06-01T00:00:00Z', 400, 'expected at most 110000'],
    ['from=1900-01-01T00:00:00Z&to=1900-01-02T00:00:00Z', 200, ''],
  ])('as series refuse %s with %i', async (query, status, why) => {
    const answer = await ask(api.url, `/v1/levels?${query}`);
    expect(answer.status).toBe(status);
    if (status !== 200) expect(message(answer.body)).toContain(why);
  });

  it('choose a resolution that fits the span when none is asked for', async () => {
    expect((await read('')).resolution).toBe('1s');
    const month = await ask(api.url, `/v1/sensors/s1/levels?from=${iso(startUs - 30 * 24 * HOUR)}&to=${iso(startUs)}`);
    expect(checked(endpoints.listLevels.response, month).resolution).toBe('1h');
  });

  it.each([
    ['resolution=2s', 'resolution is "2s"'],
    ['limit=0', 'limit is "0": expected a whole number from 1 to 10000'],
    ['limit=10001', 'limit is "10001"'],
    ['limit=many', 'limit is "many"'],
    ['from=yesterday', 'from is "yesterday": expected an RFC 3339 time'],
    ['from=2026-02-30T00:00:00Z', 'from is "2026-02-30T00:00:00Z"'],
    ['from=2026-11-22T10:00:00Z&to=2026-11-22T09:00:00Z', 'expected from before to'],
    ['cursor=nonsense', 'cursor is not one that this API gave out'],
    ['colour=red', 'unknown query parameter colour: known are from, to, resolution'],
    ['resolution=1m&include=laf125ms', 'include is for resolution 1s'],
    ['include=everything', 'include is "everything"'],
  ])('refuse %s and say why', async (query, why) => {
    const answer = await ask(api.url, `/v1/sensors/s1/levels?${query}`);
    expect([answer.status, code(answer.body)]).toEqual([400, 'bad_request']);
    expect(message(answer.body)).toContain(why);
  });

  it('refuse a cursor of another query, and a sensor that is not there', async () => {
    const { nextCursor } = await read('resolution=1s&limit=2');
    const other = await ask(api.url, `/v1/sensors/s2/levels?cursor=${nextCursor ?? ''}`);
    expect(message(other.body)).toContain('cursor belongs to another query');
    expect((await ask(api.url, '/v1/sensors/nobody/levels')).status).toBe(404);
  });
});

describe('what was heard', () => {
  const range = `from=${iso(startUs)}&to=${iso(startUs + HOUR)}`;
  beforeAll(async () => {
    await database.clickhouse.insert('classifications_rows', [
      classificationRow(startUs),
      classificationRow(startUs + SECOND, { probabilities: { dog: 0.25, rain: 0.5 } }),
      classificationRow(startUs + 2 * SECOND, { probabilities: {}, discontinuity: true }),
    ]);
    await database.clickhouse.insert('events_rows', [
      eventRow(startUs),
      eventRow(startUs + SECOND, { phase: 'open', label: 'rain', sensor_id: 's2' }),
      eventRow(startUs + SECOND, { tenant_id: 't2' }),
    ]);
    await database.clickhouse.insert('anomalies_rows', [
      anomalyRow(startUs),
      anomalyRow(startUs + SECOND, { state: 'learning', score: null, episode_onset: null, explanation: [] }),
    ]);
    await database.clickhouse.insert('alerts_rows', [
      alertRow(startUs),
      alertRow(startUs, {
        state: 'resolved',
        resolved_time: '2026-11-20 10:05:00.000000',
        revision: 1,
        row_version: '9',
      }),
      alertRow(startUs + SECOND, { rule_id: 'r2' }),
    ]);
  });

  it('by windows, filtered by a label that reaches a probability', async () => {
    const read = async (query: string) =>
      checked(
        endpoints.listClassifications.response,
        await ask(api.url, `/v1/sensors/s1/classifications?${range}${query}`),
      );
    const all = await read('');
    expect(all.items.map((item) => item.top?.label ?? null)).toEqual(['dog', 'rain', null]);
    expect(all.items[0]?.classes.map((one) => one.label)).toEqual(['dog', 'rain']);
    expect((await read('&label=dog')).items).toHaveLength(1);
    expect((await read('&label=dog&minProbability=0.2')).items).toHaveLength(2);
    expect((await ask(api.url, '/v1/sensors/s1/classifications?minProbability=0.2')).status).toBe(400);
  });

  it('by events, newest first, filtered by sensor, label and whether they are open', async () => {
    const read = async (query: string) => {
      const found = checked(endpoints.listEvents.response, await ask(api.url, `/v1/events?${range}${query}`));
      return found.items.map((item) => item.label);
    };
    expect(await read('')).toEqual(['rain', 'dog']);
    expect(await read('&order=asc')).toEqual(['dog', 'rain']);
    expect(await read('&sensorId=s1')).toEqual(['dog']);
    expect(await read('&label=rain&open=true')).toEqual(['rain']);
    expect(await read('&open=false')).toEqual(['dog']);
  });

  it('by anomalies and by alerts, each alert in its last state', async () => {
    const anomalies = checked(endpoints.listAnomalies.response, await ask(api.url, `/v1/anomalies?${range}`));
    expect(anomalies.items.map((item) => [item.state, item.score])).toEqual([
      ['learning', null],
      ['anomalous', 5],
    ]);
    const alerts = checked(endpoints.listAlerts.response, await ask(api.url, `/v1/alerts?${range}`));
    expect(alerts.items.map((item) => [item.ruleId, item.state, item.resolvedAt])).toEqual([
      ['r2', 'raised', null],
      ['r1', 'resolved', '2026-11-20T10:05:00.000Z'],
    ]);
    const raised = checked(
      endpoints.listAlerts.response,
      await ask(api.url, `/v1/alerts?${range}&state=raised&ruleId=r2`),
    );
    expect(raised.items).toHaveLength(1);
  });

  it('never by another tenant', async () => {
    const found = await ask(api.url, `/v1/events?${range}`, { key: testKeys.stranger });
    expect(checked(endpoints.listEvents.response, found).items).toHaveLength(1);
    const levels = await ask(api.url, `/v1/sensors/s1/levels?${range}`, { key: testKeys.stranger });
    expect(levels.status).toBe(404);
  });

  it('with text that would end a statement bound as text', async () => {
    const label = encodeURIComponent("dog' OR 1=1 --");
    const found = checked(endpoints.listEvents.response, await ask(api.url, `/v1/events?${range}&label=${label}`));
    expect(found.items).toEqual([]);
  });
});

describe('rules, models and clips', () => {
  it('rules are added, replaced and deleted', async () => {
    const body = {
      name: 'Night',
      condition: { kind: 'level', quantity: 'laeq', aboveDb: 55, forS: 10, resolveAfterS: 30 },
    };
    const made = await ask(api.url, '/v1/rules', { method: 'POST', body });
    expect(made.status).toBe(201);
    const rule = checked(endpoints.createRule.response, made);
    expect(rule).toMatchObject({ ...body, sensorIds: [], severity: 'warning', webhookUrl: null, enabled: true });
    const replaced = await ask(api.url, `/v1/rules/${rule.id}`, {
      method: 'PUT',
      body: {
        name: 'Bark',
        condition: { kind: 'event', label: 'dog', minConfidence: 0.5, minDurationS: 1 },
        enabled: false,
      },
    });
    expect(checked(endpoints.replaceRule.response, replaced)).toMatchObject({
      id: rule.id,
      name: 'Bark',
      enabled: false,
    });
    expect((await ask(api.url, `/v1/rules/${rule.id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await ask(api.url, `/v1/rules/${rule.id}`, { method: 'DELETE' })).status).toBe(404);
    expect((await ask(api.url, '/v1/rules')).body).toEqual({ items: [], nextCursor: null });
  });

  it('a wrong rule is refused with what is wrong', async () => {
    const body = {
      name: '',
      condition: { kind: 'level', quantity: 'loudness', aboveDb: 55, forS: 10, resolveAfterS: 30 },
      color: 1,
    };
    const answer = await ask(api.url, '/v1/rules', { method: 'POST', body });
    expect(answer.status).toBe(400);
    for (const part of ['name is ""', 'condition.quantity is "loudness"', 'unknown field color'])
      expect(message(answer.body)).toContain(part);
  });

  it('models are promoted, put into shadow and rolled back, in the name of the key', async () => {
    const promoted = await ask(api.url, '/v1/models/m/promote', {
      method: 'POST',
      body: { version: '2.0.0', keepInShadow: true, note: 'better' },
    });
    expect(checked(endpoints.promoteModel.response, promoted)).toMatchObject({
      ...{ revision: 2, action: 'promote 2.0.0 true', performedBy: 'all', note: 'better' },
      tasks: [{ task: 'audio-event-detection', live: { id: 'm', version: '2.0.0' }, shadow: [] }],
    });
    const plain = await ask(api.url, '/v1/models/m/promote', { method: 'POST', body: {} });
    expect(checked(endpoints.promoteModel.response, plain).action).toBe('promote  false');
    const shadowed = await ask(api.url, '/v1/models/m/shadow', { method: 'POST', body: {} });
    expect(checked(endpoints.shadowModel.response, shadowed).action).toBe('shadow true ');
    const taken = await ask(api.url, '/v1/models/m/shadow?version=1.0.0', { method: 'DELETE' });
    expect(checked(endpoints.unshadowModel.response, taken).action).toBe('shadow false 1.0.0');
    const back = await ask(api.url, '/v1/models/rollback', { method: 'POST', body: { task: 'audio-event-detection' } });
    expect(checked(endpoints.rollbackModel.response, back).action).toBe('rollback audio-event-detection');
  });

  it('changes of models are refused with why: unknown, nothing to go back to, somebody faster, no scope', async () => {
    const post = (path: string, body: object, key?: string) =>
      ask(api.url, path, { method: 'POST', body, ...(key === undefined ? {} : { key }) });
    expect((await post('/v1/models/other/promote', {})).status).toBe(404);
    expect((await post('/v1/models/rollback', { task: 'audio-classification' })).status).toBe(409);
    expect((await post('/v1/models/other/shadow', {})).status).toBe(409);
    expect((await post('/v1/models/m/promote', {}, testKeys.reader)).status).toBe(403);
    expect(message((await post('/v1/models/rollback', { task: 'music' })).body)).toContain('task is "music"');
    expect(checked(endpoints.listModelRoles.response, await ask(api.url, '/v1/models/roles')).items).toEqual([]);
  });

  it('a clip is classified; what is no clip is refused', async () => {
    const send = (content: Buffer | string, type: string, query = '') =>
      fetch(`${api.url}/v1/classify${query}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${testKeys.reader}`, 'content-type': type },
        body: content,
      });
    const clip = await send(Buffer.alloc(5_000_000), 'audio/wav', '?channel=1');
    expect(endpoints.classify.response.parse(await clip.json())).toMatchObject({
      durationS: 5_000_000,
      classes: [{ label: 'channel-1' }],
    });
    expect((await send('x', 'audio/wav')).status).toBe(400);
    expect((await send('{}', 'application/json')).status).toBe(415);
    expect((await send(Buffer.alloc(33 * 1024 * 1024), 'audio/wav')).status).toBe(413);
  });
});

describe('when something behind it is away', () => {
  it('answers 503 with what to do', async () => {
    const dead = await startApi({
      clickhouse: database.clickhouse,
      peersUrl: '127.0.0.1:1',
      ingestionUrl: 'http://127.0.0.1:1',
      kafka: createKafka({ brokers: ['127.0.0.1:1'], clientId: 'api-dead', logger: createLogger('test', 'fatal') }),
      namespace: 't-dead',
    });
    const sensors = await ask(dead.url, '/v1/sensors');
    expect([sensors.status, code(sensors.body), sensors.headers.get('retry-after')]).toEqual([503, 'unavailable', '2']);
    const audio = await ask(dead.url, '/v1/sensors/s1/audio', {
      method: 'POST',
      headers: { 'content-type': 'audio/wav' },
    });
    expect([audio.status, code(audio.body)]).toEqual([503, 'unavailable']);
    // Data needs only the store.
    expect((await ask(dead.url, '/v1/sensors/s1/levels')).status).toBe(200);
    await dead.stop();
  }, 30_000);

  it('limits how often a key may ask', async () => {
    const slow = await startApi({
      clickhouse: database.clickhouse,
      peersUrl: peers.url,
      ingestionUrl: 'http://127.0.0.1:1',
      kafka: createKafka({ brokers: ['127.0.0.1:1'], clientId: 'api-slow', logger: createLogger('test', 'fatal') }),
      namespace: 't-slow',
      ratePerS: 1,
    });
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(slow.url, '/v1/models')));
    expect(answers.map((answer) => answer.status)).toContain(429);
    expect(answers.find((answer) => answer.status === 429)?.headers.get('retry-after')).toBe('1');
    await slow.stop();
  });
});

describe('pages', () => {
  it('the console answers every path that is not a file or the API', async () => {
    for (const path of ['/', '/sensors/gate-1']) {
      const page = await ask(api.url, path, { key: null });
      expect([page.status, page.body]).toEqual([200, '<!doctype html><title>console</title>']);
      expect(page.headers.get('cache-control')).toBe('no-cache');
      expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
    }
    expect((await ask(api.url, '/missing.js', { key: null })).status).toBe(404);
    expect((await ask(api.url, '/../package.json', { key: null })).status).toBe(404);
    const unknown = await ask(api.url, '/v1/nothing');
    expect([unknown.status, code(unknown.body)]).toEqual([404, 'not_found']);
    expect((await ask(api.url, '/nothing', { method: 'POST', body: {} })).status).toBe(404);
  });
});
