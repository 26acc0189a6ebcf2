import {
  createDetectAnomalies,
  defaultAnomalyConfig,
  type AnomalyVerdict,
  type HeardSecond,
} from '@earshot/core/anomaly';
import { emitted } from '@earshot/core/stage';
import { describe, expect, it } from '@jest/globals';
import { serialize } from 'node:v8';
import { listen, melNoise, mix, noise, START_US, tone } from './testing/listen.js';

const stage = createDetectAnomalies(defaultAnomalyConfig);
const run = (inputs: Iterable<HeardSecond>): readonly AnomalyVerdict[] =>
  emitted(stage.step(stage.init('demo/gate-1'), [...inputs]).outcomes);
const anomalousSeconds = (verdicts: readonly AnomalyVerdict[]): number =>
  verdicts.filter(({ state }) => state === 'anomalous').reduce((sum, { durationMs }) => sum + durationMs / 1000, 0);
const second = (verdict: AnomalyVerdict | undefined): number => ((verdict?.timeUs ?? 0) - START_US) / 1e6;
const between = (from: number, to: number) => (at: number) => at >= from && at < to;

describe('anomaly detection', () => {
  it('learns for the warm-up, then says normal every five seconds', () => {
    const verdicts = run(melNoise(1, 200));
    expect(verdicts.filter(({ state }) => state === 'learning').at(-1)?.warmUp).toBeCloseTo(115 / 120);
    expect(verdicts.filter(({ state }) => state === 'learning').every(({ score }) => score === 0)).toBe(true);
    expect(second(verdicts.find(({ state }) => state === 'normal'))).toBe(115);
    expect(verdicts.map(({ durationMs }) => durationMs)).toEqual(Array.from({ length: 40 }, () => 5000));
    expect(new Set(verdicts.map(({ id }) => id)).size).toBe(40);
  });

  it('raises no false alarm and scores under 0.3 % of the seconds above the threshold in two hours of noise', () => {
    const each = createDetectAnomalies({ ...defaultAnomalyConfig, intervalS: 1 });
    let above = 0;
    let judged = 0;
    for (const seed of [11, 12]) {
      const verdicts = emitted(each.step(each.init('k'), [...melNoise(seed, 3720)]).outcomes);
      const scored = verdicts.filter(({ state }) => state !== 'learning');
      judged += scored.length;
      above += scored.filter(({ score, threshold }) => score > threshold).length;
      expect(anomalousSeconds(verdicts)).toBe(0);
    }
    expect(judged).toBeGreaterThanOrEqual(7_200);
    expect(above / judged).toBeLessThan(0.003);
  });

  it('finds a new tone in real noise at its second, names its frequency, and ends', async () => {
    const inputs = await listen(mix(noise(5, 0.05), tone(1000, 0.02), between(140, 160)), 190);
    const verdicts = run(inputs);
    const first = verdicts.find(({ state }) => state === 'anomalous');
    expect(((first?.episodeOnsetUs ?? 0) - START_US) / 1e6).toBeGreaterThanOrEqual(139);
    expect(((first?.episodeOnsetUs ?? 0) - START_US) / 1e6).toBeLessThan(141);
    expect(Math.abs((first?.explanation[0]?.frequencyHz ?? 0) - 1000)).toBeLessThan(60);
    expect(first?.explanation[0]?.deviationDb).toBeGreaterThan(5);
    expect(first?.explanation.length).toBeLessThanOrEqual(5);
    expect(verdicts.at(-1)?.state).toBe('normal');
    expect(anomalousSeconds(verdicts)).toBeGreaterThan(20);
    expect(anomalousSeconds(verdicts)).toBeLessThan(35);
  }, 60_000);

  it('finds a louder but equal sound, and tells the change at once', () => {
    const verdicts = run(melNoise(2, 200, (at) => (between(142, 160)(at) ? 8 : 0)));
    const first = verdicts.find(({ state }) => state === 'anomalous');
    expect(first).toMatchObject({ timeUs: START_US + 140e6, durationMs: 5000, episodeOnsetUs: START_US + 142e6 });
    const back = verdicts.findIndex(
      ({ state }, index) => state === 'normal' && verdicts[index - 1]?.state === 'anomalous',
    );
    expect(second(verdicts[back]) + (verdicts[back]?.durationMs ?? 0) / 1000).toBe(170);
  });

  it('does not call a burst shorter than raiseAfterS an anomaly', () => {
    expect(anomalousSeconds(run(melNoise(3, 200, (at) => (between(150, 152)(at) ? 20 : 0))))).toBe(0);
  });

  it('knows a machine that alternates between two states, and not a third', () => {
    const states = (at: number, band: number): number =>
      between(300, 320)(at) ? (band < 10 ? 12 : 0) : Math.floor(at / 20) % 2 === 0 ? 0 : band > 30 ? 15 : 3;
    const verdicts = run(melNoise(4, 600, states));
    const flagged = verdicts.filter(({ state }) => state === 'anomalous').map(second);
    // The change is told after 303 s, at once; from there on every five seconds.
    expect(flagged.slice(0, 4)).toEqual([300, 303, 308, 313]);
    expect(flagged.at(-1)).toBeLessThan(330);
  });

  it('follows slow drift', () => {
    expect(anomalousSeconds(run(melNoise(5, 1400, (at) => (4 * at) / 3600)))).toBe(0);
  });

  it('never learns from what it flags: after a quarter of an hour it is still anomalous', () => {
    const verdicts = run(melNoise(6, 1100, (at, band) => (at >= 200 && band === 20 ? 15 : 0)));
    expect(verdicts.slice(-100).every(({ state }) => state === 'anomalous')).toBe(true);
  });

  it('learns through a burst in the warm-up and still finds it later', () => {
    const burst = (at: number): number => (between(30, 34)(at) || between(200, 206)(at) ? 20 : 0);
    const verdicts = run(melNoise(7, 260, burst));
    expect(second(verdicts.find(({ state }) => state === 'anomalous'))).toBe(200);
  });

  it('passes over partial and silent seconds, late ones and those of a wrong clock', () => {
    const inputs = [...melNoise(8, 130)];
    const partial = (one: HeardSecond): HeardSecond => ({ ...one, frameCount: 10, logMel: one.logMel.slice(0, 640) });
    const changed = inputs.map((one, at) =>
      at === 40 ? partial(one) : at === 60 ? { ...one, logMel: new Uint8Array(one.logMel.length) } : one,
    );
    const future = { ...(inputs[0] as HeardSecond), timeUs: START_US + 900_000e6 };
    const { outcomes, state } = stage.step(stage.init('k'), [...changed.slice(0, 100), future, ...changed.slice(90)]);
    expect(outcomes.flatMap((one) => (one.kind === 'drop' ? [one.reason] : []))).toEqual([
      'out-of-scope',
      'silent',
      'out-of-scope',
      ...Array.from({ length: 10 }, () => 'late'),
    ]);
    expect(state.listener.seen).toBe(120);
    const learning = emitted(outcomes).filter((verdict) => verdict.state === 'learning');
    expect(learning.at(-1)?.warmUp).toBeLessThan(1);
  });

  it('ends an interval at a discontinuity and runs with it', () => {
    const inputs = [...melNoise(9, 200, (at) => (between(151, 155)(at) ? 20 : 0))];
    const cut = { ...(inputs[153] as HeardSecond), discontinuity: true, frameCount: 0, logMel: new Uint8Array() };
    const verdicts = run([...inputs.slice(0, 153), cut, ...inputs.slice(153)]);
    expect(verdicts.find(({ timeUs }) => timeUs === START_US + 150e6)?.durationMs).toBe(3000);
    expect(anomalousSeconds(verdicts)).toBe(0);
  });

  it('keeps less than 24 kB per sensor', () => {
    const sizes = [119, 600].map((durationS) => {
      const { state } = stage.step(stage.init('k'), [
        ...melNoise(10, durationS, (at) => (Math.floor(at / 20) % 4) * 8),
      ]);
      return serialize(state).byteLength;
    });
    expect(Math.max(...sizes)).toBeLessThan(24_000);
  });
});
