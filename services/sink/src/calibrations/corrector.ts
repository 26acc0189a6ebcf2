import { setTimeout as pause } from 'node:timers/promises';

import { sensorKey, type Calibration } from '@earshot/contracts';
import type { ServicePart } from '@earshot/nest/service';
import type { ClickHouse } from '@earshot/platform/clickhouse';
import { Counter, Gauge, type Logger, type Registry } from '@earshot/platform/telemetry';

import type { Ledger } from './ledger.js';
import { correctDay, findDays, type OneSensor } from './stored-levels.js';

export interface CorrectorDeps {
  readonly clickhouse: ClickHouse;
  readonly ledger: Ledger;
  /** Resolves when tables and ledger are there. */
  readonly ready: Promise<unknown>;
  /** Resolves when the write under way now, which may not know the newest calibration, has ended. */
  readonly writesSettled: () => Promise<void>;
  /** Recomputes every window and day of the sensor that touches [fromS, toS), seconds since the Unix epoch. */
  recompute(sensor: OneSensor, fromS: number, toS: number): Promise<void>;
  readonly logger: Logger;
  readonly registry: Registry;
  /** Calibrations this young are looked at again at the start, though some instance has applied them. */
  readonly recheckHours: number;
  /** Milliseconds since the Unix epoch. */
  readonly now?: () => number;
}

interface Pending extends OneSensor {
  readonly calibrations: Map<number, Calibration>;
}

const TICK_MS = 1_000;
const DAY_S = 86_400;
/** Bounds the text of bound ids, which travel in the URL. */
const SENSORS_AT_ONCE = 50;

/**
 * Carries calibrations into rows that are stored already. Each is looked for in the rows of its stretch of time, day by day: rows
 * made with an older one are written anew, then their windows and days are recomputed, and only then is it noted as applied. What a
 * crash cuts off is done again. Every instance applies every calibration: it alone knows what it wrote before it had heard of it.
 */
export class Corrector implements ServicePart {
  readonly name = 'calibration corrector';
  private readonly pending = new Map<string, Pending>();
  private readonly applied = new Set<string>();
  private readonly corrected: Counter;
  private readonly stopping = new AbortController();
  private loop: Promise<void> = Promise.resolve();

  constructor(private readonly deps: CorrectorDeps) {
    const { pending } = this;
    const registers = [deps.registry];
    this.corrected = new Counter({
      name: 'earshot_sink_corrected_days_total',
      help: 'Days of a sensor whose stored seconds were shifted to a later calibration',
      registers,
    });
    new Gauge({
      name: 'earshot_sink_pending_calibrations',
      help: 'Sensors with calibrations that are not carried into stored rows yet',
      registers,
      collect() {
        this.set(pending.size);
      },
    });
  }

  /** The ledger has taken in this calibration. */
  learn(calibration: Calibration): void {
    const { tenantId, sensorId, version } = calibration;
    const key = sensorKey(tenantId, sensorId);
    const entry = this.pending.get(key) ?? { tenantId, sensorId, calibrations: new Map<number, Calibration>() };
    entry.calibrations.set(version, calibration);
    this.pending.set(key, entry);
  }

  start(): Promise<void> {
    this.loop = this.run();
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
  }

  /** Takes from what is pending what was applied long ago; once, before the first `applyPending`. */
  async readApplied(): Promise<void> {
    const rows = await this.deps.clickhouse.query<{ tenant_id: string; sensor_id: string; version: number }>(
      'SELECT tenant_id, sensor_id, calibration_version AS version FROM applied_calibrations FINAL',
    );
    for (const row of rows) this.applied.add(appliedKey(row.tenant_id, row.sensor_id, row.version));
    const recentUs = ((this.deps.now ?? Date.now)() - this.deps.recheckHours * 3_600_000) * 1000;
    for (const [key, { tenantId, sensorId, calibrations }] of this.pending) {
      for (const { version, createdUs } of [...calibrations.values()]) {
        const done = this.applied.has(appliedKey(tenantId, sensorId, version));
        if (done && createdUs < recentUs) calibrations.delete(version);
      }
      if (calibrations.size === 0) this.pending.delete(key);
    }
  }

  /** Applies all that is pending. What fails stays pending. */
  async applyPending(): Promise<void> {
    if (this.pending.size === 0) return;
    const sensors = [...this.pending];
    await this.deps.writesSettled();
    const stored = await this.withRows(sensors.map(([, sensor]) => sensor));
    for (const [key, sensor] of sensors) {
      if (this.stopping.signal.aborted) return;
      const taken = [...sensor.calibrations.values()];
      if (stored.has(key) && !(await this.apply(sensor, taken))) return;
      await this.note(taken);
      for (const { version } of taken) sensor.calibrations.delete(version);
      if (sensor.calibrations.size === 0) this.pending.delete(key);
    }
  }

  /** false: stopped before the end. */
  private async apply(sensor: OneSensor, taken: readonly Calibration[]): Promise<boolean> {
    const { clickhouse, ledger } = this.deps;
    const segments = ledger.segments(sensor.tenantId, sensor.sensorId);
    const days = await findDays(clickhouse, sensor, segments, new Set(taken.map(({ version }) => version)));
    const isFirstTime = taken.some(({ tenantId, sensorId, version }) => {
      return !this.applied.has(appliedKey(tenantId, sensorId, version));
    });
    for (const { startS, behind } of days) {
      if (this.stopping.signal.aborted) return false;
      if (behind) {
        await correctDay(clickhouse, sensor, segments, startS);
        this.corrected.inc();
      }
      // A correction that was cut off before may have left rows right and windows wrong.
      if (behind || isFirstTime) await this.deps.recompute(sensor, startS, startS + DAY_S);
    }
    return true;
  }

  /** Sensors of which any second is stored: a new sensor's first calibration has nothing to correct. */
  private async withRows(sensors: readonly OneSensor[]): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    for (let at = 0; at < sensors.length; at += SENSORS_AT_ONCE) {
      const some = sensors.slice(at, at + SENSORS_AT_ONCE);
      const rows = await this.deps.clickhouse.query<{ tenant_id: string; sensor_id: string }>(
        `SELECT tenant_id, sensor_id FROM levels_1s_rows
         WHERE (tenant_id, sensor_id) IN (
           SELECT s.1, s.2 FROM (SELECT arrayJoin(arrayZip({tenants:Array(String)}, {sensors:Array(String)})) AS s))
         LIMIT 1 BY tenant_id, sensor_id`,
        { tenants: some.map(({ tenantId }) => tenantId), sensors: some.map(({ sensorId }) => sensorId) },
      );
      for (const row of rows) found.add(sensorKey(row.tenant_id, row.sensor_id));
    }
    return found;
  }

  private async note(taken: readonly Calibration[]): Promise<void> {
    const nowMs = (this.deps.now ?? Date.now)();
    const news = taken.filter(
      ({ tenantId, sensorId, version }) => !this.applied.has(appliedKey(tenantId, sensorId, version)),
    );
    await this.deps.clickhouse.insert(
      'applied_calibrations',
      news.map(({ tenantId, sensorId, version, calibrationId }) => ({
        tenant_id: tenantId,
        sensor_id: sensorId,
        calibration_version: version,
        calibration_id: calibrationId,
        applied_time: new Date(nowMs).toISOString().slice(0, 23).replace('T', ' '),
      })),
    );
    for (const { tenantId, sensorId, version } of news) this.applied.add(appliedKey(tenantId, sensorId, version));
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    const stopped = new Promise<false>((resolve) => {
      signal.addEventListener('abort', () => {
        resolve(false);
      });
    });
    const ready = this.deps.ready.then(
      () => true,
      () => false,
    );
    if (!(await Promise.race([ready, stopped]))) return;
    let known = false;
    let failing = false;
    while (!signal.aborted) {
      try {
        if (!known) await this.readApplied();
        known = true;
        await this.applyPending();
        failing = false;
      } catch (error) {
        if (!failing) this.deps.logger.warn({ err: error }, 'calibrations wait to be applied');
        failing = true;
      }
      await pause(TICK_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

const appliedKey = (tenantId: string, sensorId: string, version: number): string =>
  `${sensorKey(tenantId, sensorId)}#${version}`;
