import { describe, expect, it } from '@jest/globals';
import type { IncomingRecord } from '../kafka/index.js';
import { originOf, withOrigin } from './origin.js';
import { groupByKey, selectFresh } from './selection.js';

const record = (kafkaOffset: number, headers: Record<string, string> = {}, key = 'a'): IncomingRecord => ({
  topic: 'in',
  partition: 0,
  kafkaOffset,
  key,
  value: new Uint8Array([kafkaOffset]),
  headers,
  timestampMs: 0,
});
const from = (kafkaOffset: number, upstream: number, index: number, key = 'a'): IncomingRecord => ({
  ...record(kafkaOffset, withOrigin({ topic: 'in', key, value: null }, record(upstream), index).headers, key),
});

const offsets = (records: readonly IncomingRecord[]): readonly number[] => records.map((one) => one.kafkaOffset);

describe('origin', () => {
  it('survives the header, with topics that have dots', () => {
    const made = withOrigin({ topic: 'out', key: 'a', value: null }, { ...record(7), topic: 'earshot.audio.v1' }, 3);
    expect(originOf({ ...record(0), headers: made.headers ?? {} })).toEqual({
      topic: 'earshot.audio.v1',
      kafkaOffset: 7,
      index: 3,
    });
  });

  it('is absent where there is none or nonsense', () => {
    expect(originOf(record(0))).toBeUndefined();
    expect(originOf(record(0, { 'earshot-origin': 'nonsense' }))).toBeUndefined();
  });
});

describe('selectFresh', () => {
  it('leaves out offsets that the state of the key holds', () => {
    const keys = new Map([['a', { positions: new Map([['in', 4]]), origins: new Map() }]]);
    expect(offsets(selectFresh('in', [record(3), record(4), record(5), record(3, {}, 'b')], keys).fresh)).toEqual([
      5, 3,
    ]);
  });

  it('leaves out repetitions, inside a batch and against the state, per key', () => {
    const keys = new Map([
      ['a', { positions: new Map(), origins: new Map([['in<in', { topic: 'in', kafkaOffset: 10, index: 1 }]]) }],
    ]);
    const records = [
      from(1, 10, 0),
      from(2, 10, 1),
      from(3, 10, 2),
      from(4, 11, 0),
      from(5, 10, 2),
      from(6, 10, 0, 'b'),
    ];
    const selection = selectFresh('in', records, keys);
    expect(offsets(selection.fresh)).toEqual([3, 4, 6]);
    expect(selection.repeated).toBe(3);
    expect(selection.origins.get('a')?.get('in<in')).toEqual({ topic: 'in', kafkaOffset: 11, index: 0 });
  });

  it('leaves out tombstones', () => {
    expect(selectFresh('in', [{ ...record(1), value: null }], new Map()).fresh).toEqual([]);
  });
});

describe('groupByKey', () => {
  it('keeps the order per key and sets failures aside, also thrown ones', () => {
    const { groups, failures } = groupByKey<number>(
      {
        topic: 'in',
        decode: ({ kafkaOffset }) => {
          if (kafkaOffset === 2) throw new Error('not protobuf');
          if (kafkaOffset === 3) return { kind: 'dlq', reason: 'invalid', cause: 'three' };
          return { kind: 'input', input: kafkaOffset };
        },
      },
      [record(0), record(1, {}, 'b'), record(2), record(3), record(4)],
    );
    expect(groups.map(([key, items]) => [key, items.map(({ input }) => input)])).toEqual([
      ['a', [0, 4]],
      ['b', [1]],
    ]);
    expect(failures.map(({ failure }) => failure)).toEqual([
      { kind: 'dlq', reason: 'undecodable', cause: 'not protobuf' },
      { kind: 'dlq', reason: 'invalid', cause: 'three' },
    ]);
  });
});
