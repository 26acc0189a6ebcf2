import {
  AudioFrame,
  Calibration,
  FleetServiceClient,
  Sensor,
  SensorState,
  SoundLevels,
  topicName,
  type SensorStatus,
} from '@earshot/contracts';
import { callUnary, createGrpcClient, GrpcError, grpcStatus } from '@earshot/platform/grpc';
import {
  createKafka,
  createProducer,
  ensureTopics,
  readToEnd,
  type IncomingRecord,
  type RecordProducer,
} from '@earshot/platform/kafka';
import { createLogger, createRegistry } from '@earshot/platform/telemetry';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { createFleet, type Fleet } from './pipeline.js';

jest.setTimeout(120_000);

const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',');
const namespace = `t-${randomBytes(4).toString('hex')}`;
const logger = createLogger('fleet-test', 'error');
const kafka = createKafka({ brokers, clientId: 'fleet-test', logger });
const SILENT_AFTER_S = 2;

interface Running {
  readonly client: FleetServiceClient;
  stop(): Promise<void>;
}

const until = async <T>(what: string, probe: () => T | undefined | Promise<T | undefined>): Promise<T> => {
  for (let tries = 0; tries < 300; tries += 1) {
    const found = await probe();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${what} did not come`);
};

describe('fleet on a real broker', () => {
  let producer: RecordProducer;
  let fleet: Running;

  const start = async (): Promise<Running> => {
    const own = await createProducer(kafka);
    const made: Fleet = await createFleet(
      { kafka, producer: () => Promise.resolve(own), logger, registry: createRegistry('fleet'), namespace },
      { grpcPort: 0, silentAfterS: SILENT_AFTER_S, nowUs: () => Date.now() * 1000 },
    );
    for (const part of made.parts) await part.start();
    const client = createGrpcClient(FleetServiceClient, `127.0.0.1:${made.grpcPort()}`);
    return {
      client,
      stop: async () => {
        client.close();
        for (const part of [...made.parts].reverse()) await part.stop();
        await own.close();
      },
    };
  };

  const records = async (topic: string): Promise<readonly IncomingRecord[]> => {
    const all: IncomingRecord[] = [];
    await readToEnd(kafka, { topics: [topic], logger, onRecord: (record) => all.push(record) });
    return all;
  };

  const create = (sensorId: string, changes: Partial<Sensor> = {}) =>
    callUnary(fleet.client, (client) => client.createSensor, {
      sensor: Sensor.fromPartial({ tenantId: 'demo', sensorId, ...changes }),
      sensorKey: '',
    });
  const status = async (sensorId: string): Promise<SensorStatus> => {
    const answer = await callUnary(fleet.client, (client) => client.getSensor, { tenantId: 'demo', sensorId });
    if (answer.status === undefined) throw new Error('no status');
    return answer.status;
  };
  const hear = (sensorId: string, timesUs: readonly number[]): Promise<void> =>
    producer.send(
      timesUs.map((timeUs) => ({
        topic: topicName('levels', namespace),
        key: `demo/${sensorId}`,
        value: SoundLevels.encode(
          SoundLevels.fromPartial({ tenantId: 'demo', sensorId, timeUs, durationMs: 1000, sampleRateHz: 32_000 }),
        ).finish(),
      })),
    );

  beforeAll(async () => {
    await ensureTopics({ brokers, namespace, partitions: 3 });
    producer = await createProducer(kafka);
    fleet = await start();
  });

  afterAll(async () => {
    await fleet.stop();
    await producer.close();
  });

  it('creates a sensor: on the topic before the answer, with the hash and not the key', async () => {
    const answer = await create('gate-1', { name: 'Gate', fullScaleDb: 120 });
    const [record] = (await records(topicName('sensors', namespace))).filter(({ key }) => key === 'demo/gate-1');
    const written = Sensor.decode(record?.value ?? new Uint8Array());
    expect(written).toMatchObject({ name: 'Gate', state: SensorState.SENSOR_STATE_ACTIVE, version: 1 });
    expect(written.keySha256).toMatch(/^[0-9a-f]{64}$/);
    expect(answer.sensor?.keySha256).toBe('');
    const [calibration] = await records(topicName('calibrations', namespace));
    expect(Calibration.decode(calibration?.value ?? new Uint8Array())).toMatchObject({ fullScaleDb: 120, version: 1 });
    expect((await status('gate-1')).calibrated).toBe(true);
    await expect(create('gate-1')).rejects.toMatchObject({ code: grpcStatus.ALREADY_EXISTS });
    await expect(create('Not an id')).rejects.toBeInstanceOf(GrpcError);
  });

  it('shows updates at once in get, list and watch', async () => {
    await create('gate-2');
    await create('gate-3');
    const seen: string[] = [];
    const watch = fleet.client.watchSensors({ tenantId: 'demo' });
    watch.on('data', ({ status: one }: { status?: SensorStatus }) =>
      seen.push(`${one?.sensor?.sensorId ?? ''}:${one?.sensor?.name ?? ''}`),
    );
    watch.on('error', () => undefined);
    await until('the snapshot', () => (seen.includes('gate-3:') ? true : undefined));
    await callUnary(fleet.client, (client) => client.updateSensor, {
      sensor: Sensor.fromPartial({ tenantId: 'demo', sensorId: 'gate-2', name: 'South' }),
      fields: ['name'],
    });
    expect((await status('gate-2')).sensor).toMatchObject({ name: 'South', version: 2 });
    await until('the change', () => (seen.includes('gate-2:South') ? true : undefined));
    watch.cancel();

    const list = (cursor: string) =>
      callUnary(fleet.client, (client) => client.listSensors, {
        tenantId: 'demo',
        limit: 2,
        cursor,
        includeRetired: false,
      });
    const first = await list('');
    const second = await list(first.nextCursor);
    expect([...first.statuses, ...second.statuses].map(({ sensor }) => sensor?.sensorId)).toEqual([
      'gate-1',
      'gate-2',
      'gate-3',
    ]);
    expect(second.nextCursor).toBe('');
  });

  it('rotates a key and retires', async () => {
    const { sensorKey: before } = await create('gate-4');
    const ask = { tenantId: 'demo', sensorId: 'gate-4' };
    const rotated = await callUnary(fleet.client, (client) => client.rotateSensorKey, ask);
    expect(rotated.sensorKey).toMatch(/^sk_/);
    expect(rotated.sensorKey).not.toBe(before);
    const retired = await callUnary(fleet.client, (client) => client.retireSensor, ask);
    expect(retired.sensor?.state).toBe(SensorState.SENSOR_STATE_RETIRED);
  });

  it('knows who is heard, counts gaps and writes one Silent per silence', async () => {
    await create('gate-5');
    const startUs = Math.floor(Date.now() / 1000) * 1e6 - 20e6;
    await hear(
      'gate-5',
      [0, 1, 2, 6, 7].map((second) => startUs + second * 1e6),
    );
    const online = await until('online', async () => {
      const one = await status('gate-5');
      return one.online ? one : undefined;
    });
    expect(online).toMatchObject({ lastSeenUs: startUs + 8e6, gapSeconds: 3, gapCount: 1, sampleRateHz: 32_000 });

    const silents = async () =>
      (await records(topicName('audio', namespace)))
        .filter(({ key }) => key === 'demo/gate-5')
        .map(({ value }) => AudioFrame.decode(value ?? new Uint8Array()));
    const told = await until('the Silent', async () => {
      const all = await silents();
      return all.length > 0 ? all : undefined;
    });
    expect(told[0]).toMatchObject({ tenantId: 'demo', sensorId: 'gate-5', bootId: '', sequence: 0 });
    expect(told[0]?.body).toEqual({ $case: 'silent', value: { sinceUs: startUs + 8e6 } });
    expect((await status('gate-5')).online).toBe(false);

    await hear('gate-5', [startUs + 8e6]);
    await until('a second Silent', async () => ((await silents()).length > 1 ? true : undefined));
    expect((await silents()).map(({ body }) => (body?.$case === 'silent' ? body.value.sinceUs : 0))).toEqual([
      startUs + 8e6,
      startUs + 9e6,
    ]);
  });

  it('knows after a restart what it knew before, and tells no silence twice', async () => {
    const before = await status('gate-5');
    const silentsBefore = (await records(topicName('audio', namespace))).length;
    await fleet.stop();
    fleet = await start();
    const after = await status('gate-5');
    expect(after).toEqual(before);
    await expect(create('gate-1')).rejects.toMatchObject({ code: grpcStatus.ALREADY_EXISTS });
    await callUnary(fleet.client, (client) => client.updateSensor, {
      sensor: Sensor.fromPartial({ tenantId: 'demo', sensorId: 'gate-1', fullScaleDb: 121 }),
      fields: ['full_scale_db'],
    });
    const calibrations = (await records(topicName('calibrations', namespace))).map(({ key }) => key).sort();
    expect(calibrations).toEqual(['demo/gate-1.1', 'demo/gate-1.2']);
    // A silence begun in the new instance's time shows that its clock has run over the old one too.
    await hear('gate-3', [Math.floor(Date.now() / 1000) * 1e6 - 1e6]);
    const audio = topicName('audio', namespace);
    await until('a Silent of gate-3', async () => ((await records(audio)).length > silentsBefore ? true : undefined));
    expect((await records(audio)).map(({ key }) => key).filter((key) => key === 'demo/gate-5')).toHaveLength(2);
  });
});
