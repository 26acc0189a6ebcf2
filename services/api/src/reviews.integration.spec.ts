import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { FleetServiceClient, Sensor, topicName, topics, type TopicId } from '@earshot/contracts';
import { parseAudacity, parseCsv, parseRaven } from '@earshot/core/reviews';
import { readTar } from '@earshot/platform/archive';
import { decodeAudio, decodeFlacFrame } from '@earshot/platform/audio';
import { callUnary, createGrpcClient } from '@earshot/platform/grpc';
import { createKafka, createProducer, ensureTopics, readToEnd, type RecordProducer } from '@earshot/platform/kafka';
import { SinkRunner } from '@earshot/platform/stage-runner';
import { createLogger, createRegistry } from '@earshot/platform/telemetry';
import kafkajs from 'kafkajs';
import type { z } from 'zod';

import { createFleet, type Fleet } from '../../fleet/src/pipeline.js';
import { Aggregator } from '../../sink/src/aggregates/aggregator.js';
import { createLedger } from '../../sink/src/calibrations/ledger.js';
import { createSink } from '../../sink/src/pipeline.js';
import { createSettingsTable } from '../../sink/src/registry/sensor-settings.js';
import { run as reviewsCommand } from '../../../tools/src/cli/reviews.js';
import { endpoints } from './endpoints.js';
import { createTestDatabase, type TestDatabase } from './testing/database.js';
import { ask, checked, type Answer } from './testing/http.js';
import { createRecords, eventId, eventually, goldenFlac, RATE, sampleAt } from './testing/review-chain.js';
import { startApi, testKeys, type RunningApi } from './testing/start-api.js';

/** A busy machine is slow. */
jest.setTimeout(420_000);

const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',');
const namespace = `t-reviews-${randomUUID().slice(0, 8)}`;
const logger = createLogger('reviews-test', 'error');
const kafka = createKafka({ brokers, clientId: 'reviews-test', logger });
/** The sensors' clocks are a day slow: sound is found by when it came, not by what they call it. */
const anchorUs = Math.floor(Date.now() / 1000) * 1e6 - 86_400e6 + 250_000;
const records = createRecords(namespace, anchorUs);
const iso = (seconds: number): string => new Date((anchorUs + seconds * 1e6) / 1000).toISOString();
const window = `from=${iso(-60)}&to=${iso(60)}`;

let database: TestDatabase;
let producer: RecordProducer;
let fleet: Fleet;
let api: RunningApi;
const stopping: (() => Promise<void>)[] = [];

const startChain = async (): Promise<void> => {
  fleet = await createFleet(
    { kafka, producer: () => Promise.resolve(producer), logger, registry: createRegistry('fleet'), namespace },
    { grpcHost: '127.0.0.1', grpcPort: 0, silentAfterS: 3600, nowUs: () => Date.now() * 1000 },
  );
  for (const part of fleet.parts) await part.start();
  const registry = createRegistry('sink');
  const deps = { clickhouse: database.clickhouse, ready: Promise.resolve(), logger, registry };
  const aggregator = new Aggregator({ ...deps, settings: createSettingsTable(), staleScanHours: 48 });
  const { definition } = createSink({ ...deps, aggregator, ledger: createLedger(), namespace, lingerMs: 50 });
  const sink = new SinkRunner(definition, { kafka, producer, namespace, logger, registry });
  await sink.start();
  api = await startApi({
    clickhouse: database.clickhouse,
    peersUrl: `127.0.0.1:${fleet.grpcPort()}`,
    ingestionUrl: 'http://127.0.0.1:1',
    kafka,
    namespace,
  });
  stopping.push(
    () => sink.stop(),
    async () => {
      for (const part of [...fleet.parts].reverse()) await part.stop();
    },
    () => api.stop(),
  );
};

const withAdmin = async (work: (admin: kafkajs.Admin) => Promise<void>): Promise<void> => {
  const admin = new kafkajs.Kafka({ clientId: 'reviews-admin', brokers, logLevel: kafkajs.logLevel.NOTHING }).admin();
  await admin.connect();
  await work(admin);
  await admin.disconnect();
};

const register = async (sensorId: string): Promise<void> => {
  const client = createGrpcClient(FleetServiceClient, `127.0.0.1:${fleet.grpcPort()}`);
  const sensor = Sensor.fromPartial({ tenantId: 't1', sensorId });
  await callUnary(client, (one) => one.createSensor, { sensor, sensorKey: '' }, { deadlineMs: 120_000 });
  client.close();
};

const get = (where: string, key?: string): Promise<Answer> => ask(api.url, where, key === undefined ? {} : { key });
const eventPath = (sensorId: string, label: string): string =>
  `/v1/events/${encodeURIComponent(eventId(sensorId, label))}`;
const put = (sensorId: string, label: string, body: object): Promise<Answer> =>
  ask(api.url, `${eventPath(sensorId, label)}/review`, { method: 'PUT', body });
const said = async (sensorId: string, label: string, body: object) =>
  checked(endpoints.putReview.response, await put(sensorId, label, body));

const fileOf = async (where: string): Promise<{ readonly headers: Headers; readonly bytes: Uint8Array }> => {
  const response = await fetch(`${api.url}${where}`, { headers: { authorization: `Bearer ${testKeys.all}` } });
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (!response.ok) throw new Error(`${response.status} ${Buffer.from(bytes).toString()}`);
  return { headers: response.headers, bytes };
};
const samplesOf = async (wav: Uint8Array): Promise<Float32Array> => {
  const { channels, sampleRateHz } = await decodeAudio(wav);
  expect(sampleRateHz).toBe(RATE);
  return channels[0] ?? new Float32Array(0);
};
const exported = async (query: string): Promise<ReadonlyMap<string, Uint8Array>> => {
  const { bytes } = await fileOf(`/v1/reviews/export?${query}&${window}`);
  const files = new Map<string, Uint8Array>();
  // eslint-disable-next-line @typescript-eslint/require-await -- a stream of what is there
  const whole = async function* () {
    yield bytes;
  };
  for await (const file of readTar(whole(), 10_000_000)) files.set(file.path, file.bytes);
  return files;
};
const textOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('utf8');
const listed = async (query = ''): Promise<readonly z.infer<typeof endpoints.getReview.response>[]> =>
  checked(endpoints.listReviews.response, await get(`/v1/reviews?${window}${query}`)).items;
const reviewRecords = async (): Promise<number> => {
  let count = 0;
  await readToEnd(kafka, { topics: [topicName('reviews', namespace)], logger, onRecord: () => void (count += 1) });
  return count;
};

beforeAll(async () => {
  database = await createTestDatabase();
  await ensureTopics({ brokers, namespace, partitions: 3 });
  await withAdmin(async (admin) => {
    // A busy broker takes its time to lead what it has just made.
    for (const id of Object.keys(topics) as TopicId[]) {
      await eventually(
        `a leader of ${id}`,
        () => admin.fetchTopicOffsets(topicName(id, namespace)).catch(() => []),
        (offsets) => offsets.length === 3,
      );
    }
  });
  producer = await createProducer(kafka);
  await startChain();
  for (const sensorId of ['pcm', 'flac', 'edge', 'late']) await register(sensorId);
  const seconds = Array.from({ length: 20 }, (_, second) => second);
  await producer.send([
    // Second 5 is missing, and the sensor says so of second 6; others talk in between.
    ...seconds.flatMap((second) => {
      if (second === 5) return [];
      return second === 6 ? [records.gap('pcm', second)] : [records.pcm('pcm', second), records.pcm('other', second)];
    }),
    ...Array.from({ length: 60 }, (_, tenth) => records.flac('flac', tenth)),
    ...seconds.map((second) => records.pcm('late', second, 'audioBackfill')),
    ...['pcm', 'late'].flatMap((id) => seconds.map((second) => records.levels(id, second, RATE))),
    ...seconds.slice(0, 6).map((second) => records.levels('flac', second, RATE)),
    ...seconds.map((second) => records.levels('edge', second, 0)),
    records.event('pcm', 'dog', 3.5, 7.25, 0.9),
    records.event('pcm', 'siren', 8, 9.5, 0.55),
    records.event('pcm', 'rain', 15, 17, 0.7),
    records.event('flac', 'dog', 2, 3, 0.52),
    records.event('late', 'sneeze', 17, 17.5, 0.8),
  ]);
  await eventually(
    'five events',
    async () => checked(endpoints.listEvents.response, await get(`/v1/events?${window}`)).items.length,
    (count) => count === 5,
  );
  await eventually(
    'all levels',
    async () => (await database.clickhouse.query<{ n: string }>('SELECT count() AS n FROM levels_1s'))[0]?.n,
    (count) => count === '66',
  );
});

afterAll(async () => {
  for (const stop of stopping) await stop();
  await producer.close();
  await database.drop();
});

describe('the clip of an event', () => {
  it('is what the sensor sent, sample for sample, with context and zeros where nothing was heard', async () => {
    const { headers, bytes } = await fileOf(`${eventPath('pcm', 'dog')}/clip`);
    const samples = await samplesOf(bytes);
    expect(samples.length).toBe(7.75 * RATE);
    const firstIndex = 1.5 * RATE;
    const wrong = samples.findIndex((sample, i) => {
      const second = Math.floor((firstIndex + i) / RATE);
      return sample !== (second === 5 || second === 6 ? 0 : sampleAt(firstIndex + i));
    });
    expect(wrong).toBe(-1);
    expect(Object.fromEntries([...headers].filter(([name]) => name.startsWith('x-earshot')))).toEqual({
      'x-earshot-clip-from': iso(1.5),
      'x-earshot-clip-duration-s': '7.75',
      'x-earshot-clip-covered-s': '5.75',
      'x-earshot-clip-source': 'audio',
      'x-earshot-onset-s': '2',
      'x-earshot-offset-s': '5.75',
    });
    expect(headers.get('content-type')).toBe('audio/wav');
  });

  it('is decoded from FLAC, and has the context that is asked for', async () => {
    const { headers, bytes } = await fileOf(`${eventPath('flac', 'dog')}/clip?contextS=0.5`);
    const samples = await samplesOf(bytes);
    const tenth = decodeFlacFrame(goldenFlac()).channels[0] ?? new Float32Array(0);
    expect(samples.length).toBe(2 * RATE);
    expect(samples.findIndex((sample, i) => sample !== tenth[i % tenth.length])).toBe(-1);
    expect(headers.get('x-earshot-clip-covered-s')).toBe('2');
  });

  it('is nobody else’s, and of an event that is not there 404', async () => {
    expect((await get(`${eventPath('pcm', 'dog')}/clip`, testKeys.stranger)).status).toBe(404);
    expect((await get('/v1/events/none/clip')).status).toBe(404);
    expect(await get(`${eventPath('pcm', 'dog')}/clip?contextS=11`)).toMatchObject({ status: 400 });
  });
});

describe('reviews', () => {
  it('are kept with their clip, once however often they are said', async () => {
    const first = await said('pcm', 'dog', { verdict: 'right', note: 'two barks' });
    expect(first).toMatchObject({
      ...{ eventId: eventId('pcm', 'dog'), sensorId: 'pcm', verdict: 'right', label: 'dog', version: 1 },
      ...{ reviewer: 'all', note: 'two barks', onset: iso(3.5), offset: iso(7.25), clipMissing: null },
      event: { label: 'dog', confidence: expect.closeTo(0.9, 6), modelId: 'm', modelVersion: '1' },
      clip: { from: iso(1.5), durationS: 7.75, sampleRateHz: RATE, coveredS: 5.75 },
    });
    expect(await said('pcm', 'dog', { verdict: 'right', note: 'two barks' })).toEqual(first);
    expect(await reviewRecords()).toBe(1);
    const { clipMissing: _, ...stored } = first;
    expect(checked(endpoints.getReview.response, await get(`${eventPath('pcm', 'dog')}/review`))).toEqual(stored);
    await eventually(
      'the review in the list',
      () => listed(),
      (items) => items.length === 1,
    );
    expect(await listed()).toEqual([stored]);
    const kept = await fileOf(`${eventPath('pcm', 'dog')}/clip`);
    expect(kept.headers.get('x-earshot-clip-source')).toBe('kept');
    expect(kept.headers.get('x-earshot-onset-s')).toBe('2');
  });

  it('say what is wrong with them', async () => {
    const refused = async (body: object): Promise<string> => {
      const answer = await put('pcm', 'siren', body);
      expect(answer.status).toBe(400);
      return JSON.stringify(answer.body);
    };
    expect(await refused({ verdict: 'perhaps' })).toMatch(/verdict is .*perhaps/);
    expect(await refused({ verdict: 'other_label' })).toMatch(/what was it/);
    expect(await refused({ verdict: 'wrong', label: 'dog' })).toMatch(/goes with verdict other_label/);
    expect(await refused({ verdict: 'other_label', label: 'none' })).toMatch(/verdict wrong/);
    expect(await refused({ verdict: 'other_label', label: 'siren' })).toMatch(/then the verdict is right/);
    expect(await refused({ verdict: 'right', onset: iso(10) })).toMatch(/more than 0/);
    expect((await put('pcm', 'none', { verdict: 'right' })).status).toBe(404);
    const reader = await ask(api.url, `${eventPath('pcm', 'siren')}/review`, {
      ...{ method: 'PUT', key: testKeys.reader, body: { verdict: 'right' } },
    });
    expect(reader.status).toBe(403);
  });

  it('of other verdicts, of what was missed, and corrected times are told apart in lists', async () => {
    await said('pcm', 'siren', { verdict: 'wrong', reviewer: 'ada' });
    await said('flac', 'dog', { verdict: 'other_label', label: 'rooster', onset: iso(2.25), offset: iso(2.75) });
    const missed = await ask(api.url, '/v1/reviews', {
      method: 'POST',
      body: { sensorId: 'pcm', label: 'dog', onset: iso(10), offset: iso(10.5) },
    });
    expect(missed.status).toBe(201);
    expect(checked(endpoints.addMissed.response, missed)).toMatchObject({
      ...{ verdict: 'missed', label: 'dog', event: null, clipMissing: null, onset: iso(10), offset: iso(10.5) },
      clip: { durationS: 4.5, coveredS: 4.5 },
    });
    await eventually(
      'four reviews',
      () => listed(),
      (items) => items.length === 4,
    );
    expect((await listed('&verdict=wrong')).map(({ reviewer, label }) => [reviewer, label])).toEqual([['ada', null]]);
    expect((await listed('&label=rooster')).map(({ onset, event }) => [onset, event?.onset])).toEqual([
      [iso(2.25), iso(2)],
    ]);
    expect((await listed('&sensorId=pcm')).length).toBe(3);
    const events = checked(endpoints.listEvents.response, await get(`/v1/events?${window}&order=asc`)).items;
    expect(events.map(({ label, review }) => [label, review?.verdict ?? null])).toEqual([
      ['dog', 'other_label'],
      ['dog', 'right'],
      ['siren', 'wrong'],
      ['rain', null],
      ['sneeze', null],
    ]);
    for (const [reviewed, count] of [
      ['true', 3],
      ['false', 2],
    ] as const) {
      const answer = await get(`/v1/events?${window}&reviewed=${reviewed}`);
      expect(checked(endpoints.listEvents.response, answer).items.length).toBe(count);
    }
  });

  it('are counted per label', async () => {
    const { labels } = checked(endpoints.reviewSummary.response, await get(`/v1/reviews/summary?${window}`));
    expect(labels).toEqual([
      expect.objectContaining({ label: 'dog', right: 1, wrong: 0, otherLabel: 1, missed: 1, precision: 0.5 }),
      expect.objectContaining({ label: 'siren', right: 0, wrong: 1, otherLabel: 0, missed: 0, precision: 0 }),
    ]);
  });

  it('leave in the queue what nobody judged', async () => {
    const queue = checked(endpoints.reviewQueue.response, await get(`/v1/reviews/queue?${window}&sensorId=pcm`));
    expect(queue.unreviewed).toBe(1);
    expect(queue.items).toEqual([
      expect.objectContaining({
        threshold: 0.5,
        need: expect.closeTo(1, 9),
        novelty: 1,
        uncertainty: expect.closeTo(0.6, 5),
      }),
    ]);
    expect(queue.items[0]?.event).toMatchObject({ label: 'rain' });
  });

  it('of a sensor that sends levels only have no clip, and say why', async () => {
    const answer = await ask(api.url, '/v1/reviews', {
      method: 'POST',
      body: { sensorId: 'edge', label: 'rain', onset: iso(3), offset: iso(5) },
    });
    const { eventId: id, clip, clipMissing } = checked(endpoints.addMissed.response, answer);
    expect([clip, clipMissing]).toEqual([null, expect.stringMatching(/edge sent levels only/)]);
    const asked = await eventually(
      'the review in the table',
      () => get(`/v1/events/${encodeURIComponent(id)}/clip`),
      ({ body }) => JSON.stringify(body).includes('levels only'),
    );
    expect(asked.status).toBe(404);
    const unknown = { sensorId: 'nobody', label: 'rain', onset: iso(3), offset: iso(5) };
    expect((await ask(api.url, '/v1/reviews', { method: 'POST', body: unknown })).status).toBe(404);
  });
});

describe('the export', () => {
  it('as Audacity labels and as Raven tables reads back to the same labels, with neighbours', async () => {
    const audacity = await exported('format=audacity&sensorId=pcm');
    const raven = await exported('format=raven&sensorId=pcm');
    const [dog] = [...audacity.keys()].filter((name) => name.endsWith('.txt')).sort();
    // The clip of the dog (1.5 to 9.25 s) holds the beginning of the siren that was none.
    const labels = [
      { startS: 2, endS: 5.75, label: 'dog', claimed: '' },
      { startS: 6.5, endS: 7.75, label: 'none', claimed: 'siren' },
    ];
    expect(parseAudacity(textOf(audacity.get(dog ?? '')))).toEqual(labels);
    expect(parseRaven(textOf(raven.get((dog ?? '').replace('.txt', '.selections.txt'))))).toEqual(labels);
    const wav = audacity.get((dog ?? '').replace('.txt', '.wav')) ?? new Uint8Array(0);
    expect((await samplesOf(wav))[0]).toBe(sampleAt(1.5 * RATE));
    expect(JSON.parse(textOf(audacity.get('export.json')))).toMatchObject({
      ...{ schema: 'earshot.review-export/1', format: 'audacity', reviews: 3, clips: 3 },
      ...{ labels: { dog: 2, none: 1 }, withoutClip: [] },
    });
  });

  it('as CSV has every review, with or without a clip', async () => {
    const files = await exported('format=csv');
    const rows = parseCsv(textOf(files.get('reviews.csv')));
    expect(rows.map((row) => [row['sensor_id'], row['verdict'], row['label'], row['claimed_label']])).toEqual([
      ['flac', 'other_label', 'rooster', 'dog'],
      ['edge', 'missed', 'rain', ''],
      ['pcm', 'right', 'dog', 'dog'],
      ['pcm', 'wrong', 'none', 'siren'],
      ['pcm', 'missed', 'dog', ''],
    ]);
    for (const { clip = '', clip_samples } of rows.filter((row) => row['clip'] !== '')) {
      expect((await samplesOf(files.get(clip) ?? new Uint8Array(0))).length).toBe(Number(clip_samples));
    }
    expect(rows.filter(({ clip }) => clip === '').map((row) => row['sensor_id'])).toEqual(['edge']);
    expect((await get(`/v1/reviews/export?format=xml&${window}`)).status).toBe(400);
  });

  it('by the command line is the same files and a summary in one line', async () => {
    const dir = await mkdtemp(path.join(os.tmpdir(), 'earshot-export-'));
    const lines: string[] = [];
    const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
    const status = await reviewsCommand([
      ...['export', '--format', 'csv', '--out', dir, '--label', 'dog', '--from', iso(-60), '--to', iso(60), '--json'],
      ...['--api-url', api.url, '--api-key', testKeys.all],
    ]);
    write.mockRestore();
    expect(status).toBe(0);
    expect(JSON.parse(lines.join(''))).toEqual({
      ...{ format: 'csv', dir, files: 5, reviews: 3, clips: 3, labels: { dog: 2, rooster: 1 }, withoutClip: 0 },
    });
    expect((await readdir(dir)).sort()).toEqual(['clips', 'export.json', 'reviews.csv']);
    expect(parseCsv(await readFile(path.join(dir, 'reviews.csv'), 'utf8')).length).toBe(3);
    await rm(dir, { recursive: true });
  });
});

describe('when the audio topic has forgotten', () => {
  beforeAll(async () => {
    const partitions = [0, 1, 2].map((partition) => ({ partition, offset: '-1' }));
    const topic = topicName('audio', namespace);
    await withAdmin(async (admin) => {
      // Makes the topic known to this client.
      await admin.fetchTopicOffsets(topic);
      await admin.deleteTopicRecords({ topic, partitions });
    });
  });

  it('the sound of a reviewed event is still there, that of another is gone and says so', async () => {
    const kept = await fileOf(`${eventPath('pcm', 'dog')}/clip`);
    expect((await samplesOf(kept.bytes)).length).toBe(7.75 * RATE);
    const gone = await eventually(
      'an answer of the broker',
      () => get(`${eventPath('pcm', 'rain')}/clip`),
      ({ status }) => status !== 503,
    );
    expect(gone).toMatchObject({
      status: 410,
      body: { error: { code: 'gone', message: expect.stringMatching(/no longer there/) } },
    });
  });

  it('a review is taken without a clip, and a changed one keeps the clip it had', async () => {
    const late = await said('pcm', 'rain', { verdict: 'right' });
    expect([late.clip, late.clipMissing]).toEqual([null, expect.stringMatching(/no longer there/)]);
    const changed = await said('pcm', 'dog', { verdict: 'wrong' });
    expect(changed).toMatchObject({ version: 2, label: null, clip: { durationS: 7.75 } });
  });

  it('a review that is taken back is gone with its clip, and can be said again', async () => {
    const remove = () => ask(api.url, `${eventPath('pcm', 'dog')}/review`, { method: 'DELETE' });
    expect((await remove()).status).toBe(204);
    expect((await remove()).status).toBe(404);
    expect((await get(`${eventPath('pcm', 'dog')}/review`)).status).toBe(404);
    await eventually(
      'the row to go',
      () => listed('&sensorId=pcm&label=dog'),
      (items) => items.length === 1,
    );
    expect((await get(`${eventPath('pcm', 'dog')}/clip`)).status).toBe(410);
    expect(await said('pcm', 'dog', { verdict: 'right' })).toMatchObject({ version: 4, clip: null });
    await eventually(
      'the row to come',
      () => listed('&sensorId=pcm&label=dog'),
      (items) => items.length === 2,
    );
  });

  it('what came through the slow lane is still there', async () => {
    const { headers, bytes } = await fileOf(`${eventPath('late', 'sneeze')}/clip`);
    expect((await samplesOf(bytes))[0]).toBe(sampleAt(15 * RATE));
    expect(headers.get('x-earshot-clip-covered-s')).toBe('4.5');
  });
});
