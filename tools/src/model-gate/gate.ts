import { z } from 'zod';

/** What a bundle makes of a set of sounds. Counts, and means over the sounds. */
export const gateFigures = z.object({
  /** Sounds of a class, and of none. */
  classSounds: z.int().min(0),
  otherSounds: z.int().min(0),
  /** Sounds whose class has the highest mean probability. */
  named: z.int().min(0),
  /** Sounds in which the bundle's own thresholds find their class. */
  found: z.int().min(0),
  /** Mean probability of the right class. */
  rightProbability: z.number().min(0).max(1),
  /** What the thresholds find in the sounds that are none of the classes: events, or windows of a classifier. */
  falseFinds: z.int().min(0),
  /** Mean of the highest probability in these. */
  otherProbability: z.number().min(0).max(1),
});
export type GateFigures = z.infer<typeof gateFigures>;

/** `models/figures-of-record.json`: per bundle what it must not fall behind. */
export const figuresOfRecord = z.record(z.string(), gateFigures);
export type FiguresOfRecord = z.infer<typeof figuresOfRecord>;

/** Other processors round otherwise: a count may be off by one, a mean by two hundredths. */
const COUNT_SLACK = 1;
const MEAN_SLACK = 0.02;

/** Why a bundle is refused: every figure that is worse than the one of record, in words. Empty: it may be installed. */
export const refusals = (record: GateFigures, measured: GateFigures): readonly string[] => {
  const told = (what: keyof GateFigures): string => `${what} is ${measured[what]}, of record ${record[what]}`;
  const least = (what: keyof GateFigures, slack: number) =>
    measured[what] >= record[what] - slack ? [] : [told(what)];
  const most = (what: keyof GateFigures, slack: number) => (measured[what] <= record[what] + slack ? [] : [told(what)]);
  const same = (what: keyof GateFigures) =>
    measured[what] === record[what] ? [] : [`${told(what)}: another set of sounds`];
  return [
    ...same('classSounds'),
    ...same('otherSounds'),
    ...least('named', COUNT_SLACK),
    ...least('found', COUNT_SLACK),
    ...least('rightProbability', MEAN_SLACK),
    ...most('falseFinds', COUNT_SLACK),
    ...most('otherProbability', MEAN_SLACK),
  ];
};
