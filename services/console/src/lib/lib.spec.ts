import { describe, expect, it } from '@jest/globals';
import { magma } from './colormap.js';
import { energyMeanDb } from './energy.js';
import { toGrid } from './grid.js';
import { hzToMel, melAxisPosition, melBandCentreHz, melToHz } from './mel.js';
import { SecondsRing } from './seconds-ring.js';

describe('SecondsRing', () => {
  it('keeps the newest seconds and leaves what never came empty', () => {
    const ring = new SecondsRing(4);
    ring.set(100, -30);
    ring.set(103, -40);
    expect([100, 101, 102, 103].map((second) => ring.at(second))).toEqual([-30, NaN, NaN, -40]);
    ring.set(101, -35);
    expect(ring.at(101)).toBe(-35);
  });

  it('forgets after a long absence', () => {
    const ring = new SecondsRing(4);
    for (let second = 1; second <= 4; second++) ring.set(second, second);
    ring.set(1000, -1);
    expect([997, 998, 999, 1000].map((second) => ring.at(second))).toEqual([NaN, NaN, NaN, -1]);
    ring.set(3, 7);
    expect(ring.at(3)).toBeNaN();
  });

  it('has no energy as a second that is there but has no level', () => {
    const ring = new SecondsRing(2);
    ring.set(5, null);
    expect(ring.newestSecond).toBe(5);
    expect(ring.at(5)).toBeNaN();
  });
});

describe('toGrid', () => {
  it('makes a gap of what is missing', () => {
    const grid = toGrid([{ timeMs: 1500 }, { timeMs: 3500 }], 1500, 5500, 1000);
    expect(grid.timesS).toEqual([1.5, 2.5, 3.5, 4.5]);
    expect(grid.rows.map((row) => row?.timeMs ?? null)).toEqual([1500, null, 3500, null]);
  });

  it('leaves rows outside of the range out', () => {
    expect(toGrid([{ timeMs: 0 }, { timeMs: 9000 }], 2000, 4000, 1000).rows).toEqual([null, null]);
  });
});

describe('energyMeanDb', () => {
  it('averages energy, not decibels', () => {
    expect(energyMeanDb([{ levelDb: 60 }, { levelDb: 60 }])).toBeCloseTo(60, 9);
    expect(energyMeanDb([{ levelDb: 60 }, { levelDb: null }])).toBeCloseTo(60 - 3.0103, 4);
    expect(
      energyMeanDb([
        { levelDb: 70, weight: 1 },
        { levelDb: 60, weight: 9 },
      ]),
    ).toBeCloseTo(62.788, 2);
  });

  it('is null without energy', () => {
    expect(energyMeanDb([])).toBeNull();
    expect(energyMeanDb([{ levelDb: null }])).toBeNull();
  });
});

describe('mel axis', () => {
  it('is the Slaney scale', () => {
    expect(hzToMel(1000)).toBeCloseTo(15, 9);
    expect(hzToMel(6400)).toBeCloseTo(42, 9);
    expect(melToHz(hzToMel(3150))).toBeCloseTo(3150, 6);
  });

  it('puts the middle of a band at the middle of its row', () => {
    for (const band of [0, 31, 63]) {
      expect(melAxisPosition(melBandCentreHz(band, 64), 64)).toBeCloseTo((band + 0.5) / 64, 9);
    }
  });
});

describe('magma', () => {
  it('grows lighter from end to end', () => {
    const luminance = Array.from({ length: 64 }, (_, index) => {
      const [red, green, blue] = magma(index / 63);
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    });
    expect(luminance[0]).toBeLessThan(5);
    expect(luminance.at(-1)).toBeGreaterThan(235);
    luminance.slice(1).forEach((value, index) => expect(value).toBeGreaterThan((luminance[index] ?? 0) - 0.8));
  });
});
