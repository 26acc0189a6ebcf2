import { describe, expect, it } from '@jest/globals';
import { createRandom } from '../simulator/random.js';
import { areaUnderRoc } from './auc.js';
import { falseAlarmsOf, poissonUpper, type SensorDays } from './false-alarms.js';
import { drawMachine, machineSpell, RATE_HZ } from './machine-sounds.js';
import { highPassed, mixIn, trimmed } from './mixing.js';

const random = createRandom(4);
const noise = (seconds: number, amplitude: number): Float32Array =>
  Float32Array.from({ length: seconds * RATE_HZ }, () => amplitude * (random() - 0.5));
const power = (samples: Float32Array): number => samples.reduce((sum, value) => sum + value ** 2, 0) / samples.length;

describe('area under the ROC curve', () => {
  it('is the share of pairs in the right order, ties half', () => {
    expect(areaUnderRoc([1, 2, 3], [4, 5])).toBe(1);
    expect(areaUnderRoc([4, 5], [1, 2, 3])).toBe(0);
    expect(areaUnderRoc([1, 1], [1, 1, 1])).toBe(0.5);
    expect(areaUnderRoc([1, 3], [2])).toBe(0.5);
    expect(areaUnderRoc([], [1])).toBeNaN();
  });

  it('up to a false-positive rate is 1 when perfect and 0.5 by chance', () => {
    expect(areaUnderRoc([1, 2, 3], [4, 5], 0.1)).toBeCloseTo(1);
    const scores = Array.from({ length: 500 }, (_, at) => at);
    expect(areaUnderRoc(scores, scores, 0.1)).toBeCloseTo(0.5, 2);
    // scikit-learn: roc_auc_score([0,0,1,1], [0.1,0.4,0.35,0.8], max_fpr=0.5).
    expect(areaUnderRoc([0.1, 0.4], [0.35, 0.8], 0.5)).toBeCloseTo(2 / 3);
  });
});

describe('mixing', () => {
  it('has the signal-to-noise ratio that was asked for in the span of the event', () => {
    const background = noise(10, 0.1);
    const event = new Float32Array(3 * RATE_HZ);
    event.set(noise(1, 0.7), RATE_HZ);
    expect(trimmed(event, RATE_HZ)).toHaveLength(RATE_HZ);
    const { samples, onsetS, offsetS } = mixIn(background, event, { rateHz: RATE_HZ, snrDb: 6, longestS: 5, random });
    expect(offsetS - onsetS).toBeCloseTo(1);
    const [from, to] = [Math.round(onsetS * RATE_HZ), Math.round(offsetS * RATE_HZ)];
    const added = highPassed(
      samples.map((value, n) => value - (background[n] ?? 0)),
      RATE_HZ,
    ).subarray(from, to);
    const bed = highPassed(background, RATE_HZ).subarray(from, to);
    expect(Math.abs(10 * Math.log10(power(added) / power(bed)) - 6)).toBeLessThan(0.1);
    expect(samples.subarray(0, from)).toEqual(background.subarray(0, from));
  });
});

describe('machines', () => {
  it('sound the same for the same seed, and have the fault that was asked for', () => {
    const machine = drawMachine(3);
    expect(drawMachine(3)).toEqual(machine);
    const healthy = machineSpell(machine, 8, 2);
    for (const kind of ['imbalance', 'bpfo', 'bpfi'] as const) {
      const faulty = machineSpell(machine, 8, 2, { kind, faultDb: -10 });
      expect(faulty.shaftHz).toEqual(healthy.shaftHz);
      const own = faulty.samples.map((value, n) => value - (healthy.samples[n] ?? 0));
      expect(10 * Math.log10(power(own) / power(healthy.samples))).toBeCloseTo(-10, 1);
    }
  });
});

describe('false alarms', () => {
  it('bound the mean of a count from above', () => {
    // Half the 95 % quantile of chi-square with 2 and 8 degrees of freedom.
    expect(Math.abs(poissonUpper(0) - 2.996)).toBeLessThan(0.05);
    expect(Math.abs(poissonUpper(3) - 7.754)).toBeLessThan(0.05);
  });

  it('do not count the first day', () => {
    const one = (alarms: readonly number[]): SensorDays => ({
      ...{ place: 'yard', seed: 1, alarms, anomalousS: [10, 20, 30], onsetsH: [], threshold: 2 },
    });
    expect(falseAlarmsOf([one([50, 1, 0]), one([9, 0, 2])])).toMatchObject({
      ...{ sensors: 2, sensorDays: 4, alarms: 3, perDay: 0.75, worstDay: 2, anomalousS: 100, firstDayAlarms: 59 },
    });
  });
});
