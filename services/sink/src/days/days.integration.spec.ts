import { readFileSync } from 'node:fs';
import { Calibration, Sensor, SoundLevels, type SoundLevels as Levels } from '@earshot/contracts';
import { createLogger, createRegistry } from '@earshot/platform/telemetry';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { z } from 'zod';
import { Aggregator } from '../aggregates/aggregator.js';
import { Corrector } from '../calibrations/corrector.js';
import { createLedger } from '../calibrations/ledger.js';
import { createSink } from '../pipeline.js';
import { createSettingsTable } from '../registry/sensor-settings.js';
import { levelsOf, recordOf } from '../testing/builders.js';
import { createTestDatabase, type TestDatabase } from '../testing/database.js';

jest.setTimeout(60_000);

/** By services/sink/golden/den_day.py, in numpy. */
const golden = z
  .record(z.string(), z.number())
  .parse(JSON.parse(readFileSync(new URL('../../golden/den-day.json', import.meta.url), 'utf8')));

const key = { tenantId: 't1', sensorId: 'berlin' };
const EVERY_S = 20;
const startS = golden['start_s'] ?? NaN;
const all = Array.from({ length: ((golden['end_s'] ?? NaN) - startS) / EVERY_S }, (_, k) => k);
const isThere = (k: number): boolean => !(k >= 500 && k < 700) && k % 37 !== 5;
const isLate = (k: number): boolean => k >= 2_900 && k < 3_300;

const secondOf = (k: number): Levels => {
  const laeqDb = Math.round((-60 + 15 * Math.sin(k / 977) + 5 * Math.cos(k / 31)) * 1000) / 1000;
  return levelsOf({ ...key, secondIndex: k * EVERY_S, timeUs: (startS + k * EVERY_S) * 1e6, laeqDb });
};

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const setUp = () => {
  const { clickhouse } = database;
  const deps = {
    clickhouse,
    ready: Promise.resolve(),
    logger: createLogger('t', 'error'),
    registry: createRegistry('t'),
  };
  const settings = createSettingsTable();
  settings.put('t1/berlin', Sensor.fromPartial({ ...key, timeZone: 'Europe/Berlin', version: 1 }));
  const ledger = createLedger();
  const aggregator = new Aggregator({ ...deps, settings, staleScanHours: 48 });
  const sink = createSink({ ...deps, aggregator, ledger, namespace: 'days', lingerMs: 0 });
  const corrector = new Corrector({
    ...deps,
    ledger,
    writesSettled: sink.writesSettled,
    recompute: (sensor, fromS, toS) => aggregator.recomputeRange(sensor, fromS, toS),
    recheckHours: 48,
  });
  let kafkaOffset = 0;
  const write = async (seconds: readonly Levels[]): Promise<void> => {
    const decode = sink.definition.inputs[0]?.decode;
    const inputs = seconds.map((second) => {
      const record = recordOf('days.levels.v1', kafkaOffset++, SoundLevels.encode(second).finish());
      const decoded = decode?.(record);
      if (decoded?.kind !== 'input') throw new Error('a second that can not be stored');
      return { input: decoded.input, record };
    });
    await sink.definition.write(inputs);
    await aggregator.recomputeDue(true);
  };
  const calibrate = async (version: number, fullScaleDb: number, effectiveFromUs: number): Promise<void> => {
    const calibration = Calibration.fromPartial({
      ...key,
      version,
      calibrationId: `berlin.${version}`,
      fullScaleDb,
      effectiveFromUs,
    });
    ledger.put(calibration);
    corrector.learn(calibration);
    await corrector.readApplied();
    await corrector.applyPending();
    await aggregator.recomputeDue(true);
  };
  return { write, calibrate };
};

interface DayRow {
  readonly date: string;
  readonly revision: string;
  readonly [column: string]: number | string | null;
}

const dayOf = async (date: string): Promise<DayRow | undefined> => {
  const rows = await database.clickhouse.query<DayRow>(
    `SELECT *, toInt64(toUnixTimestamp(end_time)) - toInt64(toUnixTimestamp(night_time)) AS night_s
     FROM levels_1d WHERE sensor_id = 'berlin' AND date = {date:String}`,
    { date },
  );
  expect(rows.length).toBeLessThanOrEqual(1);
  return rows[0];
};

const near = (row: DayRow | undefined, column: string, wanted = golden[column] ?? NaN): void => {
  expect([column, Math.abs(Number(row?.[column]) - wanted) < 0.05]).toEqual([column, true]);
};

describe('a day on which the clock changes', () => {
  it('has the Lden of numpy after gaps, a late calibration and late data, each a higher revision', async () => {
    const { write, calibrate } = setUp();
    await write(all.filter((k) => isThere(k) && !isLate(k)).map(secondOf));
    const uncalibrated = await dayOf('2026-10-24');
    expect(uncalibrated).toMatchObject({ calibration_id: '', time_zone: 'Europe/Berlin' });

    // Wrong first, then put right, both from before the day began.
    await calibrate(1, 111, (startS - 86_400) * 1e6);
    await calibrate(2, 120, (startS - 3_600) * 1e6);
    const calibrated = await dayOf('2026-10-24');
    expect(calibrated).toMatchObject({ calibration_id: 'berlin.2', full_scale_db: 120 });
    expect(BigInt(calibrated?.revision ?? 0)).toBeGreaterThan(BigInt(uncalibrated?.revision ?? 0));

    // Late data, still re full scale, as a stage that has not heard of the calibration made it.
    await write(all.filter((k) => isThere(k) && isLate(k)).map(secondOf));
    const complete = await dayOf('2026-10-24');
    expect(BigInt(complete?.revision ?? 0)).toBeGreaterThan(BigInt(calibrated?.revision ?? 0));
    for (const column of ['lden_db', 'lday_db', 'levening_db', 'lnight_db', 'laeq_db']) near(complete, column);
    expect(Number(complete?.['night_s'])).toBe((golden['night_hours'] ?? NaN) * 3600);
    expect(golden['night_hours']).toBe(9);
    expect(Number(complete?.['night_completeness'])).toBeCloseTo(golden['night_completeness'] ?? NaN, 4);

    const [counted] = await database.clickhouse.query<{ n: string; wrong: string }>(
      "SELECT count() AS n, countIf(calibration_id != 'berlin.2') AS wrong FROM levels_1s WHERE sensor_id = 'berlin'",
    );
    expect(counted).toEqual({ n: String(golden['seconds']), wrong: '0' });
  });

  it('changes nothing when all of it comes again', async () => {
    const before = await dayOf('2026-10-24');
    const { write, calibrate } = setUp();
    await calibrate(1, 111, (startS - 86_400) * 1e6);
    await calibrate(2, 120, (startS - 3_600) * 1e6);
    await write(all.filter(isThere).map(secondOf));
    const after = await dayOf('2026-10-24');
    for (const column of ['lden_db', 'lnight_db']) near(after, column, Number(before?.[column]));
  });
});
