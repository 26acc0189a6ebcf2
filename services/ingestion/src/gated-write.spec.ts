import { describe, expect, it } from '@jest/globals';
import type { OutgoingRecord, RecordProducer } from '@earshot/platform/kafka';
import { ByteGate } from './byte-gate.js';
import { createGatedWrite } from './pipeline.js';

const record = (bytes: number): OutgoingRecord => ({ topic: 't', key: 'k', value: new Uint8Array(bytes) });

/** Takes records and acknowledges them when told to. */
const silentProducer = () => {
  const sent: { readonly records: readonly OutgoingRecord[]; acknowledge(): void }[] = [];
  const producer: RecordProducer = {
    send: (records) => new Promise((resolve) => sent.push({ records, acknowledge: resolve })),
    close: () => Promise.resolve(),
  };
  return { producer, sent };
};

describe('gated write', () => {
  it('answers when the broker is silent, and holds the room until it has spoken', async () => {
    const { producer, sent } = silentProducer();
    const gate = new ByteGate(100);
    const write = createGatedWrite(producer, gate, 10);
    expect(await write(record(60))).toMatchObject({ code: 'unavailable', message: expect.stringMatching(/0\.01 s/) });
    expect(gate.usedBytes).toBe(60);
    sent[0]?.acknowledge();
    await new Promise((resolve) => setImmediate(resolve));
    expect(gate.usedBytes).toBe(0);
  });

  it('never sends what waited for room until it was refused', async () => {
    const { producer, sent } = silentProducer();
    const gate = new ByteGate(100);
    const write = createGatedWrite(producer, gate, 10);
    expect(await Promise.all([write(record(80)), write(record(81))])).toMatchObject([
      { code: 'unavailable' },
      { code: 'unavailable' },
    ]);
    sent[0]?.acknowledge();
    await new Promise((resolve) => setImmediate(resolve));
    expect(sent.map(({ records }) => records[0]?.value?.length)).toEqual([80]);
    expect(gate.usedBytes).toBe(0);
  });

  it('says nothing is wrong once it is acknowledged', async () => {
    const { producer, sent } = silentProducer();
    const verdict = createGatedWrite(producer, new ByteGate(100), 60_000)(record(1));
    await new Promise((resolve) => setImmediate(resolve));
    sent[0]?.acknowledge();
    expect(await verdict).toBeNull();
  });
});
