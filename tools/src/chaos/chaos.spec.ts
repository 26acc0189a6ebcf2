import net from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createFaultProxy, type FaultProxy } from './fault-proxy.js';
import { compareOutputs, type TopicOutputs } from './outputs.js';
import { scheduleFaults } from './schedule.js';
import { checkAggregates } from './aggregates.js';
import type { Query } from './stored.js';
import { checkWebhooks } from './webhook-sink.js';

describe('schedule of faults', () => {
  const targets = { processes: ['kafka', 'sink', 'fleet'], scalable: ['sink'], doors: ['mqtt', 'http'] };

  it('is the same for the same seed, and another for another', () => {
    const schedule = scheduleFaults(1, 40, 60_000, targets);
    expect(scheduleFaults(1, 40, 60_000, targets)).toEqual(schedule);
    expect(scheduleFaults(2, 40, 60_000, targets)).not.toEqual(schedule);
  });

  it('kills every process, has every kind, in order and in time', () => {
    const schedule = scheduleFaults(7, 30, 60_000, targets);
    expect(schedule).toHaveLength(30);
    const killed = schedule.filter(({ kind }) => kind === 'kill').map(({ target }) => target);
    expect(new Set(killed)).toEqual(new Set(targets.processes));
    expect(new Set(schedule.map(({ kind }) => kind))).toEqual(new Set(['kill', 'pause', 'rebalance', 'cut', 'delay']));
    const times = schedule.map(({ atMs }) => atMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times.every((ms) => ms >= 0 && ms <= 60_000)).toBe(true);
  });
});

describe('fault proxy', () => {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  const echo = async (): Promise<FaultProxy> => {
    const server = net.createServer((socket) => socket.on('error', () => undefined).pipe(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const proxy = await createFaultProxy((server.address() as net.AddressInfo).port);
    closing.push(() => new Promise((resolve) => server.close(resolve)), proxy.close);
    return proxy;
  };

  const connect = async (proxy: FaultProxy) => {
    const socket = net.connect(proxy.port, '127.0.0.1');
    socket.on('error', () => undefined);
    closing.push(() => Promise.resolve(socket.destroy()));
    await new Promise<void>((resolve) => socket.once('connect', resolve));
    return socket;
  };

  const read = (socket: net.Socket, length: number): Promise<Buffer> =>
    new Promise((resolve) => {
      const chunks: Buffer[] = [];
      socket.on('data', (chunk) => {
        chunks.push(chunk);
        const all = Buffer.concat(chunks);
        if (all.length >= length) resolve(all);
      });
    });

  it('passes bytes on in order, held back or not', async () => {
    const proxy = await echo();
    const socket = await connect(proxy);
    const sent = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 251));
    const received = read(socket, sent.length);
    socket.write(sent.subarray(0, 100_000));
    proxy.delay(20);
    socket.write(sent.subarray(100_000, 200_000));
    proxy.delay(0);
    socket.write(sent.subarray(200_000));
    expect((await received).equals(sent)).toBe(true);
  });

  it('cuts what is connected and takes new connections', async () => {
    const proxy = await echo();
    const socket = await connect(proxy);
    const received = read(socket, 1);
    socket.write('x');
    await received;
    const closed = new Promise((resolve) => socket.once('close', resolve));
    proxy.cut();
    await closed;
    const next = await connect(proxy);
    const answer = read(next, 1);
    next.write('y');
    expect((await answer).toString()).toBe('y');
  });
});

describe('comparisons', () => {
  const topic = (contents: Record<string, string>, records: number, contradictions: string[] = []): TopicOutputs => ({
    topic: 'events',
    contents: new Map(Object.entries(contents)),
    records,
    contradictions,
  });

  it('of outputs find what is missing, too much, different or contradictory', () => {
    const calm = topic({ a: '1', b: '2', c: '3' }, 3);
    expect(compareOutputs([topic({ a: '1', b: '2', c: '3' }, 5)], [calm])).toMatchObject([
      { distinct: 3, expected: 3, repeated: 2, missing: 0, unexpected: 0, different: 0, contradictions: 0 },
    ]);
    expect(compareOutputs([topic({ a: '1', b: 'x', d: '4' }, 3, ['a'])], [calm])).toMatchObject([
      { missing: 1, unexpected: 1, different: 1, contradictions: 1 },
    ]);
  });

  it('of webhooks count transitions under two keys, not deliveries tried again', () => {
    const body = (id: string, transition: string): string => JSON.stringify({ transition, alert: { id } });
    const fine = new Map([
      ['k1', [body('a', 'raised'), body('a', 'raised')]],
      ['k2', [body('a', 'resolved')]],
    ]);
    expect(checkWebhooks(fine)).toEqual({ deliveries: 3, keys: 2, transitions: 2, duplicates: 0 });
    expect(checkWebhooks(new Map([...fine, ['k3', [body('a', 'raised')]]]))).toMatchObject({ duplicates: 1 });
  });

  it('of windows and days find what does not hold its seconds, classes and events', async () => {
    const seconds = [0, 1].map((s) => {
      return { sensor_id: 'x', s, duration_ms: 1000, laeq_db: 60, lafmax_db: 61 + s, laf_125ms_db: [60, 60] };
    });
    const classes = [['dog'], []].map((labels, s) => ({ sensor_id: 'x', s, discontinuity: false, labels }));
    const events = [{ sensor_id: 'x', s: 1, label: 'dog' }];
    const levels = { sensor_id: 'x', covered_ms: 2000, laeq_db: 60, lafmax_db: 62 };
    const day = { ...levels, s: -17 * 3600 };
    const window = {
      ...{ ...levels, s: 0, seconds: 2, la10_db: 60, la50_db: 60, la90_db: 60 },
      ...{ class_shares: { dog: 0.5 }, event_counts: { dog: 1 } },
    };
    const check = (change: object = {}, days: readonly object[] = [day]) => {
      const rows: Readonly<Record<string, readonly object[]>> = {
        ...{ levels_1s: seconds, classifications: classes, events, levels_1d: days },
        ...{ levels_1m: [{ ...window, ...change }], levels_15m: [window], levels_1h: [window] },
      };
      const query: Query = <T>(sql: string) =>
        Promise.resolve((rows[/earshot\.(\w+)/.exec(sql)?.[1] ?? ''] ?? []) as readonly T[]);
      return checkAggregates(query, 'x');
    };
    expect(await check()).toEqual({ windows: 4, different: 0, examples: [] });
    for (const change of [{ laeq_db: 60.02 }, { seconds: 3 }, { class_shares: {} }, { event_counts: { dog: 2 } }])
      expect(await check(change)).toMatchObject({ windows: 4, different: 1 });
    expect(await check({}, [])).toMatchObject({ windows: 4, different: 1 });
    expect(await check({}, [{ ...day, lafmax_db: 61 }])).toMatchObject({ different: 1 });
  });
});
