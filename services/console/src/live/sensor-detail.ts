/** Everything the page of one sensor follows live. Mutable; charts read it in frames, React is told at most 4 times a second. */
import type {
  Alert,
  Anomaly,
  Classification,
  FeedMessage,
  LevelFlag,
  LiveLevel,
  SecondLevel,
  SoundEvent,
} from '../api/types.js';
import type { ClassWindow } from './class-windows.js';
import { insertWindow, toClassWindow } from './class-windows.js';
import { LiveClock } from './live-clock.js';
import type { MelChunk } from './mel-ring.js';
import { decodeBase64 } from './mel-ring.js';

export const KEPT_LEVELS_S = 300;
export const KEPT_PICTURE_S = 90;
const KEPT_EVENTS = 200;
const TELL_EVERY_MS = 250;

export interface SecondRow {
  readonly timeMs: number;
  readonly laeqDb: number | null;
  readonly lafmaxDb: number | null;
  readonly calibrationId: string | null;
  readonly flags: readonly LevelFlag[];
}

export const toSecondRow = (level: SecondLevel): SecondRow => ({
  timeMs: Date.parse(level.time),
  laeqDb: level.laeqDb,
  lafmaxDb: level.lafmaxDb,
  calibrationId: level.calibrationId,
  flags: level.flags ?? [],
});

export class SensorDetail {
  readonly clock = new LiveClock();
  readonly windows: ClassWindow[] = [];
  readonly events = new Map<string, SoundEvent>();
  readonly anomalies = new Map<string, Anomaly>();
  readonly alerts = new Map<string, Alert>();
  level: LiveLevel | null = null;
  private melListener: ((chunk: MelChunk) => void) | null = null;
  private seconds = new Map<number, SecondRow>();
  private readonly listeners = new Set<() => void>();
  private timer: number | undefined;
  private currentVersion = 0;

  get version(): number {
    return this.currentVersion;
  }

  /** The last five minutes in order of time. */
  secondRows(): SecondRow[] {
    return [...this.seconds.values()].sort((a, b) => a.timeMs - b.timeMs);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Hands each piece of the spectrogram on as it comes, to one follower; returns how to stop. */
  followMel(listener: (chunk: MelChunk) => void): () => void {
    this.melListener = listener;
    return () => {
      this.melListener = null;
    };
  }

  apply(messages: readonly FeedMessage[]): void {
    const nowMs = Date.now();
    for (const message of messages) this.applyOne(message, nowMs);
    this.tell();
  }

  fillLevels(levels: readonly SecondLevel[]): void {
    for (const level of levels) this.addSecond(level);
    this.tell();
  }

  fillClassifications(values: readonly Classification[]): void {
    for (const value of values) this.addWindow(value);
    this.tell();
  }

  fillLists(lists: {
    readonly events?: readonly SoundEvent[];
    readonly anomalies?: readonly Anomaly[];
    readonly alerts?: readonly Alert[];
  }): void {
    for (const event of lists.events ?? []) this.addEvent(event);
    for (const anomaly of lists.anomalies ?? []) this.anomalies.set(anomaly.id, anomaly);
    for (const alert of lists.alerts ?? []) this.addAlert(alert);
    this.tell();
  }

  private applyOne(message: FeedMessage, nowMs: number): void {
    switch (message.type) {
      case 'levels':
        for (const level of message.items) {
          this.addSecond(level);
          this.clock.observe(Date.parse(level.time) + level.durationMs, nowMs);
          this.level = level;
        }
        return;
      case 'spectrogram': {
        const { time, hopMs, melBands, dataBase64 } = message.value;
        if (message.value.discontinuity || dataBase64 === '') return;
        this.melListener?.({ timeMs: Date.parse(time), hopMs, bands: melBands, bytes: decodeBase64(dataBase64) });
        return;
      }
      case 'classification':
        this.addWindow(message.value);
        return;
      case 'event':
        this.addEvent(message.value);
        return;
      case 'anomaly':
        this.anomalies.set(message.value.id, message.value);
        trim(this.anomalies, KEPT_EVENTS);
        return;
      case 'alert':
        this.addAlert(message.value);
        return;
      case 'ready':
      case 'sensor':
      case 'notice':
        return;
    }
  }

  private addSecond(level: SecondLevel): void {
    const row = toSecondRow(level);
    this.seconds.set(row.timeMs, row);
    if (this.seconds.size > 1.2 * KEPT_LEVELS_S) {
      const rows = this.secondRows();
      this.seconds = new Map(rows.slice(-KEPT_LEVELS_S).map((kept) => [kept.timeMs, kept]));
    }
  }

  private addWindow(value: Classification): void {
    if (value.discontinuity) return;
    const window = toClassWindow(value);
    insertWindow(
      this.windows,
      window,
      Math.max(window.timeMs, this.windows.at(-1)?.timeMs ?? 0) - KEPT_PICTURE_S * 1000,
    );
  }

  private addEvent(event: SoundEvent): void {
    const known = this.events.get(event.id);
    if (known !== undefined && known.revision > event.revision) return;
    this.events.set(event.id, event);
    trim(this.events, KEPT_EVENTS);
  }

  private addAlert(alert: Alert): void {
    const known = this.alerts.get(alert.id);
    if (known === undefined || known.revision <= alert.revision) this.alerts.set(alert.id, alert);
    trim(this.alerts, KEPT_EVENTS);
  }

  private tell(): void {
    this.timer ??= window.setTimeout(() => {
      this.timer = undefined;
      this.currentVersion++;
      for (const listener of this.listeners) listener();
    }, TELL_EVERY_MS);
  }
}

/** Forgets what came first. */
function trim(map: Map<string, unknown>, most: number): void {
  for (const id of map.keys()) {
    if (map.size <= most) return;
    map.delete(id);
  }
}
