import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  Alert,
  AlertState,
  Anomaly,
  AnomalyState,
  Classification,
  EventPhase,
  LogMelFrame,
  SoundEvent,
  SoundLevels,
  topicName,
  type TopicId,
} from '@earshot/contracts';
import { createKafka, createProducer, ensureTopics, type RecordProducer } from '@earshot/platform/kafka';
import { createLogger } from '@earshot/platform/telemetry';

import { alert, anomaly, classification, liveLevel, snapshot, soundEvent } from '../schemas/sound.js';
import { sensor } from '../schemas/registry.js';
import { createTestDatabase, type TestDatabase } from '../testing/database.js';
import { ask, checked } from '../testing/http.js';
import { startPeers, type Peers } from '../testing/peers.js';
import { eventRow, secondRow } from '../testing/rows.js';
import { startApi, testKeys, type RunningApi } from '../testing/start-api.js';

/** A busy machine is slow to start an engine's first statement. */
jest.setTimeout(120_000);

const namespace = `t-api-${randomUUID().slice(0, 8)}`;
const nowUs = Math.floor(Date.now() / 1000) * 1_000_000;

let database: TestDatabase;
let peers: Peers;
let api: RunningApi;
let producer: RecordProducer;

interface Message {
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** The messages of a feed until `done` says that it has what it waits for. */
const listen = async (
  query: string,
  done: (messages: readonly Message[]) => boolean,
  onReady?: () => Promise<void>,
): Promise<readonly Message[]> => {
  const ended = new AbortController();
  const response = await fetch(`${api.url}/v1/live${query}`, {
    headers: { authorization: `Bearer ${testKeys.reader}` },
    signal: ended.signal,
  });
  if (response.body === null || response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  const messages: Message[] = [];
  let text = '';
  let told = false;
  for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
    text += piece;
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const found = /^event: (.+)\ndata: (.+)$/.exec(block);
      if (found === null) continue;
      messages.push({ event: found[1] ?? '', data: JSON.parse(found[2] ?? '') as Record<string, unknown> });
    }
    if (!told && messages.length > 0) {
      told = true;
      await onReady?.();
    }
    if (done(messages)) break;
  }
  ended.abort();
  return messages;
};

const has =
  (...events: readonly string[]) =>
  (messages: readonly Message[]) =>
    events.every((event) => messages.some((message) => message.event === event));

const send = (topic: TopicId, key: string, value: Uint8Array): Promise<void> =>
  producer.send([{ topic: topicName(topic, namespace), key, value }]);

const common = { tenantId: 't1', sensorId: 's1', bootId: 'b1' };
const levels = (changes: Partial<SoundLevels> = {}): Uint8Array =>
  SoundLevels.encode(
    SoundLevels.fromPartial({
      ...common,
      timeUs: nowUs,
      durationMs: 1000,
      laeqDb: -30.25,
      lcpeakDb: Number.NaN,
      laf125msDb: [-30, -31],
      thirdOctaveDb: [-50],
      ...changes,
    }),
  ).finish();
const event = (changes: Partial<SoundEvent> = {}): Uint8Array =>
  SoundEvent.encode(
    SoundEvent.fromPartial({
      ...common,
      id: 'e-live',
      phase: EventPhase.EVENT_PHASE_OPEN,
      label: 'dog',
      onsetUs: nowUs,
      offsetUs: nowUs + 500_000,
      ...changes,
    }),
  ).finish();

const sendAll = async (): Promise<void> => {
  await send('levels', 't1/s1', levels());
  await send('levels', 't2/s1', levels({ tenantId: 't2', laeqDb: -1 }));
  await send(
    'classifications',
    't1/s1',
    Classification.encode(
      Classification.fromPartial({
        ...common,
        id: 'c',
        timeUs: nowUs,
        windowMs: 2000,
        classes: [
          { label: 'rain', probability: 0.25 },
          { label: 'dog', probability: 0.75 },
        ],
      }),
    ).finish(),
  );
  await send('events', 't1/s1', event());
  await send(
    'anomalies',
    't1/s1',
    Anomaly.encode(
      Anomaly.fromPartial({
        ...common,
        id: 'a',
        timeUs: nowUs,
        durationMs: 1000,
        score: 1,
        threshold: 2,
        state: AnomalyState.ANOMALY_STATE_NORMAL,
      }),
    ).finish(),
  );
  await send(
    'alerts',
    't1/al',
    Alert.encode(
      Alert.fromPartial({
        id: 'al',
        tenantId: 't1',
        sensorId: 's1',
        state: AlertState.ALERT_STATE_RAISED,
        raisedUs: nowUs,
        severity: 'info',
      }),
    ).finish(),
  );
  await send(
    'features',
    't1/s1',
    LogMelFrame.encode(
      LogMelFrame.fromPartial({
        ...common,
        timeUs: nowUs,
        frontEndId: 'logmel-16k-64-v1',
        frameCount: 2,
        melBands: 64,
        logMel: Buffer.alloc(128, 9),
      }),
    ).finish(),
  );
};

beforeAll(async () => {
  const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',');
  const logger = createLogger('api-test', 'error');
  database = await createTestDatabase();
  peers = await startPeers(nowUs);
  const kafka = createKafka({ brokers, clientId: 'api-test', logger });
  await ensureTopics({ brokers, namespace, partitions: 3 });
  producer = await createProducer(kafka);
  api = await startApi({
    clickhouse: database.clickhouse,
    peersUrl: peers.url,
    ingestionUrl: 'http://127.0.0.1:1',
    kafka,
    namespace,
  });
  await api.hub.start();
  await ask(api.url, '/v1/sensors', { method: 'POST', body: { id: 's1' } });
});

afterAll(async () => {
  await api.stop();
  await producer.close();
  await peers.stop();
  await database.drop();
});

describe('live feed', () => {
  it('tells the tenant everything that happens, in the documented form, and nothing of others', async () => {
    // The tail begins at the end: sending goes on until it is there.
    let timer: NodeJS.Timeout | undefined;
    const wanted = ['ready', 'sensor', 'levels', 'classification', 'event', 'anomaly', 'alert'];
    const messages = await listen('', has(...wanted), async () => {
      await sendAll();
      timer = setInterval(() => void sendAll().catch(() => undefined), 1000);
    });
    clearInterval(timer);
    const dataOf = (name: string): readonly Record<string, unknown>[] =>
      messages.filter((message) => message.event === name).map((message) => message.data);
    expect(messages[0]?.event).toBe('ready');
    expect(sensor.parse(dataOf('sensor')[0])).toMatchObject({ id: 's1' });
    const items = dataOf('levels').flatMap((data) => liveLevel.array().parse(data['items']));
    expect(items[0]).toMatchObject({
      sensorId: 's1',
      laeqDb: -30.25,
      lcpeakDb: null,
      laf125msDb: [-30, -31],
      calibrationId: null,
    });
    expect(items.every((item) => item.laeqDb === -30.25 && item.thirdOctaveDb === undefined)).toBe(true);
    expect(classification.parse(dataOf('classification')[0])).toMatchObject({
      top: { label: 'dog', probability: 0.75 },
    });
    expect(soundEvent.parse(dataOf('event')[0])).toMatchObject({ id: 'e-live', phase: 'open', durationS: 0.5 });
    expect(anomaly.parse(dataOf('anomaly')[0])).toMatchObject({ state: 'normal' });
    expect(alert.parse(dataOf('alert')[0])).toMatchObject({ state: 'raised', resolvedAt: null });
    expect(dataOf('spectrogram')).toEqual([]);
  });

  it('gives the spectrogram and third octaves of one sensor', async () => {
    const messages = await listen('?sensorId=s1&topics=levels,features', has('spectrogram', 'levels'), sendAll);
    const picture = messages.find((message) => message.event === 'spectrogram')?.data;
    expect(picture).toMatchObject({
      sensorId: 's1',
      frameCount: 2,
      melBands: 64,
      hopMs: 20,
      frontEndId: 'logmel-16k-64-v1',
    });
    expect(Buffer.from(String(picture?.['dataBase64']), 'base64')).toEqual(Buffer.alloc(128, 9));
    const level = messages.find((message) => message.event === 'levels')?.data;
    expect(level?.['items']).toMatchObject([{ thirdOctaveDb: [-50] }]);
    expect(messages.some((message) => message.event === 'event')).toBe(false);
  });

  it('has a snapshot of what was stored before and what came since', async () => {
    await database.clickhouse.insert('levels_1s_rows', [secondRow(nowUs - 60_000_000, { sensor_id: 's2' })]);
    await database.clickhouse.insert('events_rows', [eventRow(nowUs - 60_000_000, { sensor_id: 's2', phase: 'open' })]);
    await send('events', 't1/s1', event({ phase: EventPhase.EVENT_PHASE_CLOSE, revision: 1 }));
    await listen(
      '?topics=events',
      (messages) => messages.some((message) => message.data['phase'] === 'close'),
      () => send('events', 't1/s1', event({ phase: EventPhase.EVENT_PHASE_CLOSE, revision: 1 })),
    );
    const seen = checked(snapshot, await ask(api.url, '/v1/live/snapshot'));
    expect(seen.sensors.map((one) => one.sensorId)).toEqual(['s1', 's2']);
    const [s1, s2] = seen.sensors;
    expect(s1).toMatchObject({
      level: { laeqDb: -30.25 },
      heard: { label: 'dog' },
      openEvents: [],
      openAlerts: [{ id: 'al' }],
    });
    expect(s2).toMatchObject({
      level: { laeqDb: 50.5, calibrationId: 'c1' },
      heard: null,
      openEvents: [{ phase: 'open' }],
    });
    expect(
      checked(snapshot, await ask(api.url, '/v1/live/snapshot', { key: testKeys.stranger })).sensors.map(
        (one) => one.level?.laeqDb,
      ),
    ).toEqual([-1]);
  });

  it('is refused when a key holds too many open, and free again when one is closed', async () => {
    const open = new AbortController();
    const streams = await Promise.all(
      [1, 2].map(() =>
        fetch(`${api.url}/v1/live`, { headers: { authorization: `Bearer ${testKeys.reader}` }, signal: open.signal }),
      ),
    );
    expect(streams.map((stream) => stream.status)).toEqual([200, 200]);
    expect((await ask(api.url, '/v1/live', { key: testKeys.reader })).status).toBe(429);
    open.abort();
    for (let attempt = 0; attempt < 100 && api.hub.countOf(() => true) > 0; attempt += 1)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await listen('', has('ready'))).toHaveLength(1);
  });
});
