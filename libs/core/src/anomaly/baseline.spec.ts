import { describe, expect, it } from '@jest/globals';
import { learnBaseline, scoreOf, type Baseline } from './baseline.js';
import { FEATURES } from './embedding.js';
import { chance, noExemplars, SLOTS_PER_DAY, toExemplar, withExemplar } from './memory.js';

const SLOT_US = 600e6;
const NIGHT_SLOT = 12;
const NOON_SLOT = 72;

const sound = (db: number, at: number): Float32Array =>
  Float32Array.from({ length: FEATURES }, (_, k) => db + 6 * (chance(200 * at + k) - 0.5));

/** Two days of a place that is at 30 dB by night and at 55 dB by day, heard once in every `every` spans of ten minutes. */
const learned = (every: number): Baseline => {
  let exemplars = noExemplars;
  for (let slot = 0; slot < 2 * SLOTS_PER_DAY; slot += every) {
    const isNight = slot % SLOTS_PER_DAY < SLOTS_PER_DAY / 4;
    const exemplar = toExemplar(sound(isNight ? 30 : 55, slot), slot * SLOT_US);
    exemplars = withExemplar(exemplars, exemplar, exemplars.slots.length);
  }
  return learnBaseline(exemplars, 0);
};

describe('scoreOf', () => {
  const night = sound(30, 9999);

  it('finds what belongs to the night more unusual at noon, and not where time does not count', () => {
    const baseline = learned(3);
    const own = scoreOf(baseline, night, NIGHT_SLOT).score;
    expect(own).toBe(scoreOf(baseline, night, null).score);
    expect(scoreOf(baseline, night, NOON_SLOT).score).toBeGreaterThan(1.5 * own);
  });

  it('says nothing of the time of day where the sensor was hardly heard', () => {
    const baseline = learned(12);
    expect(scoreOf(baseline, night, NOON_SLOT).score).toBe(scoreOf(baseline, night, NIGHT_SLOT).score);
  });
});
