import { once } from 'node:events';
import { connect as connectSocket } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ClockQuality, IngestError, IngestionServiceClient, SensorState } from '@earshot/contracts';
import { dlqHeaders } from '@earshot/platform/stage-runner';
import { encodeWav16 } from '@earshot/platform/audio';
import { credentials, Metadata, status } from '@grpc/grpc-js';
import { connectAsync, type MqttClient } from 'mqtt';
import { sha256Hex } from './access/sensors.js';
import { encodeFrame, sensorFrame } from './test-support/frames.js';
import { startHarness, TENANT, type Harness } from './test-support/harness.js';

// Unknown sensors and wrong keys are answered after the wait for news of them.
jest.setTimeout(60_000);

const KEY = 'sk_test-key';
const API_KEY = 'ek_test-api-key';
let folder: string;
let harness: Harness;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'earshot-ingestion-'));
  const apiKeysFile = path.join(folder, 'api-keys.json');
  const keys = [
    { id: 'ci', tenantId: TENANT, sha256: sha256Hex(API_KEY), scopes: ['ingest'] },
    { id: 'reader', tenantId: TENANT, sha256: sha256Hex('ek_reader'), scopes: ['read'] },
  ];
  await writeFile(apiKeysFile, JSON.stringify(keys));
  harness = await startHarness({ API_KEYS_FILE: apiKeysFile, MAX_UPLOAD_BYTES: '2000000' });
  for (const id of [
    'http-1',
    'http-2',
    'http-bad',
    'http-dated',
    'mqtt-1',
    'mqtt-bad',
    'grpc-1',
    'grpc-bad',
    'clockless',
    'rotated',
  ])
    await harness.putSensor(id, KEY);
  await harness.putSensor('gone', KEY, SensorState.SENSOR_STATE_RETIRED);
}, 120_000);

afterAll(async () => {
  await harness.close();
  await rm(folder, { recursive: true });
}, 60_000);

const wav = (seconds: number, rate = 8000): Uint8Array =>
  encodeWav16(
    Float32Array.from({ length: Math.round(seconds * rate) }, (_, i) => 0.25 * Math.sin(i / 5)),
    rate,
  );

const upload = async (
  sensorId: string,
  body: Uint8Array,
  headers: Record<string, string> = {},
  query = '',
): Promise<{ status: number; body: Record<string, unknown>; retryAfter: string | null }> => {
  const response = await fetch(`${harness.httpUrl}/v1/sensors/${sensorId}/audio${query}`, {
    method: 'POST',
    body: Buffer.from(body),
    headers: { authorization: `Bearer ${KEY}`, 'earshot-tenant': TENANT, 'content-type': 'audio/wav', ...headers },
  });
  return {
    status: response.status,
    body: (await response.json()) as Record<string, unknown>,
    retryAfter: response.headers.get('retry-after'),
  };
};

describe('HTTP', () => {
  it('takes a file and answers once all its frames are in Kafka', async () => {
    const answer = await upload('http-1', wav(3.5), {
      'earshot-start-time': '2026-05-01T08:00:00.25Z',
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect(answer).toMatchObject({ status: 202, body: { frames: 4, seconds: 3.5, firstSequence: 0 } });
    const frames = await harness.frames('http-1', 4);
    expect(frames.map((frame) => [frame.sequence, frame.firstSampleIndex, frame.sampleCount])).toEqual([
      [0, 0, 8000],
      [1, 8000, 8000],
      [2, 16000, 8000],
      [3, 24000, 4000],
    ]);
    expect(new Set(frames.map((frame) => frame.bootId))).toEqual(new Set([answer.body['bootId']]));
    expect(frames[0]?.anchorTimeUs).toBe(Date.UTC(2026, 4, 1, 8) * 1000 + 250_000);

    const again = await upload('http-1', wav(3.5), { 'earshot-start-time': '2026-05-01T10:00:00.250+02:00' });
    expect(again.body['bootId']).toBe(answer.body['bootId']);
  });

  it('continues a boot, and takes a tenant API key with the scope ingest', async () => {
    const headers = {
      authorization: `Bearer ${API_KEY}`,
      'earshot-boot-id': 'b7',
      'earshot-start-time': '2026-05-01T08:00:00Z',
    };
    expect(await upload('http-2', wav(2), headers)).toMatchObject({ status: 202, body: { bootId: 'b7', frames: 2 } });
    const next = { ...headers, 'earshot-first-sequence': '2', 'earshot-first-sample-index': '16000' };
    expect(await upload('http-2', wav(1), next)).toMatchObject({ status: 202, body: { firstSequence: 2 } });
    const frames = await harness.frames('http-2', 3);
    expect(frames.map((frame) => [frame.bootId, frame.sequence, frame.firstSampleIndex])).toEqual([
      ['b7', 0, 0],
      ['b7', 1, 8000],
      ['b7', 2, 16000],
    ]);
  });

  it('says who is not known', async () => {
    expect(await upload('nobody', wav(1))).toMatchObject({ status: 404, body: { error: { code: 'unknown_sensor' } } });
    expect(await upload('gone', wav(1))).toMatchObject({ status: 410, body: { error: { code: 'retired_sensor' } } });
    expect(await upload('http-1', wav(1), { authorization: 'Bearer sk_other' })).toMatchObject({
      status: 401,
      body: { error: { code: 'wrong_key' } },
    });
    expect(await upload('http-1', wav(1), { authorization: 'Bearer ek_reader' })).toMatchObject({
      status: 403,
      body: { error: { code: 'forbidden', message: expect.stringContaining('ingest') } },
    });
    const headers = { authorization: 'Bearer sk_no-such-key', 'content-type': 'audio/wav' };
    const answer = await fetch(`${harness.httpUrl}/v1/sensors/http-1/audio`, { method: 'POST', headers, body: wav(1) });
    expect([answer.status, await answer.json()]).toMatchObject([401, { error: { code: 'wrong_key' } }]);
  });

  it('says what is wrong with the sound, and keeps it', async () => {
    const noise = Buffer.from('ID3 is not what is wanted here');
    expect(await upload('http-bad', noise)).toMatchObject({
      status: 422,
      body: { error: { code: 'bad_audio', message: expect.stringContaining('MP3') } },
    });
    const [letter] = await harness.deadLetters('http-bad', 1);
    expect(Buffer.from(letter?.value ?? []).equals(noise)).toBe(true);
    expect(letter?.headers).toMatchObject({
      [dlqHeaders.reason]: 'undecodable',
      [dlqHeaders.stage]: 'ingestion',
      'earshot-dlq-protocol': 'http',
    });
    expect(await upload('http-bad', wav(1), {}, '?channel=1')).toMatchObject({ status: 422 });
    expect(await upload('http-bad', wav(1), { 'earshot-start-time': 'yesterday' })).toMatchObject({
      status: 400,
      body: { error: { code: 'bad_request', message: expect.stringContaining('Earshot-Start-Time') } },
    });
    expect(await upload('http-bad', wav(1), { 'earshot-start-time': '2999-01-01T00:00:00Z' })).toMatchObject({
      status: 422,
      body: { error: { message: expect.stringContaining('anchor time') } },
    });
    expect(harness.framesNow('http-bad')).toEqual([]);
  });

  it('refuses a body over the limit, also to who sends all of it before listening', async () => {
    expect(await upload('http-1', new Uint8Array(2_000_001))).toMatchObject({
      status: 413,
      body: { error: { code: 'oversize' } },
    });
    const { hostname, port } = new URL(harness.httpUrl);
    const socket = connectSocket(Number(port), hostname);
    const size = 6_000_000;
    socket.write(
      `POST /v1/sensors/http-1/audio HTTP/1.1\r\nHost: x\r\nEarshot-Tenant: ${TENANT}\r\nAuthorization: Bearer ${KEY}\r\nContent-Length: ${size}\r\n\r\n`,
    );
    for (let sent = 0; sent < size; sent += 500_000) {
      if (!socket.write(Buffer.alloc(500_000))) await once(socket, 'drain');
    }
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 413 [^]*"code":"oversize"/);
    socket.destroy();
  });

  it('dates a file without a start time so that it ends when it was received', async () => {
    const beforeUs = Date.now() * 1000;
    await upload('http-dated', wav(5));
    const frames = await harness.frames('http-dated', 5);
    const last = frames.at(-1);
    const endUs = (last?.anchorTimeUs ?? 0) + ((last?.firstSampleIndex ?? 0) + (last?.sampleCount ?? 0)) * 125;
    expect(endUs).toBeGreaterThanOrEqual(beforeUs - 5e6);
    expect(endUs).toBeLessThanOrEqual(Date.now() * 1000);
    expect(new Set(frames.map(({ anchorTimeUs }) => anchorTimeUs)).size).toBe(1);
  });
});

const connect = (sensorId: string, password = KEY): Promise<MqttClient> =>
  connectAsync(harness.mqttUrl, {
    username: `${TENANT}/${sensorId}`,
    password,
    reconnectPeriod: 0,
    protocolVersion: 4,
  });

const framesTopic = (sensorId: string): string => `earshot/${TENANT}/${sensorId}/frames`;

describe('MQTT', () => {
  it('acknowledges a frame once it is in Kafka', async () => {
    const client = await connect('mqtt-1');
    for (let sequence = 0; sequence < 20; sequence++)
      await client.publishAsync(framesTopic('mqtt-1'), encodeFrame(sensorFrame({ sequence })), { qos: 1 });
    const frames = await harness.frames('mqtt-1', 20);
    expect(frames.map((frame) => frame.sequence)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    await client.endAsync();
  });

  it('refuses a wrong key and an unknown sensor', async () => {
    await expect(connect('mqtt-1', 'sk_other')).rejects.toThrow(/bad username or password/i);
    await expect(connect('nobody')).rejects.toThrow(/bad username or password/i);
  });

  it('acknowledges a bad frame, keeps it and tells the sensor', async () => {
    const client = await connect('mqtt-bad');
    await client.subscribeAsync(`earshot/${TENANT}/mqtt-bad/errors`, { qos: 1 });
    const reports: unknown[] = [];
    const told = new Promise<void>((resolve) =>
      client.on('message', (_topic, payload) => {
        reports.push(JSON.parse(payload.toString()));
        if (reports.length === 3) resolve();
      }),
    );
    const bad = encodeFrame(sensorFrame({ sequence: 7, sampleCount: 7999 }));
    await client.publishAsync(framesTopic('mqtt-bad'), bad, { qos: 1 });
    await client.publishAsync(framesTopic('mqtt-bad'), Buffer.from('not protobuf'), { qos: 1 });
    await client.publishAsync(framesTopic('mqtt-bad'), Buffer.alloc(1_500_000), { qos: 1 });
    await told;
    expect(reports).toEqual([
      { code: 'bad_audio', message: expect.stringContaining('7999'), bootId: 'boot-1', sequence: 7 },
      { code: 'bad_audio', message: expect.any(String), bootId: null, sequence: null },
      { code: 'oversize', message: expect.stringContaining('1500000'), bootId: null, sequence: null },
    ]);
    const letters = await harness.deadLetters('mqtt-bad', 3);
    expect(letters.map((letter) => letter.headers[dlqHeaders.reason])).toEqual(['invalid', 'undecodable', 'oversize']);
    expect(Buffer.from(letters[0]?.value ?? []).equals(bad)).toBe(true);
    await client.endAsync();
  });

  it("drops who publishes on somebody else's topic or announces a giant packet", async () => {
    for (const [topic, size] of [
      [framesTopic('mqtt-bad'), 10],
      [framesTopic('mqtt-1'), 4_000_000],
    ] as const) {
      const client = await connect('mqtt-1');
      const closed = new Promise((resolve) => client.once('close', () => resolve('closed')));
      client.publish(topic, Buffer.alloc(size), { qos: 1 }, () => undefined);
      await expect(closed).resolves.toBe('closed');
      client.end(true);
    }
  });

  it('drops a session whose key was changed', async () => {
    const client = await connect('rotated');
    await client.publishAsync(framesTopic('rotated'), encodeFrame(sensorFrame()), { qos: 1 });
    await harness.putSensor('rotated', 'sk_new');
    await (await connect('rotated', 'sk_new')).endAsync();
    const closed = new Promise((resolve) => client.once('close', () => resolve('closed')));
    client.publish(framesTopic('rotated'), encodeFrame(sensorFrame({ sequence: 1 })), { qos: 1 }, () => undefined);
    await expect(closed).resolves.toBe('closed');
    client.end(true);
  });

  it('gives a sensor without a clock one anchor for the whole boot', async () => {
    const client = await connect('clockless');
    for (let sequence = 0; sequence < 3; sequence++)
      await client.publishAsync(framesTopic('clockless'), encodeFrame(sensorFrame({ sequence, anchorTimeUs: 0 })), {
        qos: 1,
      });
    const frames = await harness.frames('clockless', 3);
    expect(new Set(frames.map((frame) => frame.anchorTimeUs)).size).toBe(1);
    expect(frames[0]?.anchorTimeUs).toBe((frames[0]?.receivedTimeUs ?? 0) - 1_000_000);
    expect(frames[0]?.clockQuality).toBe(ClockQuality.CLOCK_QUALITY_RECEIVED);
    await client.endAsync();
  });
});

interface StreamResult {
  readonly responses: readonly { sequence: number; error: IngestError; message: string }[];
  readonly status: status;
}

const stream = (sensorId: string, frames: ReturnType<typeof sensorFrame>[], key = KEY): Promise<StreamResult> => {
  const client = new IngestionServiceClient(harness.grpcAddress, credentials.createInsecure());
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${key}`);
  metadata.set('earshot-tenant', TENANT);
  metadata.set('earshot-sensor', sensorId);
  const call = client.streamAudio(metadata);
  const responses: StreamResult['responses'][number][] = [];
  return new Promise((resolve) => {
    call.on('data', ({ sequence, error, message }: StreamResult['responses'][number]) =>
      responses.push({ sequence, error, message }),
    );
    call.on('error', () => undefined);
    call.on('status', ({ code }) => {
      client.close();
      resolve({ responses, status: code });
    });
    for (const frame of frames) call.write({ frame });
    call.end();
  });
};

describe('gRPC', () => {
  it('answers every frame in order', async () => {
    const sent = Array.from({ length: 100 }, (_, sequence) => sensorFrame({ sequence }));
    const result = await stream('grpc-1', sent);
    expect(result.status).toBe(status.OK);
    expect(result.responses.map((response) => response.sequence)).toEqual(sent.map((frame) => frame.sequence));
    expect(new Set(result.responses.map((response) => response.error))).toEqual(
      new Set([IngestError.INGEST_ERROR_UNSPECIFIED]),
    );
    expect((await harness.frames('grpc-1', 100)).map((frame) => frame.sequence)).toEqual(
      sent.map((frame) => frame.sequence),
    );
  });

  it('ends the call of who is not known', async () => {
    expect((await stream('grpc-1', [], 'sk_other')).status).toBe(status.UNAUTHENTICATED);
    expect((await stream('nobody', [])).status).toBe(status.NOT_FOUND);
    expect((await stream('gone', [])).status).toBe(status.FAILED_PRECONDITION);
  });

  it('answers a bad frame with its error and goes on', async () => {
    const giant = Buffer.alloc(1_200_000);
    const good = sensorFrame({ sequence: 2 });
    const body = {
      $case: 'pcm',
      value: { format: good.body?.$case === 'pcm' ? good.body.value.format : 0, data: giant },
    };
    const result = await stream('grpc-bad', [
      sensorFrame({ bootId: '' }),
      { ...sensorFrame({ sequence: 1, sampleCount: 600_000, sampleRateHz: 192_000 }), body: body as typeof good.body },
      good,
    ]);
    expect(result.responses.map(({ sequence, error }) => [sequence, error])).toEqual([
      [0, IngestError.INGEST_ERROR_BAD_AUDIO],
      [1, IngestError.INGEST_ERROR_OVERSIZE],
      [2, IngestError.INGEST_ERROR_UNSPECIFIED],
    ]);
    expect(result.status).toBe(status.OK);
    const letters = await harness.deadLetters('grpc-bad', 2);
    expect(letters.map((letter) => letter.headers[dlqHeaders.reason])).toEqual(['invalid', 'oversize']);
  });
});
