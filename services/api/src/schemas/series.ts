import { z } from 'zod';

import { components, db } from './parts.js';

/** Levels of a window that a series can be of; each is an array of every item. */
export const seriesQuantities = [
  'laeqDb',
  'lceqDb',
  'lzeqDb',
  'laeDb',
  'lafmaxDb',
  'lcpeakDb',
  'lafminDb',
  'lasmaxDb',
  'la1Db',
  'la5Db',
  'la10Db',
  'la50Db',
  'la90Db',
  'la95Db',
  'la99Db',
] as const;
export type SeriesQuantity = (typeof seriesQuantities)[number];

const values = z.array(db).optional();

export const levelSeries = z
  .object({
    sensorId: z.string(),
    completeness: z
      .array(z.number())
      .describe('share of each window that was heard; 0: no window, or nothing in it counts'),
    calibrations: z
      .array(
        z.object({
          fromIndex: z.int().describe('of the first window it holds for; until the next one begins'),
          calibrationId: z.string().nullable().describe('null: levels are re full scale'),
          fullScaleDb: z.number().nullable(),
        }),
      )
      .describe('which calibration the levels carry, in order of time'),
    ...(Object.fromEntries(seriesQuantities.map((name) => [name, values])) as Record<SeriesQuantity, typeof values>),
  })
  .register(components, {
    id: 'LevelSeries',
    examples: [
      {
        sensorId: 'gate-1',
        completeness: [1, 0, 0.983333],
        calibrations: [{ fromIndex: 0, calibrationId: 'cal-1', fullScaleDb: 120 }],
        laeqDb: [54.12, null, 53.9],
        la90Db: [49.8, null, 48.25],
      },
    ],
  });

export type LevelSeriesJson = z.infer<typeof levelSeries>;
