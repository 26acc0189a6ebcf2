import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { drop, emit, type Stage } from '@earshot/core/stage';
import kafkajs from 'kafkajs';
import {
  createKafka,
  createProducer,
  readToEnd,
  sleep,
  type IncomingRecord,
  type RecordProducer,
} from '../kafka/index.js';
import { createLogger, Registry } from '../telemetry/index.js';
import { dlqHeaders, StageRunner, type StageDefinition } from './index.js';

const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',');
const logger = createLogger('runner-test', 'error');
const kafka = createKafka({ brokers, clientId: 'runner-test', logger });
const admin = new kafkajs.Kafka({ clientId: 'runner-admin', brokers, logLevel: kafkajs.logLevel.NOTHING }).admin();
const PARTITIONS = 3;

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const decode = (record: IncomingRecord): unknown =>
  JSON.parse(new TextDecoder().decode(record.value ?? new Uint8Array()));

interface Sum {
  readonly id: string;
  readonly sum: number;
}

/** Adds numbers per key; odd multiples of 7 are dropped; -1 is a bug that it provokes. */
const summing: Stage<{ key: string; sum: number; count: number }, number, Sum> = {
  init: (key) => ({ key, sum: 0, count: 0 }),
  step: (state, batch) => {
    let { sum, count } = state;
    const outcomes = batch.map((value) => {
      if (value === -1) throw new Error('a bug');
      if (value % 14 === 7) return drop<Sum>('out-of-scope');
      sum += value;
      count += 1;
      return emit({ id: `${state.key}/${count}`, sum });
    });
    return { state: { key: state.key, sum, count }, outcomes };
  },
  flush: () => [],
};

interface Setup {
  readonly namespace: string;
  readonly input: string;
  readonly output: string;
  readonly definition: StageDefinition<{ key: string; sum: number; count: number }, number, Sum>;
}

const setup = async (): Promise<Setup> => {
  const namespace = `t-${randomUUID().slice(0, 8)}`;
  const names = ['in', 'in.dlq', 'out', 'state'].map((suffix) => `${namespace}.${suffix}`);
  await admin.createTopics({
    waitForLeaders: true,
    topics: names.map((topic) => ({ topic, numPartitions: PARTITIONS, replicationFactor: 1 })),
  });
  const input = `${namespace}.in`;
  const output = `${namespace}.out`;
  return {
    namespace,
    input,
    output,
    definition: {
      name: 'summing',
      stage: summing,
      stateVersion: 1,
      stateTopic: `${namespace}.state`,
      inputs: [
        {
          topic: input,
          decode: (record) => {
            const value = decode(record);
            return typeof value === 'number'
              ? { kind: 'input', input: value }
              : { kind: 'dlq', reason: 'invalid', cause: `expected a number, saw ${typeof value}` };
          },
        },
      ],
      route: (sum) => ({ topic: output, key: sum.id.split('/')[0] ?? '', value: encode(sum) }),
    },
  };
};

const running = new Set<{ stop(): Promise<void> }>();

const runnerFor = async (
  { namespace, definition }: Setup,
  producer: RecordProducer,
): Promise<StageRunner<{ key: string; sum: number; count: number }, number, Sum>> => {
  const runner = new StageRunner(definition, { kafka, producer, namespace, logger, registry: new Registry() });
  running.add(runner);
  await runner.start();
  return runner;
};

const readTopic = async (topic: string): Promise<readonly IncomingRecord[]> => {
  const records: IncomingRecord[] = [];
  await readToEnd(kafka, { topics: [topic], logger, onRecord: (record) => records.push(record) });
  return records;
};

const until = async (what: string, condition: () => Promise<boolean> | boolean): Promise<void> => {
  for (let tries = 0; tries < 100; tries += 1) {
    if (await condition()) return;
    await sleep(200);
  }
  throw new Error(`Waited in vain for ${what}`);
};

let producer: RecordProducer;
beforeAll(async () => {
  await admin.connect();
  producer = await createProducer(kafka);
});
afterEach(async () => {
  for (const runner of running) await runner.stop();
  running.clear();
});
afterAll(async () => {
  await producer.close();
  await admin.disconnect();
});

const KEYS = ['a', 'b', 'c', 'd', 'e'];
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => ({
    key: KEYS[(from + index) % KEYS.length] ?? '',
    value: from + index,
  }));

const feed = (topic: string, items: readonly { key: string; value: unknown }[]): Promise<void> =>
  producer.send(items.map(({ key, value }) => ({ topic, key, value: encode(value) })));

/** What an uninterrupted run makes: per id the sum. */
const expectedSums = (items: readonly { key: string; value: number }[]): Record<string, number> => {
  const sums: Record<string, number> = {};
  const totals = new Map<string, { sum: number; count: number }>();
  for (const { key, value } of items) {
    if (value % 14 === 7) continue;
    const total = totals.get(key) ?? { sum: 0, count: 0 };
    total.sum += value;
    total.count += 1;
    totals.set(key, total);
    sums[`${key}/${total.count}`] = total.sum;
  }
  return sums;
};

const distinct = (records: readonly IncomingRecord[]): Record<string, number> => {
  const sums: Record<string, number> = {};
  for (const record of records) {
    const { id, sum } = decode(record) as Sum;
    // An id that came twice must say the same both times: replay equals live.
    if (sums[id] !== undefined && sums[id] !== sum) throw new Error(`${id} is ${sums[id]} and ${sum}`);
    sums[id] = sum;
  }
  return sums;
};

describe('stage runner', () => {
  it('keeps state across restarts and commits what it did', async () => {
    const the = await setup();
    const first = await runnerFor(the, producer);
    await feed(the.input, numbers(0, 100));
    await until(
      '100 inputs',
      async () =>
        Object.keys(distinct(await readTopic(the.output))).length === Object.keys(expectedSums(numbers(0, 100))).length,
    );
    await first.stop();
    const before = (await readTopic(the.output)).length;
    await runnerFor(the, producer);
    await feed(the.input, numbers(100, 200));
    const expected = expectedSums(numbers(0, 200));
    await until(
      '200 inputs',
      async () => Object.keys(distinct(await readTopic(the.output))).length === Object.keys(expected).length,
    );
    const records = await readTopic(the.output);
    expect(distinct(records)).toEqual(expected);
    // A clean stop leaves nothing to do again.
    expect(records.length - before).toBe(Object.keys(expected).length - before);
  });

  it('a crash between outputs and snapshot makes outputs again, with the same ids and values, marked with their origin', async () => {
    const the = await setup();
    let broken = false;
    const crashing: RecordProducer = {
      send: async (records) => {
        if (broken && records.some(({ topic, key }) => topic.endsWith('.state') && !key.startsWith('@'))) {
          throw new Error('crashed before the snapshot');
        }
        await producer.send(records);
      },
      close: () => Promise.resolve(),
    };
    const first = await runnerFor(the, crashing);
    await feed(the.input, numbers(0, 60));
    const sixty = Object.keys(expectedSums(numbers(0, 60))).length;
    await until('60', async () => Object.keys(distinct(await readTopic(the.output))).length === sixty);
    await until('no lag', () => first.lag().records === 0);
    broken = true;
    await feed(the.input, numbers(60, 90));
    await until(
      'outputs after the crash',
      async () =>
        Object.keys(distinct(await readTopic(the.output))).length === Object.keys(expectedSums(numbers(0, 90))).length,
    );
    await first.stop();
    await runnerFor(the, producer);
    await feed(the.input, numbers(90, 120));
    const expected = expectedSums(numbers(0, 120));
    await until(
      '120',
      async () => Object.keys(distinct(await readTopic(the.output))).length === Object.keys(expected).length,
    );
    const records = await readTopic(the.output);
    expect(distinct(records)).toEqual(expected);
    expect(records.length).toBeGreaterThan(Object.keys(expected).length);
    const origins = new Map(records.map((record) => [(decode(record) as Sum).id, record.headers['earshot-origin']]));
    for (const record of records)
      expect(record.headers['earshot-origin']).toBe(origins.get((decode(record) as Sum).id));
  });

  it('reads the layout before, and a rollback goes on from the newer one when that only adds', async () => {
    const the = await setup();
    const versioned = (stateVersion: number, extra: Partial<Setup['definition']>): Setup => ({
      ...the,
      definition: { ...the.definition, stateVersion, ...extra },
    });
    const migrated: number[] = [];
    const migrate = (version: number, state: unknown) => {
      migrated.push(version);
      return state as { key: string; sum: number; count: number };
    };
    const newer = versioned(2, { migrate, stateCompatibleVersion: 1 });
    const seen = async (to: number): Promise<void> => {
      const expected = expectedSums(numbers(0, to));
      await until(
        `${to} inputs`,
        async () => Object.keys(distinct(await readTopic(the.output))).length === Object.keys(expected).length,
      );
      expect(distinct(await readTopic(the.output))).toEqual(expected);
    };
    let to = 0;
    for (const version of [the, newer, the, newer]) {
      const runner = await runnerFor(version, producer);
      await feed(the.input, numbers(to, to + 50));
      to += 50;
      await seen(to);
      await runner.stop();
    }
    expect(new Set(migrated)).toEqual(new Set([1]));

    // A layout that takes something away says so, and nothing is guessed.
    const breaking = await runnerFor(versioned(3, { migrate }), producer);
    await feed(the.input, numbers(to, to + 50));
    await seen(to + 50);
    await breaking.stop();
    const old = await runnerFor(the, producer);
    await feed(the.input, numbers(to + 50, to + 55));
    await sleep(3_000);
    expect(Object.keys(distinct(await readTopic(the.output)))).toHaveLength(
      Object.keys(expectedSums(numbers(0, to + 50))).length,
    );
    await old.stop();
    await runnerFor(versioned(3, { migrate }), producer);
    await seen(to + 55);
  }, 120_000);

  it('passes over what a stage upstream made again', async () => {
    const the = await setup();
    const runner = await runnerFor(the, producer);
    const made = (kafkaOffset: number, value: number) => ({
      topic: the.input,
      key: 'a',
      value: encode(value),
      headers: { 'earshot-origin': `upstream@${kafkaOffset}#0` },
    });
    await producer.send([made(1, 10), made(2, 20), made(1, 10), made(2, 20), made(3, 30)]);
    await until('3 outputs', async () => Object.keys(distinct(await readTopic(the.output))).length === 3);
    await until('no lag', () => runner.lag().records === 0);
    await runner.stop();
    // The memory of origins is part of the snapshot.
    const second = await runnerFor(the, producer);
    await producer.send([made(2, 20), made(3, 30), made(4, 40)]);
    await until('4 outputs', async () => Object.keys(distinct(await readTopic(the.output))).length === 4);
    await until('no lag', () => second.lag().records === 0);
    expect(distinct(await readTopic(the.output))).toEqual({ 'a/1': 10, 'a/2': 30, 'a/3': 60, 'a/4': 100 });
  });

  it('puts undecodable, invalid and bug-provoking records into the DLQ and loses nothing else', async () => {
    const the = await setup();
    await runnerFor(the, producer);
    await producer.send([{ topic: the.input, key: 'a', value: new TextEncoder().encode('{nonsense') }]);
    await feed(the.input, [
      { key: 'a', value: 1 },
      { key: 'a', value: 'text' },
      { key: 'a', value: -1 },
      { key: 'a', value: 2 },
    ]);
    await until('both good ones', async () => Object.keys(distinct(await readTopic(the.output))).length === 2);
    await until('three letters', async () => (await readTopic(`${the.input}.dlq`)).length === 3);
    expect(distinct(await readTopic(the.output))).toEqual({ 'a/1': 1, 'a/2': 3 });
    const letters = await readTopic(`${the.input}.dlq`);
    expect(letters.map((letter) => letter.headers[dlqHeaders.reason]).sort()).toEqual([
      'invalid',
      'stage-error',
      'undecodable',
    ]);
    expect(new Set(letters.map((letter) => letter.headers[dlqHeaders.stage]))).toEqual(new Set(['summing']));
  });

  it('loses and doubles nothing while instances come and go', async () => {
    const the = await setup();
    const total = 400;
    await runnerFor(the, producer);
    let fed = 0;
    for (const change of ['add', 'add', 'remove', 'add', 'remove', 'remove']) {
      await feed(the.input, numbers(fed, fed + 50));
      fed += 50;
      if (change === 'add') await runnerFor(the, producer);
      else {
        const oldest = [...running][0];
        if (oldest !== undefined) {
          running.delete(oldest);
          await oldest.stop();
        }
      }
    }
    await feed(the.input, numbers(fed, total));
    const expected = expectedSums(numbers(0, total));
    await until(
      'all',
      async () => Object.keys(distinct(await readTopic(the.output))).length === Object.keys(expected).length,
    );
    expect(distinct(await readTopic(the.output))).toEqual(expected);
  });
});
