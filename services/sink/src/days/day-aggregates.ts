import type { ClickHouse } from '@earshot/platform/clickhouse';

import type { SensorWindow } from '../aggregates/windows.js';
import type { SettingsTable } from '../registry/sensor-settings.js';
import { localDayOf, type LocalDay } from './local-day.js';
import { recomputeDays, type SensorDay } from './recompute-days.js';

interface Dirty extends SensorDay {
  readonly sinceMs: number;
}

/** How long a changed day may wait to be recomputed. */
const EVERY_MS = 60_000;
/** Days in one statement: bounds its bound values, which travel in the URL, and the windows it reads. */
const DAYS_AT_ONCE = 300;

/** The days whose windows of 15 min changed since they were computed. Lost in a crash: `markRecent` finds them again. */
export class DayAggregates {
  private readonly dirty = new Map<string, Dirty>();

  constructor(
    private readonly clickhouse: ClickHouse,
    private readonly settings: Pick<SettingsTable, 'of'>,
  ) {}

  get count(): number {
    return this.dirty.size;
  }

  /** These windows of 15 min were computed. */
  mark(windows: readonly SensorWindow[], nowMs: number): void {
    for (const { tenantId, sensorId, startS } of windows) {
      this.markDay(tenantId, sensorId, this.dayOf(tenantId, sensorId, startS), nowMs);
    }
  }

  /** The day that is now and the one before. */
  markNow(tenantId: string, sensorId: string, nowMs: number): void {
    for (const timeS of [nowMs / 1000, nowMs / 1000 - 86_400]) {
      this.markDay(tenantId, sensorId, this.dayOf(tenantId, sensorId, Math.floor(timeS)), nowMs);
    }
  }

  /** Marks the days with windows that were computed within the last `sinceHours`. */
  async markRecent(sinceHours: number): Promise<void> {
    const rows = await this.clickhouse.query<{ tenant_id: string; sensor_id: string; first_s: string; last_s: string }>(
      `SELECT tenant_id, sensor_id, toInt64(toUnixTimestamp(min(time))) AS first_s, toInt64(toUnixTimestamp(max(time))) AS last_s
       FROM levels_15m_rows WHERE computed_at >= now64(3, 'UTC') - toIntervalHour({hours:UInt32})
       GROUP BY tenant_id, sensor_id, toDate(time)`,
      { hours: sinceHours },
    );
    for (const { tenant_id: tenantId, sensor_id: sensorId, first_s: firstS, last_s: lastS } of rows) {
      for (const startS of [Number(firstS), Number(lastS)]) {
        this.markDay(tenantId, sensorId, this.dayOf(tenantId, sensorId, startS), 0);
      }
    }
  }

  /** Recomputes what waited long enough, or all that is marked; answers how many. What fails stays marked. */
  async recomputeDue(nowMs: number, all: boolean): Promise<number> {
    const due = [...this.dirty].filter(([, day]) => all || nowMs - day.sinceMs >= EVERY_MS);
    for (const [key] of due) this.dirty.delete(key);
    for (let at = 0; at < due.length; at += DAYS_AT_ONCE) {
      const chunk = due.slice(at, at + DAYS_AT_ONCE);
      try {
        await recomputeDays(
          this.clickhouse,
          chunk.map(([, day]) => day),
        );
      } catch (error) {
        for (const [key, day] of due.slice(at)) this.dirty.set(key, day);
        throw error;
      }
    }
    return due.length;
  }

  /** Recomputes the days that touch [fromS, toS) now; answers how many. */
  async recomputeRange(tenantId: string, sensorId: string, fromS: number, toS: number): Promise<number> {
    const days: SensorDay[] = [];
    for (let timeS = fromS; timeS < toS;) {
      const day = this.dayOf(tenantId, sensorId, timeS);
      days.push(this.sensorDay(tenantId, sensorId, day));
      timeS = day.endS;
    }
    await recomputeDays(this.clickhouse, days);
    return days.length;
  }

  private dayOf(tenantId: string, sensorId: string, timeS: number): LocalDay {
    const { timeZone, dayHours } = this.settings.of(tenantId, sensorId);
    return localDayOf(timeS, timeZone, dayHours);
  }

  private sensorDay(tenantId: string, sensorId: string, day: LocalDay): SensorDay {
    return { tenantId, sensorId, day, settings: this.settings.of(tenantId, sensorId) };
  }

  private markDay(tenantId: string, sensorId: string, day: LocalDay, nowMs: number): void {
    const key = JSON.stringify([tenantId, sensorId, day.date]);
    const sinceMs = this.dirty.get(key)?.sinceMs ?? nowMs;
    this.dirty.set(key, { ...this.sensorDay(tenantId, sensorId, day), sinceMs });
  }
}
