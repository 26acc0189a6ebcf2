import { thirdOctaveBand } from './third-octave.js';
import type { LevelDb } from './types.js';

export interface OctaveLevel {
  /** Nominal mid-frequency, e.g. "31.5", "1000". */
  readonly label: string;
  readonly midHz: number;
  readonly levelDb: LevelDb;
}

/** Octaves from 31.5 Hz on have their mid-frequency in every third band of a third. */
const FIRST_MIDDLE = 1;

/**
 * Octave bands of IEC 61260-1 (base 10), 31.5 Hz … 16 kHz and on where the rate carries them: each the sum of the powers that its three
 * third-octave filters pass, a response inside class 1 for octaves (`npm run conformance` shows it). Null where one of the three is not
 * valid or none has energy. `thirdOctaveDb`: index i is `thirdOctaveBand(i)`; `validCount`: number of bands that are valid at the rate.
 */
export const octaveBands = (thirdOctaveDb: readonly LevelDb[], validCount: number): readonly OctaveLevel[] => {
  const octaves: OctaveLevel[] = [];
  for (let middle = FIRST_MIDDLE; middle + 1 < thirdOctaveDb.length; middle += 3) {
    const { label, midHz } = thirdOctaveBand(middle);
    const levels = thirdOctaveDb.slice(middle - 1, middle + 2);
    const power = levels.reduce<number>((sum, level) => sum + (level === null ? 0 : 10 ** (level / 10)), 0);
    octaves.push({ label, midHz, levelDb: middle + 1 < validCount && power > 0 ? 10 * Math.log10(power) : null });
  }
  return octaves;
};
