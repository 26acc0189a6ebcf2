import { z } from 'zod';

/** What a bundle makes of a set of sounds. Counts, and means over the sounds. */
export const gateFigures = z.object({
  /** Sounds of a class, and of none. */
  classSounds: z.int().min(0),
  otherSounds: z.int().min(0),
  /** Sounds whose class is the highest of the clip's result. */
  named: z.int().min(0),
  /** Sounds with an event of their class, by the bundle's own rule. */
  found: z.int().min(0),
  /** Mean probability of the right class. */
  rightProbability: z.number().min(0).max(1),
  /** Events in the sounds that are none of the classes. */
  falseEvents: z.int().min(0),
  /** Mean of the highest probability in these. */
  otherProbability: z.number().min(0).max(1),
});
export type GateFigures = z.infer<typeof gateFigures>;

/** `models/figures-of-record.json`: per bundle and set what it must not fall behind. */
export const figuresOfRecord = z.record(z.string(), z.record(z.string(), gateFigures));
export type FiguresOfRecord = z.infer<typeof figuresOfRecord>;

/** Other processors round otherwise: a count may be off by one, a mean by two hundredths. */
const COUNT_SLACK = 1;
const MEAN_SLACK = 0.02;

/** Why a bundle is refused: every figure that is worse than the one of record, in words. Empty: it may be installed. */
export const refusals = (record: GateFigures, measured: GateFigures): readonly string[] => {
  const least = (what: keyof GateFigures, slack: number): string[] =>
    measured[what] >= record[what] - slack ? [] : [`${what} is ${measured[what]}, of record ${record[what]}`];
  const most = (what: keyof GateFigures, slack: number): string[] =>
    measured[what] <= record[what] + slack ? [] : [`${what} is ${measured[what]}, of record ${record[what]}`];
  const same = (what: keyof GateFigures): string[] =>
    measured[what] === record[what] ? [] : [`${what} is ${measured[what]}, of record ${record[what]}: another set`];
  return [
    ...same('classSounds'),
    ...same('otherSounds'),
    ...least('named', COUNT_SLACK),
    ...least('found', COUNT_SLACK),
    ...least('rightProbability', MEAN_SLACK),
    ...most('falseEvents', COUNT_SLACK),
    ...most('otherProbability', MEAN_SLACK),
  ];
};
