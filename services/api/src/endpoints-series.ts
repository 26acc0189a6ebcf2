import { z } from 'zod';

import type { Endpoint } from './http/endpoint.js';
import {
  cursorParameter,
  limitParameter,
  sensorIdsParameter,
  seriesResolutionParameter,
  setParameter,
  timeParameter,
} from './query/parameters.js';
import { page, time } from './schemas/parts.js';
import { levelSeries, seriesQuantities } from './schemas/series.js';

/** Levels of many sensors, or of a long time, in one answer. */
export const seriesEndpoints = {
  listLevelSeries: {
    method: 'GET',
    path: 'levels',
    summary: 'Chosen levels per window as arrays, of all sensors or of some, in order of sensor',
    tag: 'Sound',
    access: 'read',
    parameters: z.strictObject({}),
    query: z.strictObject({
      from: timeParameter,
      to: timeParameter,
      resolution: seriesResolutionParameter,
      sensorIds: sensorIdsParameter(500),
      quantities: setParameter(seriesQuantities),
      limit: limitParameter(1000, 1000),
      cursor: cursorParameter,
    }),
    status: 200,
    response: z.object({
      resolution: z.enum(['1m', '15m', '1h']),
      from: time,
      to: time,
      start: time.describe('of the window at index 0'),
      windowMs: z.int(),
      windows: z.int().describe('length of every array'),
      quantities: z.array(z.enum(seriesQuantities)),
      ...page(levelSeries).shape,
    }),
    failures: [404],
  },
} as const satisfies Record<string, Endpoint>;
