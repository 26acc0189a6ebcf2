import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  Classification,
  EventPhase,
  LevelFlag,
  Sensor,
  sensorKey,
  SoundEvent,
  SoundLevels,
  type Classification as ClassificationMessage,
  type SoundEvent as EventMessage,
  type SoundLevels as LevelsMessage,
} from '@earshot/contracts';
import { exceedances } from '@earshot/core/levels';
import type { Decoded } from '@earshot/platform/stage-runner';
import { createLogger, createRegistry } from '@earshot/platform/telemetry';

import { createSettingsTable } from '../registry/sensor-settings.js';
import { decodeClassification, decodeEvent, decodeLevels } from '../rows/decode.js';
import type { StoredRow } from '../rows/stored-row.js';
import { classificationOf, eventOf, levelsOf, recordOf } from '../testing/builders.js';
import { createTestDatabase, type TestDatabase } from '../testing/database.js';
import { referenceWindow } from '../testing/reference.js';
import { writeRows } from '../write-rows.js';
import { Aggregator } from './aggregator.js';
import { findStaleWindows } from './stale-windows.js';
import { windowSizes } from './windows.js';

/** A busy machine is slow to start an engine's first statement. */
jest.setTimeout(60_000);

/** Deterministic uniform numbers in [0, 1) (Mulberry32). */
const randomOf = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
};

const startUs = Date.UTC(2026, 10, 22, 9, 50) * 1000;
const f32 = (value: number): number => Math.fround(value);

interface Scene {
  readonly levels: readonly LevelsMessage[];
  readonly classifications: readonly ClassificationMessage[];
  readonly events: readonly EventMessage[];
}

/** Twenty minutes over an hour's edge: gaps, partial seconds, digital silence, a calibration in the middle of a minute. */
const sceneOf = (seed: number, sensorId: string): Scene => {
  const random = randomOf(seed);
  const levels: LevelsMessage[] = [];
  for (let second = 0; second < 1200; second += 1) {
    if (random() < 0.05) continue;
    const silent = random() < 0.03;
    const db = (): number => (silent ? Number.NaN : f32(-60 + 40 * random()));
    const calibration =
      second < 330
        ? {}
        : second < 900
          ? { calibrationId: 'c1', calibrationVersion: 1, fullScaleDb: 120 }
          : { calibrationId: 'c2', calibrationVersion: 2, fullScaleDb: 123 };
    const shift = second < 330 ? 0 : second < 900 ? 120 : 123;
    const spl = (): number => f32(db() + shift);
    levels.push(
      levelsOf({
        sensorId,
        secondIndex: second,
        timeUs: startUs + second * 1_000_000 + 250_000,
        durationMs: random() < 0.1 ? 400 : 1000,
        laeqDb: spl(),
        lceqDb: spl(),
        lzeqDb: spl(),
        lafmaxDb: spl(),
        lcpeakDb: spl(),
        laf125msDb: Array.from({ length: 8 }, spl),
        laeq125msDb: Array.from({ length: 8 }, spl),
        ...calibration,
      }),
    );
  }
  const classifications = Array.from({ length: 2400 }, (_, index) => index)
    .filter(() => random() > 0.1)
    .map((index) =>
      classificationOf({
        sensorId,
        id: `${sensorId}-w${index}`,
        timeUs: startUs + index * 500_000,
        discontinuity: index % 97 === 0,
        classes:
          index % 97 === 0 ? [] : ['dog', 'rain', 'clock_tick'].map((label) => ({ label, probability: f32(random()) })),
      }),
    );
  const events = Array.from({ length: 40 }, (_, index) =>
    eventOf({
      sensorId,
      id: `${sensorId}-e${index}`,
      label: index % 3 === 0 ? 'rain' : 'dog',
      onsetUs: startUs + Math.floor(random() * 1200) * 1_000_000,
      offsetUs: startUs + 1300 * 1_000_000,
      revision: 1,
    }),
  );
  return { levels, classifications, events };
};

const inputOf = (decoded: Decoded<StoredRow>): StoredRow => {
  if (decoded.kind !== 'input') throw new Error(decoded.cause);
  return decoded.input;
};

const levelRows = (levels: readonly LevelsMessage[], firstOffset = 0): readonly StoredRow[] =>
  levels.map((message, index) =>
    inputOf(decodeLevels(recordOf('levels', firstOffset + index, SoundLevels.encode(message).finish()))),
  );
const classRows = (messages: readonly ClassificationMessage[], firstOffset = 0): readonly StoredRow[] =>
  messages.map((message, index) =>
    inputOf(decodeClassification(recordOf('classes', firstOffset + index, Classification.encode(message).finish()))),
  );
const eventRows = (messages: readonly EventMessage[], firstOffset = 0): readonly StoredRow[] =>
  messages.map((message, index) =>
    inputOf(decodeEvent(recordOf('events', firstOffset + index, SoundEvent.encode(message).finish()))),
  );

const shuffled = <T>(values: readonly T[], random: () => number): readonly T[] =>
  values
    .map((value) => [random(), value] as const)
    .sort(([a], [b]) => a - b)
    .map(([, value]) => value);

interface WindowRow {
  readonly sensor_id: string;
  readonly start_s: string;
  readonly seconds: number;
  readonly covered_ms: number;
  readonly completeness: number;
  readonly laeq_db: number | null;
  readonly lafmax_db: number | null;
  readonly la10_db: number | null;
  readonly la50_db: number | null;
  readonly la90_db: number | null;
  readonly exceedances: number | null;
  readonly calibration_id: string;
  readonly class_shares: Record<string, number>;
  readonly event_counts: Record<string, number>;
  readonly revision: string;
}

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
});

const aggregatorOf = (settings = createSettingsTable()): Aggregator =>
  new Aggregator({
    clickhouse: database.clickhouse,
    ready: Promise.resolve(),
    settings,
    logger: createLogger('test', 'error'),
    registry: createRegistry('test'),
    staleScanHours: 48,
  });

const store = async (rows: readonly StoredRow[], aggregator: Aggregator): Promise<void> => {
  await writeRows(database.clickhouse, rows);
  aggregator.touch(rows.flatMap((row) => row.touch ?? []));
};

const windowsOf = (table: string, sensorId: string): Promise<WindowRow[]> =>
  database.clickhouse.query<WindowRow>(
    `SELECT *, toInt64(toUnixTimestamp(time)) AS start_s FROM ${table} WHERE sensor_id = {sensorId:String} ORDER BY time`,
    { sensorId },
  );

const near = (actual: number | null, expected: number | null): void => {
  if (expected === null || actual === null) expect(actual).toBe(expected);
  else expect(actual).toBeCloseTo(expected, 3);
};

const expectWindowsToMatch = async (scene: Scene, sensorId: string): Promise<void> => {
  for (const size of windowSizes) {
    const startOf = (timeUs: number): number => Math.floor(timeUs / 1e6 / size.seconds) * size.seconds;
    const rows = await windowsOf(size.table, sensorId);
    const starts = [...new Set(scene.levels.map((row) => startOf(row.timeUs)))].sort((a, b) => a - b);
    expect(rows.map((row) => Number(row.start_s))).toEqual(starts);
    for (const row of rows) {
      const here = (timeUs: number): boolean => startOf(timeUs) === Number(row.start_s);
      const expected = referenceWindow(
        scene.levels.filter((message) => here(message.timeUs)),
        scene.classifications.filter((message) => here(message.timeUs)),
        scene.events.filter((message) => here(message.onsetUs)),
      );
      expect(row.seconds).toBe(expected.seconds);
      expect(row.covered_ms).toBe(expected.coveredMs);
      expect(row.completeness).toBeCloseTo(expected.coveredMs / (size.seconds * 1000), 5);
      near(row.laeq_db, expected.laeqDb);
      near(row.lafmax_db, expected.lafmaxDb);
      near(row.la10_db, expected.la10Db);
      near(row.la50_db, expected.la50Db);
      near(row.la90_db, expected.la90Db);
      expect(row.event_counts).toEqual(expected.eventCounts);
      expect(Object.keys(row.class_shares).sort()).toEqual(Object.keys(expected.classShares).sort());
      for (const [label, share] of Object.entries(expected.classShares)) near(row.class_shares[label] ?? null, share);
    }
  }
};

describe('window aggregates on the engine', () => {
  it('equal a recomputation in plain TypeScript, over gaps, silence, partial seconds and calibrations', async () => {
    const scene = sceneOf(1, 'plain');
    const aggregator = aggregatorOf();
    await store(
      [...levelRows(scene.levels), ...classRows(scene.classifications), ...eventRows(scene.events)],
      aggregator,
    );
    await aggregator.recomputeDue(true);
    await expectWindowsToMatch(scene, 'plain');
  });

  it('count how often LAF rises above the limit of the sensor, excluded seconds left out', async () => {
    const limitDb = 85;
    const settings = createSettingsTable();
    const limited = { tenantId: 't1', exceedanceLimitDb: limitDb, excludedFlags: ['overload'], version: 1 };
    for (const sensorId of ['limited', 'not-calibrated']) {
      settings.put(sensorKey('t1', sensorId), Sensor.fromPartial({ ...limited, sensorId }));
    }
    const scene = sceneOf(6, 'limited').levels.map((row, index) =>
      index % 50 === 7 ? { ...row, flags: [LevelFlag.LEVEL_FLAG_OVERLOAD] } : row,
    );
    const re = (sensorId: string): LevelsMessage[] => scene.map((row) => ({ ...row, sensorId }));
    const bare = re('not-calibrated').map((row) => ({ ...row, calibrationId: '', calibrationVersion: 0 }));
    const aggregator = aggregatorOf(settings);
    await store(levelRows(shuffled([...re('limited'), ...re('no-limit'), ...bare], randomOf(5))), aggregator);
    await aggregator.recomputeDue(true);

    let counted = 0;
    for (const size of windowSizes) {
      for (const row of await windowsOf(size.table, 'limited')) {
        const inside = scene.filter(
          ({ timeUs }) => Math.floor(timeUs / 1e6 / size.seconds) * size.seconds === Number(row.start_s),
        );
        const heard = inside.filter(({ flags }) => flags.length === 0);
        const firstDb = inside.find(({ calibrationId }) => calibrationId !== '')?.fullScaleDb;
        const laf = heard.flatMap((second) =>
          second.laf125msDb.map((db) =>
            Number.isNaN(db) ? null : db + (second.calibrationId === '' ? (firstDb ?? 0) : 0),
          ),
        );
        const expected = firstDb === undefined ? null : exceedances(laf, limitDb);
        expect(row.exceedances).toBe(expected);
        counted += expected ?? 0;
      }
      for (const sensorId of ['no-limit', 'not-calibrated']) {
        const others = await windowsOf(size.table, sensorId);
        expect(others.length).toBeGreaterThan(0);
        expect(others.every((row) => row.exceedances === null)).toBe(true);
      }
    }
    expect(counted).toBeGreaterThan(1000);
  });

  it('are the same whatever the order, the duplicates and the moments of computing', async () => {
    const scene = sceneOf(2, 'disorder');
    const random = randomOf(99);
    const rows = [...levelRows(scene.levels), ...classRows(scene.classifications), ...eventRows(scene.events)];
    const twice = shuffled([...rows, ...rows.filter(() => random() < 0.3)], random);
    const aggregator = aggregatorOf();
    for (let at = 0; at < twice.length; at += 1500) {
      await store(twice.slice(at, at + 1500), aggregator);
      await aggregator.recomputeDue(true);
    }
    await expectWindowsToMatch(scene, 'disorder');
  });

  it('count every second once in levels_1s, with and without FINAL, though batches are cut anew', async () => {
    const scene = sceneOf(3, 'replayed');
    const rows = levelRows(scene.levels);
    await writeRows(database.clickhouse, rows.slice(0, 700));
    await writeRows(database.clickhouse, rows.slice(0, 700));
    await writeRows(database.clickhouse, rows.slice(300));
    for (const final of ['', 'FINAL']) {
      const [counted] = await database.clickhouse.query<{ n: string }>(
        `SELECT count() AS n FROM levels_1s ${final} WHERE sensor_id LIKE 'replay%'`,
      );
      expect(Number(counted?.n)).toBe(scene.levels.length);
    }
  });

  it('stores a repeated block once', async () => {
    const rows = levelRows(sceneOf(4, 'repeated').levels);
    await writeRows(database.clickhouse, rows);
    await writeRows(database.clickhouse, rows);
    const [stored] = await database.clickhouse.query<{ n: string }>(
      "SELECT count() AS n FROM levels_1s_rows WHERE sensor_id = 'repeated'",
    );
    expect(Number(stored?.n)).toBe(rows.length);
  });

  it('of a thousand sensors with long names go into few statements, which the engine takes', async () => {
    const sensors = Array.from({ length: 1000 }, (_, index) => `many-${'x'.repeat(40)}-${index}`);
    const rows = levelRows(sensors.map((sensorId) => levelsOf({ sensorId, timeUs: startUs, laeqDb: -30 })));
    const aggregator = aggregatorOf();
    await store(rows, aggregator);
    await aggregator.recomputeDue(true);
    const [stored] = await database.clickhouse.query<{ n: string }>(
      "SELECT count() AS n FROM levels_1m WHERE startsWith(sensor_id, 'many-') AND seconds = 1",
    );
    expect(Number(stored?.n)).toBe(1000);
  });

  it('are found stale after a crash from the data alone, and then not any more', async () => {
    const scene = sceneOf(5, 'crashed');
    const before = aggregatorOf();
    const rows = levelRows(scene.levels);
    await store([...rows.slice(0, 600), ...classRows(scene.classifications.slice(0, 900))], before);
    await before.recomputeDue(true);
    // Stored, never computed: the process died here.
    await writeRows(database.clickhouse, [
      ...rows.slice(600),
      ...classRows(scene.classifications.slice(900), 900),
      ...eventRows(scene.events),
    ]);
    const after = aggregatorOf();
    await after.markStale();
    await after.recomputeDue(true);
    await expectWindowsToMatch(scene, 'crashed');
    for (const size of windowSizes) {
      const stale = await findStaleWindows(database.clickhouse, size, 48);
      expect(stale.filter((window) => window.sensorId === 'crashed')).toEqual([]);
    }
  });

  it('grow their revision with late levels, with later events and with a calibration', async () => {
    const aggregator = aggregatorOf();
    const second = (index: number, changes: Partial<LevelsMessage> = {}): LevelsMessage =>
      levelsOf({ sensorId: 'late', timeUs: startUs + index * 1_000_000, secondIndex: index, ...changes });
    const revision = async (): Promise<bigint> => {
      await aggregator.recomputeDue(true);
      const [row] = await windowsOf('levels_1m', 'late');
      return BigInt(row?.revision ?? '0');
    };
    await store(levelRows([second(0)], 10), aggregator);
    const first = await revision();
    await store(levelRows([second(1)], 11), aggregator);
    const withLate = await revision();
    await store(
      eventRows([eventOf({ sensorId: 'late', id: 'e', onsetUs: startUs, offsetUs: startUs })], 5),
      aggregator,
    );
    const withEvent = await revision();
    await store(
      levelRows([second(2, { calibrationId: 'c1', calibrationVersion: 1, fullScaleDb: 100, laeqDb: 70 })], 12),
      aggregator,
    );
    const withCalibration = await revision();
    expect(withLate > first && withEvent > withLate && withCalibration > withEvent).toBe(true);
    expect(withCalibration >= 2n ** 48n).toBe(true);
    const [row] = await windowsOf('levels_1m', 'late');
    // Two seconds at -30 dB re full scale are 70 dB SPL with the calibration that came after them.
    expect(row?.laeq_db).toBeCloseTo(70, 3);
    expect(row?.calibration_id).toBe('c1');
  });

  it('show the last phase of an event once', async () => {
    const event = { sensorId: 'phases', id: 'p1', onsetUs: startUs, offsetUs: startUs + 1_000_000 };
    await writeRows(database.clickhouse, eventRows([eventOf({ ...event, phase: EventPhase.EVENT_PHASE_OPEN })], 0));
    await writeRows(database.clickhouse, eventRows([eventOf({ ...event, revision: 2 })], 7));
    await writeRows(database.clickhouse, eventRows([eventOf({ ...event, phase: EventPhase.EVENT_PHASE_OPEN })], 9));
    const rows = await database.clickhouse.query<{ phase: string; revision: number }>(
      "SELECT phase, revision FROM events WHERE sensor_id = 'phases'",
    );
    expect(rows).toEqual([{ phase: 'close', revision: 2 }]);
  });
});
