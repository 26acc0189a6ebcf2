import { FRONT_END } from '../dsp/index.js';
import { emitted } from '../stage/index.js';
import { createDetectAnomalies } from './detect-anomalies.js';
import type { AnomalyConfig, AnomalyVerdict, HeardSecond } from './types.js';

const FRAME_US = (FRONT_END.hopLength * 1e6) / FRONT_END.sampleRateHz;

/**
 * Verdicts over a finite signal from its log-mel, the stage as it is over seconds as they come: times in microseconds from the signal's start.
 * `frames`: codes of all frames; `frameCounts`: how many of them each second completed.
 */
export const detectInSignal = (
  config: AnomalyConfig,
  frames: Uint8Array,
  frameCounts: readonly number[],
): readonly AnomalyVerdict[] => {
  const stage = createDetectAnomalies(config);
  let first = 0;
  const seconds = frameCounts.map((frameCount): HeardSecond => {
    const logMel = frames.subarray(first * FRONT_END.melBands, (first + frameCount) * FRONT_END.melBands);
    const timeUs = Math.round(first * FRAME_US);
    first += frameCount;
    return {
      ...{ tenantId: '', sensorId: '', bootId: '' },
      ...{ timeUs, frameCount, logMel, discontinuity: false, receivedTimeUs: 0 },
    };
  });
  const { state, outcomes } = stage.step(stage.init(''), seconds);
  return [...emitted(outcomes), ...stage.flush(state)];
};
