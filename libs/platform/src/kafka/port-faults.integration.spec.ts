import { randomUUID } from 'node:crypto';
import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import kafkajs from 'kafkajs';
import { createLogger } from '../telemetry/index.js';
import {
  createConsumer,
  createKafka,
  createProducer,
  isFencing,
  readToEnd,
  sleep,
  type IncomingRecord,
} from './index.js';

/** Faults that the port has to stand: sockets that are cut, a member that slept through its session. */
const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',');
const logger = createLogger('kafka-faults', 'fatal');
const kafka = createKafka({ brokers, clientId: 'faults', logger });
const admin = new kafkajs.Kafka({ clientId: 'faults-admin', brokers, logLevel: kafkajs.logLevel.NOTHING }).admin();

beforeAll(() => admin.connect());
afterAll(() => admin.disconnect());

const makeTopic = async (): Promise<string> => {
  const topic = `faults-${randomUUID()}`;
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 2, replicationFactor: 1 }] });
  return topic;
};

const text = (record: IncomingRecord): string => new TextDecoder().decode(record.value ?? new Uint8Array());

describe('socket cuts', () => {
  it('lose no record that was acknowledged, nor its order, when refused calls are sent again', async () => {
    const sockets = new Set<net.Socket>();
    const cutting = createKafka({
      brokers,
      clientId: 'faults-cut',
      logger,
      socketFactory: ({ host, port, onConnect }) => {
        const socket = net.connect({ host, port }, onConnect);
        sockets.add(socket);
        socket.once('close', () => sockets.delete(socket));
        return socket;
      },
    });
    const topic = await makeTopic();
    const producer = await createProducer(cutting);
    let cuts = 0;
    const cutter = setInterval(() => {
      for (const socket of sockets) socket.destroy(new Error('read ECONNRESET'));
      cuts += 1;
    }, 1_000);
    let sent = 0;
    for (; cuts < 8; sent += 1) {
      const number = sent;
      for (;;) {
        try {
          await producer.send([{ topic, key: 'one', value: new TextEncoder().encode(String(number)) }]);
          break;
        } catch {
          await sleep(50);
        }
      }
      await sleep(10);
    }
    clearInterval(cutter);
    await producer.close();
    const numbers: number[] = [];
    await readToEnd(kafka, { topics: [topic], logger, onRecord: (record) => numbers.push(Number(text(record))) });
    const firsts = [...new Set(numbers)];
    expect(firsts).toEqual(Array.from({ length: sent }, (_, index) => index));
  });
});

describe('a member that slept through its session', () => {
  it('can not commit any more: its successor’s offsets stay', async () => {
    const topic = await makeTopic();
    const groupId = `g-${randomUUID()}`;
    const producer = await createProducer(kafka);
    await producer.send([{ topic, key: 'k', value: new TextEncoder().encode('1') }]);
    let wake: () => void = () => undefined;
    const asleep = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const state = { sleeping: false };
    const outcomes: ('committed' | 'fenced' | 'other')[] = [];
    const zombie = await createConsumer(kafka, {
      groupId,
      topics: [topic],
      logger,
      sessionTimeoutMs: 6_000,
      handlers: {
        onBatch: async ({ records }, control) => {
          if (state.sleeping) return;
          state.sleeping = true;
          await asleep;
          try {
            await control.commit((records.at(-1)?.kafkaOffset ?? 0) + 1);
            outcomes.push('committed');
          } catch (error) {
            outcomes.push(isFencing(error) ? 'fenced' : 'other');
            throw error;
          }
        },
      },
    });
    for (let tries = 0; tries < 100 && !state.sleeping; tries += 1) await sleep(100);
    let successorSaw = 0;
    const successor = await createConsumer(kafka, {
      groupId,
      topics: [topic],
      logger,
      sessionTimeoutMs: 6_000,
      handlers: {
        onBatch: async ({ records }, control) => {
          successorSaw += records.length;
          await control.commit((records.at(-1)?.kafkaOffset ?? 0) + 1);
        },
      },
    });
    for (let tries = 0; tries < 600 && successorSaw === 0; tries += 1) await sleep(100);
    wake();
    for (let tries = 0; tries < 100 && outcomes.length === 0; tries += 1) await sleep(100);
    await Promise.all([zombie.stop(), successor.stop(), producer.close()]);
    expect(successorSaw).toBe(1);
    expect(outcomes).toEqual(['fenced']);
  });
});

/** A proxy before the broker that answers fetches with nothing while it is told to, as a broker does that starts. */
const quietProxy = async (host: string, port: number) => {
  const state = { quiet: true, emptied: 0 };
  const FETCH = 1;
  /** Cuts a byte stream into frames of Kafka's protocol: a length, then so many bytes. */
  const framed = (take: (frame: Buffer) => void) => {
    let rest: Buffer = Buffer.alloc(0);
    return (chunk: Buffer): void => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
        const end = 4 + rest.readInt32BE(0);
        take(rest.subarray(0, end));
        rest = rest.subarray(end);
      }
    };
  };
  /** Fetch response of version 11 without any topic: length, correlation, throttle, error, session, number of topics. */
  const nothing = (correlation: number): Buffer => {
    const frame = Buffer.alloc(22);
    frame.writeInt32BE(18, 0);
    frame.writeInt32BE(correlation, 4);
    return frame;
  };
  const server = net.createServer((client) => {
    const broker = net.connect({ host, port });
    const fetches = new Set<number>();
    client.on(
      'data',
      framed((frame) => {
        if (frame.readInt16BE(4) === FETCH) fetches.add(frame.readInt32BE(8));
        broker.write(frame);
      }),
    );
    broker.on(
      'data',
      framed((frame) => {
        const correlation = frame.readInt32BE(4);
        const isEmptied = fetches.delete(correlation) && state.quiet;
        if (isEmptied) state.emptied += 1;
        client.write(isEmptied ? nothing(correlation) : frame);
      }),
    );
    for (const [one, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: own } = server.address() as net.AddressInfo;
  return { state, port: own, close: () => server.close() };
};

describe('a broker that has nothing to say for a while', () => {
  it('is not taken for one whose topics were read to the end', async () => {
    const topic = await makeTopic();
    const producer = await createProducer(kafka);
    const values = Array.from({ length: 20 }, (_, index) => String(index));
    await producer.send(
      values.map((value, index) => ({ topic, key: 'k', partition: index % 2, value: new TextEncoder().encode(value) })),
    );
    await producer.close();
    const [host = '', port = ''] = (brokers[0] ?? '').split(':');
    const proxy = await quietProxy(host, Number(port));
    const slow = createKafka({
      brokers,
      clientId: 'faults-quiet',
      logger,
      socketFactory: ({ onConnect }) => net.connect({ host: '127.0.0.1', port: proxy.port }, onConnect),
    });
    const seen: string[] = [];
    const reading = readToEnd(slow, { topics: [topic], logger, onRecord: (record) => seen.push(text(record)) });
    while (proxy.state.emptied < 60) await sleep(50);
    expect(seen).toEqual([]);
    proxy.state.quiet = false;
    await reading;
    proxy.close();
    expect(seen.sort()).toEqual(values.sort());
  });
});
