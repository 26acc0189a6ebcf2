/**
 * All sensors as the feed tells them. Two ways to follow it: `onSensor` is called in an animation frame for each sensor that
 * changed (cards paint themselves), `subscribe` when a list would look different (React renders, at most twice a second).
 */
import type { FeedMessage, Sensor, Snapshot } from '../api/types.js';
import { SensorLive } from './sensor-live.js';

export interface LiveCounts {
  readonly online: number;
  readonly silent: number;
  readonly retired: number;
  readonly neverHeard: number;
}

const RENDER_EVERY_MS = 500;

type Painter = (sensor: SensorLive, nowMs: number) => void;

export class LiveStore {
  readonly sensors = new Map<string, SensorLive>();
  private readonly painters = new Map<string, Set<Painter>>();
  private readonly listeners = new Set<() => void>();
  private readonly dirty = new Set<string>();
  private frame: number | undefined;
  private renderTimer: number | undefined;
  private currentVersion = 0;
  private droppedCount = 0;
  loaded = false;

  /** Grows when lists, counts or open alerts may have changed. */
  get version(): number {
    return this.currentVersion;
  }

  /** Messages the server had to leave out since the start. */
  get dropped(): number {
    return this.droppedCount;
  }

  apply(messages: readonly FeedMessage[]): void {
    const nowMs = Date.now();
    for (const message of messages) this.applyOne(message, nowMs);
    if (this.dirty.size > 0) this.schedulePaint();
  }

  applySensors(records: readonly Sensor[]): void {
    for (const record of records) this.applyRecord(record);
    this.scheduleRender();
  }

  applySnapshot(snapshot: Snapshot): void {
    const nowMs = Date.now();
    for (const entry of snapshot.sensors) this.touch(entry.sensorId).applySnapshot(entry, nowMs);
    this.schedulePaint();
    this.scheduleRender();
  }

  markLoaded(): void {
    this.loaded = true;
    this.scheduleRender(0);
  }

  /** Calls `painter` now and in the frame after each change; returns how to stop. */
  onSensor(id: string, painter: Painter): () => void {
    const painters = this.painters.get(id) ?? new Set();
    painters.add(painter);
    this.painters.set(id, painters);
    painter(this.get(id), Date.now());
    return () => {
      painters.delete(painter);
      if (painters.size === 0) this.painters.delete(id);
    };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Paints every visible sensor again: what fades with time (heard now) is brought up to date. */
  repaintVisible(): void {
    for (const id of this.painters.keys()) this.dirty.add(id);
    this.schedulePaint();
  }

  private applyOne(message: FeedMessage, nowMs: number): void {
    switch (message.type) {
      case 'levels':
        for (const level of message.items) this.touch(level.sensorId).applyLevel(level);
        return;
      case 'classification':
        this.touch(message.value.sensorId).applyClassification(message.value, nowMs);
        return;
      case 'event':
        this.touch(message.value.sensorId).applyEvent(message.value);
        break;
      case 'anomaly':
        this.touch(message.value.sensorId).applyAnomaly(message.value);
        break;
      case 'alert':
        this.touch(message.value.sensorId).applyAlert(message.value);
        break;
      case 'sensor':
        this.applyRecord(message.value);
        break;
      case 'notice':
        this.droppedCount += message.droppedMessages;
        break;
      case 'ready':
      case 'spectrogram':
        return;
    }
    this.scheduleRender();
  }

  private applyRecord(record: Sensor): void {
    const sensor = this.touch(record.id);
    if (sensor.record === null || sensor.record.version <= record.version) sensor.record = record;
  }

  private get(id: string): SensorLive {
    let sensor = this.sensors.get(id);
    if (sensor === undefined) {
      sensor = new SensorLive(id);
      this.sensors.set(id, sensor);
      this.scheduleRender();
    }
    return sensor;
  }

  private touch(id: string): SensorLive {
    this.dirty.add(id);
    return this.get(id);
  }

  private schedulePaint(): void {
    this.frame ??= window.requestAnimationFrame(() => {
      this.frame = undefined;
      const nowMs = Date.now();
      for (const id of this.dirty) {
        const painters = this.painters.get(id);
        const sensor = this.sensors.get(id);
        if (painters !== undefined && sensor !== undefined) for (const paint of painters) paint(sensor, nowMs);
      }
      this.dirty.clear();
    });
  }

  private scheduleRender(afterMs = RENDER_EVERY_MS): void {
    this.renderTimer ??= window.setTimeout(() => {
      this.renderTimer = undefined;
      this.currentVersion++;
      for (const listener of this.listeners) listener();
    }, afterMs);
  }
}
