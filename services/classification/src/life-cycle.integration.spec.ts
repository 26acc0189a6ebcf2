import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  LogMelFrame,
  Model,
  ModelRoles,
  ModelServiceClient,
  SoundLevels,
  topicName,
  type TopicId,
} from '@earshot/contracts';
import { canonicalFrontEnd, type ScoredWindow, type SoundActivity } from '@earshot/core/classification';
import { finishTurn, type RecurrentStage } from '@earshot/core/stage';
import { callUnary, createGrpcClient, grpcStatus, startGrpcServer } from '@earshot/platform/grpc';
import {
  createKafka,
  createProducer,
  ensureTopics,
  readToEnd,
  retryForever,
  sleep,
  type IncomingRecord,
  type RecordProducer,
} from '@earshot/platform/kafka';
import { decodeActivity, decodeWindow } from '@earshot/platform/records';
import { StageRunner } from '@earshot/platform/stage-runner';
import { createLogger, createRegistry } from '@earshot/platform/telemetry';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ModelHost } from './models/model-host.js';
import { modelService } from './models/models-grpc.js';
import { createModels } from './models/models-part.js';
import { createPipeline } from './pipeline.js';

jest.setTimeout(240_000);

const TESTDATA = join(import.meta.dirname, '../../../libs/platform/src/onnx/testdata');
const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',');
const namespace = `t-${randomBytes(4).toString('hex')}`;
const logger = createLogger('life-cycle-test', 'error');
const kafka = createKafka({ brokers, clientId: 'life-cycle-test', logger });
const LEAD_US = 3e6;
const configured = { 'audio-classification': 'tiny@1.0.0', 'audio-event-detection': 'tiny-sequence@1.0.0' } as const;

let folder: string;
let producer: RecordProducer;
const stops: (() => Promise<unknown>)[] = [];

const install = async (name: string, from: string, change: Readonly<Record<string, unknown>>) => {
  await cp(join(TESTDATA, from), join(folder, name), { recursive: true });
  const file = join(folder, name, 'manifest.json');
  await writeFile(file, JSON.stringify({ ...(JSON.parse(await readFile(file, 'utf8')) as object), ...change }));
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'earshot-life-cycle-'));
  await install('tiny', 'tiny', {});
  await install('tiny-2', 'tiny', { version: '2.0.0', window: { frames: 100, hopFrames: 50 } });
  await install('sequence', 'sequence', {});
  await install('second', 'sequence', { id: 'second-sequence', version: '1.0.0' });
  await ensureTopics({ brokers, namespace, partitions: 2 });
  producer = await createProducer(kafka);
});
afterAll(async () => {
  for (const stop of stops.reverse()) await stop();
  await producer.close();
  await rm(folder, { recursive: true });
});

/** One instance of the service: follows the ledger, scores its share of the sensors, answers the model service. */
const startInstance = async () => {
  const own = await createProducer(kafka);
  const context = { kafka, logger, namespace, producer: () => Promise.resolve(own) };
  const host = new ModelHost({ folder, extra: [], logger, measured: (model) => model });
  const { desk, part } = await createModels(context, { host, configured, leadUs: LEAD_US });
  await part.start();
  const runner = new StageRunner(
    createPipeline(namespace, { rolesOf: (task) => desk.rolesOf(task), model: (key) => desk.model(key) }),
    { kafka, producer: own, namespace, logger, registry: createRegistry('classification') },
  );
  await runner.start();
  const server = await startGrpcServer({ host: '127.0.0.1', port: 0, services: [modelService(desk, host)], logger });
  const client = createGrpcClient(ModelServiceClient, `127.0.0.1:${server.port}`);
  stops.push(async () => {
    client.close();
    await server.stop();
    await runner.stop();
    await part.stop();
    await own.close();
  });
  return { desk, client };
};

const records = async (topic: TopicId): Promise<readonly IncomingRecord[]> => {
  const all: IncomingRecord[] = [];
  // A topic just made may not have its leader yet.
  await retryForever(
    topic,
    logger,
    () => false,
    async () => {
      all.length = 0;
      await readToEnd(kafka, {
        topics: [topicName(topic, namespace)],
        logger,
        onRecord: (record) => all.push(record),
      });
    },
  );
  return all;
};
const decoded = <T>(
  all: readonly IncomingRecord[],
  decode: (record: IncomingRecord) => { kind: 'input'; input: T } | { kind: 'dlq'; cause: string },
): readonly T[] =>
  all.map((record) => {
    const one = decode(record);
    if (one.kind === 'dlq') throw new Error(one.cause);
    return one.input;
  });
const activityOn = async (topic: 'activity' | 'activityShadow'): Promise<readonly SoundActivity[]> =>
  decoded(await records(topic), decodeActivity);
const windowsOn = async (topic: 'classifications' | 'classificationsShadow'): Promise<readonly ScoredWindow[]> =>
  decoded(await records(topic), decodeWindow);

const SENSORS = Array.from({ length: 8 }, (_, index) => `s${index}`);
/** Second k of a sensor, event time as long after `startUs`: its frames, with a content of their own. */
const second = (sensorId: string, k: number, startUs: number) => {
  const firstFrameIndex = k === 0 ? 0 : 50 * k - 3;
  const frameCount = k === 0 ? 47 : 50;
  const seed = 17 * (1 + SENSORS.indexOf(sensorId)) + 31 * k;
  const message = LogMelFrame.fromPartial({
    ...{ tenantId: 'demo', sensorId, bootId: 'b1', secondIndex: k, timeUs: startUs + firstFrameIndex * 20_000 },
    ...{ frontEndId: canonicalFrontEnd.id, firstFrameIndex, frameCount, melBands: 64 },
    logMel: Buffer.from(Uint8Array.from({ length: frameCount * 64 }, (_, i) => 40 + ((seed + i) % 120))),
    levels: SoundLevels.fromPartial({ laeqDb: -30 }),
  });
  return {
    topic: topicName('features', namespace),
    key: `demo/${sensorId}`,
    value: LogMelFrame.encode(message).finish(),
  };
};

interface Step {
  readonly sensorId: string;
  readonly timeUs: number;
  readonly model: string;
  readonly probabilities: string;
}
const stepsOf = (activity: readonly SoundActivity[]): readonly Step[] =>
  activity.flatMap(({ sensorId, timeUs, stepMs, steps, labels, modelId, modelVersion, probabilities }) =>
    Array.from({ length: steps }, (_, step) => ({
      sensorId,
      timeUs: timeUs + step * stepMs * 1000,
      model: `${modelId}@${modelVersion}`,
      probabilities: probabilities.subarray(step * labels.length, (step + 1) * labels.length).join(),
    })),
  );

describe('the life of models on a real broker', () => {
  it('promotes, keeps in shadow and rolls back under load: every step and window has one live model, in time', async () => {
    const [one] = [await startInstance(), await startInstance()];
    const { client } = one;
    const by = { performedBy: 'test', note: '' };
    const startUs = (Date.now() - 1_000) * 1_000;
    const seconds = 22;
    const changes: ModelRoles[] = [];
    const change = async (work: Promise<{ roles: ModelRoles | undefined }>) => {
      const { roles } = await work;
      if (roles === undefined) throw new Error('no roles');
      changes.push(roles);
    };
    /** After so many seconds of sound. */
    const plan: Readonly<Record<number, () => Promise<void>>> = {
      1: () =>
        change(callUnary(client, (c) => c.shadowModel, { modelId: 'second-sequence', version: '', on: true, ...by })),
      6: () =>
        change(
          callUnary(client, (c) => c.promoteModel, {
            ...{ modelId: 'second-sequence', version: '1.0.0', keepInShadow: true, ...by },
          }),
        ),
      7: () =>
        change(
          callUnary(client, (c) => c.promoteModel, { modelId: 'tiny', version: '2.0.0', keepInShadow: false, ...by }),
        ),
      12: () => change(callUnary(client, (c) => c.rollbackModel, { task: 'audio-event-detection', ...by })),
    };
    for (let k = 0; k < seconds; k += 1) {
      while (Date.now() * 1_000 < startUs + (k + 1) * 1e6) await sleep(50);
      await producer.send(SENSORS.map((sensorId) => second(sensorId, k, startUs)));
      await plan[k]?.();
    }
    const endUs = startUs + (seconds * 50 - 3) * 20_000;
    await producer.send(
      SENSORS.map((sensorId) => ({
        topic: topicName('features', namespace),
        key: `demo/${sensorId}`,
        value: LogMelFrame.encode(
          LogMelFrame.fromPartial({
            ...{ tenantId: 'demo', sensorId, bootId: 'b1', secondIndex: seconds, timeUs: endUs, discontinuity: true },
          }),
        ).finish(),
      })),
    );
    for (let tries = 0; ; tries += 1) {
      const broken = (await activityOn('activity')).filter(({ discontinuity }) => discontinuity);
      if (broken.length >= SENSORS.length) break;
      if (tries > 100) throw new Error('The breaks did not come');
      await sleep(300);
    }

    const [live, shadow] = [stepsOf(await activityOn('activity')), stepsOf(await activityOn('activityShadow'))];
    const wholeSteps = Math.floor((seconds * 50 - 3) / 5);
    const [, promotedAt, , rolledBackAt] = changes.map(({ effectiveFromUs }) => effectiveFromUs);
    expect(changes.map(({ action }) => action)).toEqual(['shadow', 'promote', 'promote', 'rollback']);
    /** The first block of 1 s that does not begin before it. */
    const blockAt = (timeUs = NaN) => startUs + Math.ceil((timeUs - startUs) / 1e6) * 1e6;
    for (const sensorId of SENSORS) {
      const mine = live.filter((step) => step.sensorId === sensorId);
      expect(mine.map(({ timeUs }) => timeUs)).toEqual(
        Array.from({ length: wholeSteps }, (_, step) => startUs + step * 100_000),
      );
      expect(mine.map(({ model }) => model)).toEqual(
        mine.map(({ timeUs }) =>
          timeUs >= blockAt(promotedAt) && timeUs < blockAt(rolledBackAt)
            ? 'second-sequence@1.0.0'
            : 'tiny-sequence@1.0.0',
        ),
      );
      // Until it was rolled back the model before went on in shadow; both are the same network, so both say the same.
      const inShadow = shadow.filter((step) => step.sensorId === sensorId && step.model === 'tiny-sequence@1.0.0');
      const told = new Map(inShadow.map(({ timeUs, probabilities }) => [timeUs, probabilities]));
      expect(inShadow.length).toBeGreaterThan(30);
      for (const step of mine) if (step.model === 'second-sequence@1.0.0') expect(told.has(step.timeUs)).toBe(true);
    }

    const windows = (await windowsOn('classifications')).filter(({ discontinuity }) => !discontinuity);
    const classifierFrom = changes[2]?.effectiveFromUs ?? NaN;
    for (const sensorId of SENSORS) {
      const mine = windows.filter((window) => window.sensorId === sensorId);
      expect(new Set(mine.map(({ timeUs }) => timeUs)).size).toBe(mine.length);
      for (const { timeUs, modelVersion } of mine)
        expect(modelVersion).toBe(timeUs >= blockAt(classifierFrom) ? '2.0.0' : '1.0.0');
      const times = mine.map(({ timeUs }) => (timeUs - startUs) / 1e6).sort((a, b) => a - b);
      expect(Math.max(...times.slice(1).map((time, i) => time - (times[i] ?? 0)))).toBeLessThanOrEqual(1);
    }
  });

  it('finds, read again from the log with the ledger as it stands, every output as it was, live and in shadow', async () => {
    const context = { kafka, logger, namespace, producer: () => Promise.resolve(producer) };
    const host = new ModelHost({ folder, extra: [], logger, measured: (model) => model });
    const { desk, part } = await createModels(context, { host, configured, leadUs: LEAD_US });
    await part.start();
    const definition = createPipeline(namespace, {
      rolesOf: (task) => desk.rolesOf(task),
      model: (key) => desk.model(key),
    });
    const again = new Map<string, string>();
    const states = new Map<string, unknown>();
    const stage = definition.stage as RecurrentStage<unknown, unknown, unknown, unknown, never>;
    for (const record of await records('features')) {
      const input = definition.inputs[0]?.decode(record);
      if (input?.kind !== 'input') throw new Error('not decoded');
      const state = states.get(record.key) ?? stage.init(record.key);
      const after = await finishTurn((queries) => stage.resolve(queries), stage.step(state, input.input));
      states.set(record.key, after.state);
      if (after.outcome.kind !== 'emit') continue;
      for (const value of after.outcome.values) {
        const routed = definition.route(value);
        const bytes = Buffer.from(routed.value ?? []).toString('base64');
        again.set(`${routed.topic} ${bytes}`, routed.key);
      }
    }
    await part.stop();
    const topics = ['activity', 'activityShadow', 'classifications', 'classificationsShadow'] as const;
    const live = new Map<string, string>();
    for (const topic of topics)
      for (const { topic: name, key, value } of await records(topic))
        live.set(`${name} ${Buffer.from(value ?? []).toString('base64')}`, key);
    expect(live.size).toBeGreaterThan(500);
    expect([...live.keys()].sort()).toEqual([...again.keys()].sort());
  });

  it('keeps every picture of the ledger, and tells the models with their roles', async () => {
    const pictures = (await records('modelRoles')).map(({ value }) => ModelRoles.decode(value ?? new Uint8Array()));
    expect(pictures.map(({ revision, action }) => [revision, action])).toEqual([
      [1, 'start'],
      [2, 'shadow'],
      [3, 'promote'],
      [4, 'promote'],
      [5, 'rollback'],
    ]);
    expect(pictures[0]?.effectiveFromUs).toBe(0);
    expect(pictures[4]?.tasks).toEqual([
      { task: 'audio-classification', live: { modelId: 'tiny', version: '2.0.0' }, shadow: [] },
      { task: 'audio-event-detection', live: { modelId: 'tiny-sequence', version: '1.0.0' }, shadow: [] },
    ]);
    const latest = new Map((await records('models')).map(({ key, value }) => [key, value]));
    const roles = [...latest].map(([key, value]) => [key, Model.decode(value ?? new Uint8Array()).role]);
    expect(roles.sort()).toEqual([
      ['_/second-sequence@1.0.0', 'installed'],
      ['_/tiny-sequence@1.0.0', 'live'],
      ['_/tiny@1.0.0', 'installed'],
      ['_/tiny@2.0.0', 'live'],
    ]);
  });

  it('refuses what can not be, and says why', async () => {
    const { client } = await startInstance();
    const by = { performedBy: 'test', note: '' };
    const promote = (modelId: string, version = '') =>
      callUnary(client, (c) => c.promoteModel, { modelId, version, keepInShadow: false, ...by });
    await expect(promote('nobody')).rejects.toMatchObject({
      code: grpcStatus.NOT_FOUND,
      message: expect.stringContaining('second-sequence@1.0.0, tiny-sequence@1.0.0'),
    });
    await expect(promote('tiny')).rejects.toMatchObject({
      code: grpcStatus.INVALID_ARGUMENT,
      message: expect.stringContaining('tiny@1.0.0, tiny@2.0.0'),
    });
    await install('broken', 'sequence', {
      id: 'broken',
      labels: ['one', 'two', 'three'],
      onnx: { file: 'model.onnx', sha256: '0' },
    });
    await expect(promote('broken')).rejects.toMatchObject({
      code: grpcStatus.FAILED_PRECONDITION,
      message: expect.stringContaining('expected 64 lower-case hex digits'),
    });
    await expect(
      callUnary(client, (c) => c.rollbackModel, { task: 'audio-event-detection', ...by }),
    ).rejects.toMatchObject({ code: grpcStatus.FAILED_PRECONDITION });
    const { models, unusable, roles } = await callUnary(client, (c) => c.listModels, {});
    expect(models.map(({ modelId, version, role }) => `${modelId}@${version} ${role}`)).toEqual([
      'second-sequence@1.0.0 installed',
      'tiny@1.0.0 installed',
      'tiny@2.0.0 live',
      'tiny-sequence@1.0.0 live',
    ]);
    expect(unusable.map(({ directory }) => directory)).toEqual([join(folder, 'broken')]);
    expect(roles).toHaveLength(5);
    // Nothing to do: the ledger stays as it is.
    expect((await promote('tiny', '2.0.0')).roles?.revision).toBe(5);
  });

  it('lets one of two changes made at the same time win, and tells the other', async () => {
    const [one, other] = [await startInstance(), await startInstance()];
    const by = { performedBy: 'test', note: '' };
    const both = await Promise.allSettled([
      callUnary(one.client, (c) => c.promoteModel, { modelId: 'tiny', version: '1.0.0', keepInShadow: false, ...by }),
      callUnary(other.client, (c) => c.promoteModel, {
        ...{ modelId: 'second-sequence', version: '', keepInShadow: false, ...by },
      }),
    ]);
    const revisions = both.flatMap((result) =>
      result.status === 'fulfilled' ? [result.value.roles?.revision ?? 0] : [],
    );
    for (const result of both)
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: grpcStatus.ABORTED });
    expect(revisions.length).toBeGreaterThanOrEqual(1);
    expect(new Set(revisions).size).toBe(revisions.length);
    // Both instances see the same ledger.
    for (let tries = 0; tries < 50 && one.desk.ledger.length !== other.desk.ledger.length; tries += 1) await sleep(100);
    expect(one.desk.ledger).toEqual(other.desk.ledger);
    expect(one.desk.ledger.map(({ revision }) => revision)).toEqual(one.desk.ledger.map((_, index) => index + 1));
  });
});
