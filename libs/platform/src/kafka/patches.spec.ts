import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';

/**
 * The patches under patches/ (see there). Without the first two the driver still works, but costs what DESIGN measured; without the third it goes
 * through a hole that compaction left one offset at a time, a fetch for each.
 */
const require = createRequire(import.meta.url);

describe('patches of kafkajs', () => {
  it('CRC-32C is computed by @node-rs/crc32 and right', () => {
    const crc32C = require('kafkajs/src/protocol/recordBatch/crc32C') as (pieces: Buffer[]) => number;
    // RFC 3720 B.4: 32 bytes of zeros, 32 bytes of ones.
    expect(crc32C([Buffer.alloc(32)])).toBe(0x8a9136aa);
    expect(crc32C([Buffer.alloc(7, 0xff), Buffer.alloc(25, 0xff)])).toBe(0x62a8ab43);
    expect(crc32C.toString()).toContain('crc32c(');
  });

  it('large values go into a batch by reference and come out of it as they were', async () => {
    const Encoder = require('kafkajs/src/protocol/encoder') as new () => {
      writeInt32(value: number): { writeBuffer(buffer: Buffer): { readonly buffer: Buffer } };
    };
    const Decoder = require('kafkajs/src/protocol/decoder') as new (buffer: Buffer) => object;
    const { RecordBatch } = require('kafkajs/src/protocol/recordBatch/v0') as {
      RecordBatch(options: object): Promise<{ readonly buffer: Buffer; pieces(): readonly Buffer[]; size(): number }>;
    };
    const Record = require('kafkajs/src/protocol/recordBatch/record/v0') as (options: object) => object;
    const decodeMessages = require('kafkajs/src/protocol/requests/fetch/v4/decodeMessages') as (
      decoder: object,
    ) => Promise<{ readonly key: Buffer; readonly value: Buffer }[]>;
    const crc32C = require('kafkajs/src/protocol/recordBatch/crc32C') as (pieces: Buffer[]) => number;

    const values = [0, 1, 700, 1023, 1024, 5_000, 70_000].map((size) => Buffer.alloc(size, size % 251));
    const records = values.map((value, at) =>
      Record({
        offsetDelta: at,
        timestampDelta: 2 ** 31 + at,
        key: Buffer.from(`k${at}`),
        value,
        headers: { at: `${at}` },
      }),
    );
    const batch = await RecordBatch({ records, firstSequence: 0, producerId: 1, producerEpoch: 0 });
    const pieces = batch.pieces();
    expect(values.filter((value) => pieces.includes(value)).map(({ length }) => length)).toEqual([1024, 5_000, 70_000]);
    const { buffer } = batch;
    expect(buffer.length).toBe(batch.size());
    expect(buffer.equals(Buffer.concat(pieces))).toBe(true);
    // Kafka's record batch: the checksum, at 17, is of all that follows it.
    expect(buffer.readUInt32BE(17)).toBe(crc32C([buffer.subarray(21)]));
    const messages = await decodeMessages(
      new Decoder(new Encoder().writeInt32(buffer.length).writeBuffer(buffer).buffer),
    );
    expect(messages.map(({ key }) => key.toString())).toEqual(values.map((_, at) => `k${at}`));
    messages.forEach(({ value }, at) => expect(value.equals(values[at] ?? Buffer.from('x'))).toBe(true));
  });

  it('a request queue with nothing pending arms no timer', () => {
    const RequestQueue = require('kafkajs/src/network/requestQueue') as new (options: object) => {
      throttleCheckTimeoutId: unknown;
      checkPendingRequests(): void;
      destroy(): void;
    };
    const queue = new RequestQueue({
      maxInFlightRequests: 1,
      requestTimeout: 1000,
      enforceRequestTimeout: false,
      clientId: 'test',
      broker: 'test',
      logger: { debug: () => undefined },
    });
    queue.checkPendingRequests();
    expect(queue.throttleCheckTimeoutId).toBeNull();
    queue.destroy();
  });

  it('a batch whose last records were compacted away is passed over in one step', async () => {
    const Encoder = require('kafkajs/src/protocol/encoder') as new () => {
      readonly buffer: Buffer;
      writeInt32(value: number): { writeBuffer(buffer: Buffer): { readonly buffer: Buffer } };
    };
    const Decoder = require('kafkajs/src/protocol/decoder') as new (buffer: Buffer) => object;
    const { RecordBatch } = require('kafkajs/src/protocol/recordBatch/v0') as {
      RecordBatch(options: object): Promise<{ readonly buffer: Buffer }>;
    };
    const Record = require('kafkajs/src/protocol/recordBatch/record/v0') as (options: object) => object;
    const decodeMessages = require('kafkajs/src/protocol/requests/fetch/v4/decodeMessages') as (
      decoder: object,
    ) => Promise<{ readonly offset: string }[]>;
    const Batch = require('kafkajs/src/consumer/batch') as new (
      topic: string,
      fetchedOffset: string,
      data: object,
    ) => { lastOffset(): string; isEmptyDueToFiltering(): boolean };

    const records = [Record({ offsetDelta: 0, timestampDelta: 0, key: Buffer.from('k'), value: Buffer.from('v') })];
    const { buffer } = await RecordBatch({ records, firstSequence: 0, producerId: 1, producerEpoch: 0 });
    const LAST_OFFSET_DELTA_AT = 23;
    buffer.writeInt32BE(20, LAST_OFFSET_DELTA_AT);
    const messages = await decodeMessages(
      new Decoder(new Encoder().writeInt32(buffer.length).writeBuffer(buffer).buffer),
    );
    expect(messages.map(({ offset }) => offset)).toEqual(['0']);
    const batch = new Batch('t', '5', { partition: 0, highWatermark: '40', messages, abortedTransactions: [] });
    expect(batch.isEmptyDueToFiltering()).toBe(true);
    expect(batch.lastOffset()).toBe('20');
  });
});
