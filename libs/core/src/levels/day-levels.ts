import type { LevelDb } from './types.js';

/** Hours of a whole day's periods as Directive 2002/49/EC weighs them, and what is added to their levels. */
export const DEN_HOURS = { day: 12, evening: 4, night: 8 } as const;
const EVENING_PENALTY_DB = 5;
const NIGHT_PENALTY_DB = 10;

export interface DenLevels {
  /** LAeq of the period, dB; null: without energy. */
  readonly ldayDb: LevelDb;
  readonly leveningDb: LevelDb;
  readonly lnightDb: LevelDb;
  /**
   * Weights of the periods, h; default 12, 4 and 8 whatever the length of the day (a night of a clock change has 7 or 9 h:
   * its Lnight is over what it has, its weight stays). 0: the period does not count.
   */
  readonly hours?: { readonly day: number; readonly evening: number; readonly night: number };
}

/**
 * Day-evening-night level Lden, dB (Directive 2002/49/EC, annex I): energy mean of the period levels, the evening's raised
 * by 5 dB, the night's by 10 dB. A period without energy counts with none; null when no period has any.
 */
export const denLevel = ({ ldayDb, leveningDb, lnightDb, hours = DEN_HOURS }: DenLevels): LevelDb => {
  const energy = (level: LevelDb, penaltyDb: number): number => (level === null ? 0 : 10 ** ((level + penaltyDb) / 10));
  const sum =
    hours.day * energy(ldayDb, 0) +
    hours.evening * energy(leveningDb, EVENING_PENALTY_DB) +
    hours.night * energy(lnightDb, NIGHT_PENALTY_DB);
  const total = hours.day + hours.evening + hours.night;
  return sum > 0 && total > 0 ? 10 * Math.log10(sum / total) : null;
};

/** Level of a period from its energy (sum of 10^(L/10) · seconds) and the seconds heard; null without. */
export const periodLevel = (energyS: number, heardS: number): LevelDb =>
  energyS > 0 && heardS > 0 ? 10 * Math.log10(energyS / heardS) : null;
