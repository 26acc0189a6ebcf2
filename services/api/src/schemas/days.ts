import { z } from 'zod';

import { components, db, time } from './parts.js';

const date = z.iso.date();
const period = z.object({ from: time, to: time, completeness: z.number() });

export const localDay = z
  .object({
    date,
    timeZone: z.string(),
    from: time,
    to: time,
    windowMs: z.int(),
    coveredMs: z.int(),
    completeness: z.number(),
    ldenDb: db.describe('null while a period has no second at all'),
    ldayDb: db,
    leveningDb: db,
    lnightDb: db,
    laeqDb: db,
    lafmaxDb: db,
    periods: z.object({ day: period, evening: period, night: period }),
    calibrationId: z.string().nullable(),
    fullScaleDb: z.number().nullable(),
    revision: z.string().regex(/^\d+$/),
    computedAt: time,
  })
  .register(components, {
    id: 'Day',
    examples: [
      {
        date: '2026-10-24',
        timeZone: 'Europe/Berlin',
        from: '2026-10-24T05:00:00.000Z',
        to: '2026-10-25T06:00:00.000Z',
        windowMs: 90_000_000,
        coveredMs: 89_100_000,
        completeness: 0.99,
        ldenDb: 61.8,
        ldayDb: 60.4,
        leveningDb: 57.1,
        lnightDb: 53,
        laeqDb: 58.9,
        lafmaxDb: 88.2,
        periods: {
          day: { from: '2026-10-24T05:00:00.000Z', to: '2026-10-24T17:00:00.000Z', completeness: 1 },
          evening: { from: '2026-10-24T17:00:00.000Z', to: '2026-10-24T21:00:00.000Z', completeness: 1 },
          night: { from: '2026-10-24T21:00:00.000Z', to: '2026-10-25T06:00:00.000Z', completeness: 0.972222 },
        },
        calibrationId: 'cal-1',
        fullScaleDb: 120,
        revision: '281474976715367',
        computedAt: '2026-10-25T06:01:00.000Z',
      },
    ],
  });

export type LocalDayJson = z.infer<typeof localDay>;
