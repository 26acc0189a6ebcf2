import { Histogram, type Registry } from '@earshot/platform/telemetry';

import type { StoredRow } from './rows/stored-row.js';

/** What came in later after it was heard is not live: a sensor that was away, or a wrong clock. */
const LIVE_US = 10e6;

export type Freshness = (rows: readonly StoredRow[]) => void;

/** Tells how old results of live sound are when they are stored: from the end of the last sample to now. `nowUs`: µs since the Unix epoch. */
export const createFreshness = (registry: Registry, nowUs: () => number = () => Date.now() * 1000): Freshness => {
  const ages = new Histogram({
    name: 'earshot_sink_result_age_seconds',
    help: 'From the last sample of live sound to its stored result',
    labelNames: ['table'],
    buckets: [0.1, 0.2, 0.35, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3, 4, 5, 7.5, 10, 20, 60],
    registers: [registry],
  });
  return (rows) => {
    const now = nowUs();
    for (const { table, heard } of rows) {
      if (heard === undefined || heard.endUs === 0 || Math.abs(heard.receivedUs - heard.endUs) > LIVE_US) continue;
      ages.observe({ table }, (now - heard.endUs) / 1e6);
    }
  };
};
