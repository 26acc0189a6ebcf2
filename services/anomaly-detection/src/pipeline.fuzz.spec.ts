import { Anomaly, LogMelFrame } from '@earshot/contracts';
import {
  defaultAnomalyConfig,
  type AnomalyDetectionState,
  type AnomalyVerdict,
  type HeardSecond,
} from '@earshot/core/anomaly';
import { FRONT_END } from '@earshot/core/dsp';
import { emitted, type Stage } from '@earshot/core/stage';
import { decodeSafely } from '@earshot/platform/stage-runner';
import { fuzz, mutated, oddNumber } from '@earshot/testing/fuzz';
import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { createAnomalyDetection } from './pipeline.js';

jest.setTimeout(3_600_000);

const pipeline = createAnomalyDetection({ ...defaultAnomalyConfig, intervalS: 1, warmUpS: 30 }, 'test', {
  wishOf: () => ({}),
  sensorsReady: Promise.resolve(),
});
const TIME_US = 1_780_000_000_000_000;

const frame = (change: Partial<LogMelFrame> = {}): LogMelFrame =>
  LogMelFrame.fromPartial({
    ...{ tenantId: 't', sensorId: 's', bootId: 'b', timeUs: TIME_US, frontEndId: FRONT_END.id },
    ...{ frameCount: 50, melBands: FRONT_END.melBands, logMel: Buffer.alloc(50 * FRONT_END.melBands, 120) },
    ...change,
  });

const hear = (values: readonly Uint8Array[]): void => {
  const [input] = pipeline.inputs;
  if (input === undefined) throw new Error('no input');
  const stage = pipeline.stage as Stage<AnomalyDetectionState, HeardSecond, AnomalyVerdict>;
  let state = stage.init('t/s');
  values.forEach((value, kafkaOffset) => {
    const record = { topic: input.topic, partition: 0, kafkaOffset, key: 't/s', value, headers: {}, timestampMs: 0 };
    const decoded = decodeSafely(input, record);
    if (decoded.kind === 'dlq') return;
    const { state: next, outcomes } = stage.step(state, [decoded.input]);
    state = next;
    for (const verdict of emitted(outcomes)) {
      const anomaly = Anomaly.decode(pipeline.route(verdict).value ?? new Uint8Array());
      expect([Number.isFinite(anomaly.score), Number.isFinite(anomaly.threshold)]).toEqual([true, true]);
    }
  });
};

describe('records of the features topic', () => {
  it('bytes of any kind', async () => {
    const seeds = [frame(), frame({ discontinuity: true, frameCount: 0, logMel: Buffer.alloc(0) })];
    const bytes = mutated(seeds.map((one) => LogMelFrame.encode(one).finish()));
    await fuzz({ runs: 500 }, fc.property(fc.array(bytes, { minLength: 1, maxLength: 8 }), hear));
  });

  it('seconds of any time and content', async () => {
    const odd = fc.record({
      timeUs: fc.oneof(
        fc.nat({ max: 200 }).map((s) => TIME_US + s * 1e6),
        oddNumber(TIME_US).filter((us) => us >= 0),
      ),
      fill: fc.nat({ max: 255 }),
      frameCount: oddNumber(50, 60).filter((count) => count >= 0),
    });
    const property = fc.property(fc.array(odd, { minLength: 1, maxLength: 60 }), (list) =>
      hear(
        list.map(({ timeUs, fill, frameCount }) => {
          const logMel = Buffer.alloc(frameCount * FRONT_END.melBands, fill);
          return LogMelFrame.encode(frame({ timeUs, frameCount, logMel })).finish();
        }),
      ),
    );
    await fuzz({ runs: 200 }, property);
  });
});
