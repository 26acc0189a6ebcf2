import type { CalibrationSegment } from '../calibrations/ledger.js';

export type RowsTable =
  'levels_1s_rows' | 'classifications_rows' | 'events_rows' | 'anomalies_rows' | 'alerts_rows' | 'reviews_rows';

/** An event time of a sensor that window aggregates depend on. */
export interface WindowTouch {
  readonly tenantId: string;
  readonly sensorId: string;
  readonly timeUs: number;
}

/** One row on its way into a table. */
export interface StoredRow {
  readonly table: RowsTable;
  /** Text of the natural key, unique inside the table. */
  readonly naturalKey: string;
  /** Decimal text; of two rows with one key the higher counts, of equal ones the later. */
  readonly rowVersion: string;
  readonly columns: Readonly<Record<string, unknown>>;
  /** Event time of the end of the last sample that it was made from, and when that came in; µs since the Unix epoch, 0: not known. Results of sound only. */
  readonly heard?: { readonly endUs: number; readonly receivedUs: number };
  /** Set when window aggregates are made from the row. */
  readonly touch?: WindowTouch;
  /** The row with the calibration that is in force at its time, when that supersedes its own; levels only. */
  readonly calibrated?: (calibration: CalibrationSegment) => StoredRow;
}
