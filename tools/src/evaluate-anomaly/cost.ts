import { serialize } from 'node:v8';
import { createDetectAnomalies, defaultAnomalyConfig, type HeardSecond } from '@earshot/core/anomaly';
import { sensorSeconds } from './sensor-days.js';

export interface DetectorCost {
  readonly seconds: number;
  /** CPU (user and system) per second of a sensor's sound, learning included, microseconds. */
  readonly cpuUsPerS: number;
  /** Largest state met, as it is stored. */
  readonly stateBytes: number;
}

const BATCH_S = 20;

/** What the detector costs for one generated sensor from its first second on. */
export const measureCost = (seed: number, seconds: number): DetectorCost => {
  const source: Iterator<HeardSecond> = sensorSeconds(seed, 'yard');
  const heard = Array.from({ length: seconds }, () => source.next().value as HeardSecond);
  const stage = createDetectAnomalies(defaultAnomalyConfig);
  let state = stage.init('t/s');
  let [stateBytes, cpuUs] = [0, 0];
  for (let from = 0; from < seconds; from += BATCH_S) {
    const before = process.cpuUsage();
    ({ state } = stage.step(state, heard.slice(from, from + BATCH_S)));
    const { user, system } = process.cpuUsage(before);
    cpuUs += user + system;
    stateBytes = Math.max(stateBytes, serialize(state).byteLength);
  }
  return { seconds, cpuUsPerS: cpuUs / seconds, stateBytes };
};
