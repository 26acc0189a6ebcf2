import { sensorKey, type Sensor, type SensorStatus } from '@earshot/contracts';
import type { SensorRegistry } from '../registry/sensor-registry.js';
import type { DescribeSensor } from './status.js';

/** What a watcher's connection must offer. */
export interface StatusSink {
  /** False: full, stop until `onDrain`. */
  write(status: SensorStatus): boolean;
  onDrain(listener: () => void): void;
  /** No more will come. */
  end(): void;
}

/** `last_seen_us` alone is told no more often than this. */
const REFRESH_US = 10e6;

interface Told {
  readonly looks: string;
  readonly lastSeenUs: number;
  readonly atUs: number;
}

/** What counts as a change at once; last seen moves every second and is told now and then. */
const looksOf = (status: SensorStatus): string =>
  `${status.sensor?.version ?? 0}|${status.online}|${status.gapCount}|${status.sampleRateHz}|${status.calibrated}`;

class Watcher {
  private readonly changed = new Set<string>();
  private readonly told = new Map<string, Told>();
  private full = false;

  constructor(
    private readonly find: (key: string) => Sensor | undefined,
    private readonly describe: DescribeSensor,
    private readonly nowUs: () => number,
    private readonly sink: StatusSink,
  ) {
    sink.onDrain(() => {
      this.full = false;
      this.pump();
    });
  }

  end(): void {
    this.sink.end();
  }

  mark(key: string): void {
    this.changed.add(key);
    this.pump();
  }

  /** A change that came while the client was slow is told with the state at the time of telling: nothing piles up. */
  private pump(): void {
    for (const key of this.changed) {
      if (this.full) return;
      this.changed.delete(key);
      const sensor = this.find(key);
      if (sensor === undefined) continue;
      const status = this.describe(sensor);
      if (!this.isNews(key, status)) continue;
      this.told.set(key, { looks: looksOf(status), lastSeenUs: status.lastSeenUs, atUs: this.nowUs() });
      this.full = !this.sink.write(status);
    }
  }

  private isNews(key: string, status: SensorStatus): boolean {
    const before = this.told.get(key);
    if (before?.looks !== looksOf(status)) return true;
    return before.lastSeenUs !== status.lastSeenUs && this.nowUs() - before.atUs >= REFRESH_US;
  }
}

/**
 * Watches of sensors' states: first every sensor of the tenant, then every change. A client's queue is a set of sensors, so
 * it is never longer than the tenant's list, however slow the client.
 */
export class WatchHub {
  private readonly watchers = new Map<Watcher, string>();

  constructor(
    private readonly registry: SensorRegistry,
    private readonly describe: DescribeSensor,
    private readonly nowUs: () => number,
  ) {
    registry.onChange((sensor) => {
      for (const [watcher, tenantId] of this.watchers) {
        if (tenantId === sensor.tenantId) watcher.mark(sensorKey(sensor.tenantId, sensor.sensorId));
      }
    });
  }

  get size(): number {
    return this.watchers.size;
  }

  /** Begins a watch; the answer ends it. */
  add(tenantId: string, sink: StatusSink): () => void {
    const find = (key: string): Sensor | undefined => this.registry.get(...splitKey(key));
    const watcher = new Watcher(find, this.describe, this.nowUs, sink);
    this.watchers.set(watcher, tenantId);
    for (const { sensorId } of this.registry.ofTenant(tenantId)) watcher.mark(sensorKey(tenantId, sensorId));
    return () => this.watchers.delete(watcher);
  }

  /** Ends every watch: its client has to begin anew. */
  close(): void {
    for (const watcher of this.watchers.keys()) watcher.end();
    this.watchers.clear();
  }

  /** Looks at every watched sensor's presence; called every second. */
  tick(): void {
    for (const [watcher, tenantId] of this.watchers) {
      for (const { sensorId } of this.registry.ofTenant(tenantId)) watcher.mark(sensorKey(tenantId, sensorId));
    }
  }
}

const splitKey = (key: string): [string, string] => {
  const [tenantId = '', sensorId = ''] = key.split('/');
  return [tenantId, sensorId];
};
