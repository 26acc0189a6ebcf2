import { describe, expect, it } from '@jest/globals';
import { bandNoise, type Check, decay, passes, peakC, tonebursts, weighting } from './checks.js';
import { generated } from './compare-oracle.js';
import { pageOf } from './page.js';
import { noise } from './signals.js';

const failed = ({ figures }: Check): readonly string[] =>
  figures.filter((figure) => !passes(figure)).map(({ label, deviationDb }) => `${label}: ${deviationDb}`);

describe('conformance of the level engine', () => {
  it.each([
    ['A weighting', () => weighting('A', 22_050)],
    ['C weighting', () => weighting('C', 22_050)],
    ['tonebursts, A', () => tonebursts('A')],
    ['tonebursts, C', () => tonebursts('C')],
    ['tonebursts, Z', () => tonebursts('Z')],
    ['decay', decay],
    ['C peak', peakC],
    ['thirds of pink noise', () => bandNoise(noise(60 * 16_000, true), 16_000, 'pink noise')],
    ['the FFT-domain oracle', () => generated(16_000)],
  ])('%s', (_, check) => {
    const result = check();
    expect(result.figures.length).toBeGreaterThan(1);
    expect(failed(result)).toEqual([]);
  });

  it('a figure beyond its limit, or none at all, fails', () => {
    const figure = { label: '', x: 0, lowerDb: -0.1, upperDb: 0.1 };
    expect(passes({ ...figure, deviationDb: 0.1 })).toBe(true);
    expect(passes({ ...figure, deviationDb: 0.11 })).toBe(false);
    expect(passes({ ...figure, deviationDb: NaN })).toBe(false);
  });

  it('the page tells what failed', () => {
    const figures = [{ label: 'F <1 ms>', x: 1, deviationDb: 0.5, lowerDb: -0.2, upperDb: 0.2 }];
    const page = pageOf({ claim: 'class 1 filters', pass: false, absent: [], checks: [{ title: 'bursts', figures }] });
    expect(page).toContain('FAIL: F &#60;1 ms&#62;');
  });
});
