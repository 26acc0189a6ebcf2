import type { WindowTouch } from '../rows/stored-row.js';

export type WindowTable = 'levels_1m' | 'levels_15m' | 'levels_1h';

export interface WindowSize {
  /** Public name; rows go to `<table>_rows`. */
  readonly table: WindowTable;
  readonly seconds: number;
  /** How long a changed window may wait to be recomputed, but for just after its end. */
  readonly everyMs: number;
}

export const windowSizes: readonly WindowSize[] = [
  { table: 'levels_1m', seconds: 60, everyMs: 10_000 },
  { table: 'levels_15m', seconds: 900, everyMs: 15_000 },
  { table: 'levels_1h', seconds: 3600, everyMs: 60_000 },
];

/** A window of a sensor: UTC, half-open [startS, startS + seconds), seconds since the Unix epoch. */
export interface SensorWindow {
  readonly tenantId: string;
  readonly sensorId: string;
  readonly startS: number;
}

/** A second belongs to the window in which it begins. */
export const windowOf = (touch: WindowTouch, size: WindowSize): SensorWindow => ({
  tenantId: touch.tenantId,
  sensorId: touch.sensorId,
  startS: Math.floor(touch.timeUs / 1e6 / size.seconds) * size.seconds,
});
