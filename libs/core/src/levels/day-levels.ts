import type { LevelDb } from './types.js';

/** Periods of the day, whole hours of the site's clock: day from `dayFromH` to `eveningFromH`, night from `nightFromH` on. */
export interface DayPeriods {
  readonly dayFromH: number;
  readonly eveningFromH: number;
  readonly nightFromH: number;
}

/** Directive 2002/49/EC, annex I: 07–19, 19–23, 23–07. */
export const EU_PERIODS: DayPeriods = { dayFromH: 7, eveningFromH: 19, nightFromH: 23 };

export interface PeriodLevels {
  readonly ldayDb: LevelDb;
  readonly leveningDb: LevelDb;
  readonly lnightDb: LevelDb;
}

const EVENING_PENALTY_DB = 5;
const NIGHT_PENALTY_DB = 10;

/**
 * Day-evening-night level, dB: 10 lg((12 · 10^(Lday/10) + 4 · 10^((Levening + 5)/10) + 8 · 10^((Lnight + 10)/10)) / 24), Directive
 * 2002/49/EC, annex I. The weights are the nominal lengths of the periods (12, 4 and 8 h by default), also on a day when the
 * clock changes: the levels are those of the hours there were. Null when a period has no level: a day without a night has no Lden.
 */
export const denLevel = (
  { ldayDb, leveningDb, lnightDb }: PeriodLevels,
  { dayFromH, eveningFromH, nightFromH }: DayPeriods = EU_PERIODS,
): LevelDb => {
  if (ldayDb === null || leveningDb === null || lnightDb === null) return null;
  const dayH = eveningFromH - dayFromH;
  const eveningH = nightFromH - eveningFromH;
  const nightH = 24 - dayH - eveningH;
  const energy =
    dayH * 10 ** (ldayDb / 10) +
    eveningH * 10 ** ((leveningDb + EVENING_PENALTY_DB) / 10) +
    nightH * 10 ** ((lnightDb + NIGHT_PENALTY_DB) / 10);
  return 10 * Math.log10(energy / 24);
};
