import { checkChunkingLaw, checkReplayLaw } from '@earshot/testing/laws';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { createDetectAnomalies, type HeardSecond } from './index.js';

const START_US = 1_780_000_000e6;
const config = { warmUpS: 12, intervalS: 3, raiseAfterS: 2, clearAfterS: 3, adaptS: 30, matureS: 40, dangerAfterS: 3 };

const second = (at: number, gain: number, wobble: number, kind: string): HeardSecond => {
  const frameCount = kind === 'partial' ? 20 : kind === 'break' ? 0 : 50;
  return {
    tenantId: 'demo',
    sensorId: 'gate-1',
    bootId: at < 30 ? 'b1' : 'b2',
    timeUs: START_US + at * 1e6,
    frameCount,
    logMel: Uint8Array.from({ length: frameCount * 64 }, (_, index) =>
      kind === 'silent' ? 0 : 80 + gain + ((index * 7 + wobble * (index % 64)) % 5),
    ),
    discontinuity: kind === 'break',
    receivedTimeUs: START_US + at * 1e6 + 1e6,
  };
};

/** Mostly normal seconds with loud stretches, holes, breaks, repeated and cut seconds; past the warm-up more often than not. */
const seconds = fc
  .array(
    fc.record({
      step: fc.constantFrom(1, 1, 1, 1, 1, 1, 0, 3),
      gain: fc.constantFrom(0, 0, 0, 0, 60, 60),
      wobble: fc.nat(4),
      kind: fc.constantFrom('whole', 'whole', 'whole', 'whole', 'whole', 'whole', 'partial', 'silent', 'break'),
    }),
    { minLength: 10, maxLength: 70 },
  )
  .map((all) => {
    let at = 0;
    return all.map(({ step, gain, wobble, kind }, index) => {
      at += step;
      return second(at, index > 18 ? gain : 0, wobble, kind);
    });
  });

describe('detect anomalies', () => {
  it('chunking', () => checkChunkingLaw(createDetectAnomalies(config), seconds));
  it('replay', () => checkReplayLaw(createDetectAnomalies(config), seconds));
});
