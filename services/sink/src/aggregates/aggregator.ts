import { setTimeout as pause } from 'node:timers/promises';

import type { ServicePart } from '@earshot/nest/service';
import type { ClickHouse } from '@earshot/platform/clickhouse';
import { Counter, Gauge, type Logger, type Registry } from '@earshot/platform/telemetry';

import { DayAggregates } from '../days/day-aggregates.js';
import type { SettingsTable } from '../registry/sensor-settings.js';
import type { WindowTouch } from '../rows/stored-row.js';
import { DirtyWindows } from './dirty-windows.js';
import { recompute, toChunks } from './recompute.js';
import { findStaleWindows } from './stale-windows.js';
import { windowOf, windowSizes, type SensorWindow, type WindowSize } from './windows.js';

export interface AggregatorDeps {
  readonly clickhouse: ClickHouse;
  /** Resolves when the tables are there and the settings of sensors are known. */
  readonly ready: Promise<unknown>;
  readonly settings: Pick<SettingsTable, 'of'>;
  readonly logger: Logger;
  readonly registry: Registry;
  /** Rows stored this long ago are looked through for stale windows at the start. */
  readonly staleScanHours: number;
  /** Milliseconds since the Unix epoch. */
  readonly now?: () => number;
}

const TICK_MS = 1_000;

/**
 * Keeps the window aggregates in step with the rows: recomputes what `touch` marks. What another instance stored and did not live to
 * compute is found by a look for stale windows, at the start and whenever partitions change hands.
 */
export class Aggregator implements ServicePart {
  readonly name = 'window aggregates';
  private readonly dirty = windowSizes.map((size) => new DirtyWindows(size));
  private readonly days: DayAggregates;
  private readonly now: () => number;
  private readonly computed: Counter;
  private readonly failures: Counter;
  private readonly stopping = new AbortController();
  private loop: Promise<void> = Promise.resolve();
  private failing = false;
  private scanDue = true;

  constructor(private readonly deps: AggregatorDeps) {
    this.now = deps.now ?? Date.now;
    this.days = new DayAggregates(deps.clickhouse, deps.settings);
    const registers = [deps.registry];
    this.computed = new Counter({
      name: 'earshot_sink_windows_computed_total',
      help: 'Window aggregates recomputed from rows',
      labelNames: ['table'],
      registers,
    });
    this.failures = new Counter({
      name: 'earshot_sink_window_failures_total',
      help: 'Attempts to recompute windows that failed and are tried again',
      registers,
    });
    const { dirty, days } = this;
    new Gauge({
      name: 'earshot_sink_dirty_windows',
      help: 'Windows whose rows changed since they were computed',
      labelNames: ['table'],
      registers,
      collect() {
        this.set({ table: 'levels_1d' }, days.count);
        for (const windows of dirty) this.set({ table: windows.size.table }, windows.count);
      },
    });
  }

  start(): Promise<void> {
    this.loop = this.run();
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
  }

  /** The rows of these sensors and times are stored: their windows are to be recomputed. */
  touch(touches: readonly WindowTouch[]): void {
    const nowMs = this.now();
    for (const windows of this.dirty) {
      for (const touch of touches) windows.mark(windowOf(touch, windows.size), nowMs);
    }
  }

  /** The sensor's clock or its periods of the day changed: its days that are not past yet are to be recomputed. */
  touchDays(tenantId: string, sensorId: string): void {
    this.days.markNow(tenantId, sensorId, this.now());
  }

  /** Partitions changed hands: their windows may have been left behind, and nobody else looks for them. */
  lookForStale(): void {
    this.scanDue = true;
  }

  /** Marks the windows and days that a crash left behind. */
  async markStale(): Promise<void> {
    for (const windows of this.dirty) {
      const stale = await findStaleWindows(this.deps.clickhouse, windows.size, this.deps.staleScanHours);
      for (const window of stale) windows.mark(window, 0);
    }
    await this.days.markRecent(this.deps.staleScanHours);
  }

  /** Recomputes what is due, or everything that is marked. What fails stays marked. */
  async recomputeDue(all = false): Promise<void> {
    for (const windows of this.dirty) {
      const chunks = toChunks(windows.take(this.now(), all), windows.size);
      for (const [index, chunk] of chunks.entries()) {
        try {
          await this.compute(windows.size, chunk);
        } catch (error) {
          for (const window of chunks.slice(index).flat()) windows.mark(window, this.now());
          throw error;
        }
      }
    }
    this.computed.inc({ table: 'levels_1d' }, await this.days.recomputeDue(this.now(), all));
  }

  /** Recomputes all windows and days of a sensor that touch [fromS, toS), seconds since the Unix epoch, now. */
  async recomputeRange(sensor: Omit<SensorWindow, 'startS'>, fromS: number, toS: number): Promise<void> {
    const { tenantId, sensorId } = sensor;
    for (const { size } of this.dirty) {
      const first = Math.floor(fromS / size.seconds) * size.seconds;
      const count = Math.ceil((toS - first) / size.seconds);
      const windows = Array.from({ length: count }, (_, index) => ({
        tenantId,
        sensorId,
        startS: first + index * size.seconds,
      }));
      for (const chunk of toChunks(windows, size)) await this.compute(size, chunk);
    }
    this.computed.inc({ table: 'levels_1d' }, await this.days.recomputeRange(tenantId, sensorId, fromS, toS));
  }

  private async compute(size: WindowSize, chunk: readonly SensorWindow[]): Promise<void> {
    await recompute(this.deps.clickhouse, size, chunk, (tenantId, sensorId) =>
      this.deps.settings.of(tenantId, sensorId),
    );
    this.computed.inc({ table: size.table }, chunk.length);
    if (size.table === 'levels_15m') this.days.mark(chunk, this.now());
  }

  private async scanIfDue(): Promise<void> {
    if (!this.scanDue) return;
    this.scanDue = false;
    try {
      await this.markStale();
    } catch (error) {
      this.scanDue = true;
      throw error;
    }
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    const ready = this.deps.ready.then(
      () => true,
      () => false,
    );
    if (!(await Promise.race([ready, aborted(signal)]))) return;
    while (!signal.aborted) {
      try {
        await this.scanIfDue();
        await this.recomputeDue();
        if (this.failing) this.deps.logger.info('window aggregates are recomputed again');
        this.failing = false;
      } catch (error) {
        this.failures.inc();
        if (!this.failing) this.deps.logger.warn({ err: error }, 'window aggregates wait for ClickHouse');
        this.failing = true;
      }
      await pause(TICK_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

const aborted = (signal: AbortSignal): Promise<false> =>
  new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      resolve(false);
    });
  });
