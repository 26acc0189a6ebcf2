import { KEYED_READ, type ClickHouse } from '@earshot/platform/clickhouse';

import { encodeCursor } from '../query/cursor.js';
import type { SeriesResolution, WindowGrid } from '../query/range.js';
import type { LevelSeriesJson, SeriesQuantity } from '../schemas/series.js';
import { calibrationOf, windowTables } from './levels.js';
import type { Page, PageRequest } from './pages.js';

export interface SeriesRequest {
  readonly tenantId: string;
  /** undefined: all that have a window in the range. */
  readonly sensorIds: readonly string[] | undefined;
  readonly resolution: SeriesResolution;
  readonly quantities: readonly SeriesQuantity[];
  readonly grid: WindowGrid;
}

/** One entry per window, in order of sensor and time. */
interface Columns {
  readonly [name: string]: readonly unknown[];
  readonly sensor_id: readonly string[];
  /** Place in the grid. */
  readonly place: readonly number[];
  readonly completeness: readonly number[];
  readonly calibration_id: readonly string[];
  readonly full_scale_db: readonly number[];
}

/** Values of one page, completeness among them; a page holds one sensor at least. */
const MOST_VALUES = 1_000_000;

/** `la90Db` is the column `la90_db`. */
const columnOf = (quantity: SeriesQuantity): string => quantity.replace('Db', '_db');

/**
 * A page of series, sensor by sensor. A sensor has at most `grid.windows` rows, so a page of n sensors and one row more are read:
 * when that many come, there are more than n sensors and the first n are whole.
 */
export const readSeries = async (
  clickhouse: ClickHouse,
  { tenantId, sensorIds, resolution, quantities, grid }: SeriesRequest,
  request: PageRequest,
): Promise<Page<LevelSeriesJson>> => {
  const { startS, windowS, windows } = grid;
  if (windows === 0) return { items: [], nextCursor: null };
  const perSensor = windows * (quantities.length + 1);
  const most = Math.max(1, Math.min(request.limit, Math.floor(MOST_VALUES / perSensor)));
  const columns = await clickhouse.columns<Columns>(
    `SELECT sensor_id, toUInt32(intDiv(toUnixTimestamp(time) - {startS:UInt32}, {windowS:UInt32})) AS place, completeness, calibration_id, full_scale_db,
       ${quantities.map((quantity) => `round(${columnOf(quantity)}, 2) AS ${quantity}`).join(', ')}
     FROM ${windowTables[resolution]}
     WHERE tenant_id = {tenant:String} AND sensor_id > {after:String} ${sensorIds === undefined ? '' : 'AND sensor_id IN {sensors:Array(String)}'}
       AND time >= toDateTime({startS:UInt32}, 'UTC') AND time < toDateTime({endS:UInt32}, 'UTC')
     ORDER BY tenant_id, sensor_id, time LIMIT {rows:UInt32}
     ${KEYED_READ}`,
    {
      ...{ tenant: tenantId, after: request.after?.key ?? '', startS, windowS, endS: startS + windows * windowS },
      rows: most * windows + 1,
      ...(sensorIds === undefined ? {} : { sensors: sensorIds }),
    },
  );
  const items = seriesOf(columns, quantities, windows, most);
  const last = items.at(-1);
  const { fromUs, toUs, fingerprint } = request;
  return {
    items,
    nextCursor:
      last === undefined || columns.sensor_id.at(-1) === last.sensorId
        ? null
        : encodeCursor(fingerprint, { fromUs, toUs, timeUs: 0, key: last.sensorId }),
  };
};

/** The first `most` sensors of the columns. */
const seriesOf = (
  columns: Columns,
  quantities: readonly SeriesQuantity[],
  windows: number,
  most: number,
): LevelSeriesJson[] => {
  const { sensor_id: sensorIds, place: places } = columns;
  const items: LevelSeriesJson[] = [];
  for (let from = 0; from < sensorIds.length && items.length < most;) {
    const sensorId = sensorIds[from] ?? '';
    let to = from + 1;
    while (sensorIds[to] === sensorId) to += 1;
    const levels = quantities.map((quantity) => [
      quantity,
      onGrid<number | null>(columns[quantity] as readonly (number | null)[], places, from, to, windows, null),
    ]);
    items.push({
      sensorId,
      completeness: onGrid(columns.completeness, places, from, to, windows, 0),
      calibrations: calibrationsOf(columns, from, to),
      ...(Object.fromEntries(levels) as Partial<Record<SeriesQuantity, (number | null)[]>>),
    });
    from = to;
  }
  return items;
};

const onGrid = <T>(
  column: readonly T[],
  places: readonly number[],
  from: number,
  to: number,
  windows: number,
  absent: T,
): T[] => {
  const values = new Array<T>(windows).fill(absent);
  for (let row = from; row < to; row++) values[places[row] ?? 0] = column[row] ?? absent;
  return values;
};

const calibrationsOf = (columns: Columns, from: number, to: number): LevelSeriesJson['calibrations'] => {
  const { place, calibration_id: ids, full_scale_db: fullScales } = columns;
  const runs: LevelSeriesJson['calibrations'] = [];
  for (let row = from; row < to; row++) {
    if (row > from && ids[row] === ids[row - 1] && fullScales[row] === fullScales[row - 1]) continue;
    const calibration = calibrationOf({ calibration_id: ids[row] ?? '', full_scale_db: fullScales[row] ?? 0 });
    runs.push({ fromIndex: place[row] ?? 0, ...calibration });
  }
  return runs;
};
