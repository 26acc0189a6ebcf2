/** What is known of one sensor right now. Mutable on purpose: thousands of messages a second never pass through React. */
import type { Alert, Anomaly, Classification, LiveLevel, Sensor, SensorSnapshot, SoundEvent } from '../api/types.js';
import { SecondsRing } from '../lib/seconds-ring.js';

export const SPARKLINE_S = 60;
/** Top class below this: nothing recognised. */
export const HEARD_MIN_PROBABILITY = 0.5;
/** A verdict older than this (by arrival) is no longer "now". */
const HEARD_LASTS_MS = 6_000;

export interface Heard {
  readonly label: string;
  readonly probability: number;
  readonly timeMs: number;
  /** Browser time at which it arrived. */
  readonly arrivedMs: number;
}

export type Presence = 'online' | 'silent' | 'retired' | 'never-heard';

export class SensorLive {
  record: Sensor | null = null;
  level: LiveLevel | null = null;
  heard: Heard | null = null;
  anomaly: Anomaly | null = null;
  readonly sparkline = new SecondsRing(SPARKLINE_S);
  readonly openEvents = new Map<string, SoundEvent>();
  readonly alerts = new Map<string, Alert>();
  private readonly closedRevision = new Map<string, number>();
  private windowTimeMs = 0;

  constructor(readonly id: string) {}

  applyLevel(level: LiveLevel): void {
    const timeMs = Date.parse(level.time);
    this.sparkline.set(Math.floor(timeMs / 1000), level.laeqDb);
    if (this.level === null || Date.parse(this.level.time) <= timeMs) this.level = level;
  }

  applyClassification(value: Classification, arrivedMs: number): void {
    const timeMs = Date.parse(value.time);
    if (timeMs < this.windowTimeMs) return;
    this.windowTimeMs = timeMs;
    const { top } = value;
    this.heard =
      top === null || value.discontinuity || top.probability < HEARD_MIN_PROBABILITY
        ? null
        : { label: top.label, probability: top.probability, timeMs, arrivedMs };
  }

  /** A phase replaces what is known of its id when its revision is not lower. */
  applyEvent(event: SoundEvent): void {
    const known = this.openEvents.get(event.id)?.revision ?? this.closedRevision.get(event.id);
    if (known !== undefined && known > event.revision) return;
    if (event.phase === 'close') {
      this.openEvents.delete(event.id);
      this.closedRevision.set(event.id, event.revision);
      if (this.closedRevision.size > 100) this.forgetOldest();
    } else this.openEvents.set(event.id, event);
  }

  applyAnomaly(anomaly: Anomaly): void {
    if (this.anomaly === null || this.anomaly.time <= anomaly.time) this.anomaly = anomaly;
  }

  applyAlert(alert: Alert): void {
    if (alert.state === 'resolved') this.alerts.delete(alert.id);
    else this.alerts.set(alert.id, alert);
  }

  /** Fills what the feed has not told yet; what it has told is newer. */
  applySnapshot(snapshot: SensorSnapshot, arrivedMs: number): void {
    if (snapshot.level !== null) this.applyLevel(snapshot.level);
    const heardMs = snapshot.heard === null ? 0 : Date.parse(snapshot.heard.time);
    if (snapshot.heard !== null && heardMs > this.windowTimeMs) {
      this.windowTimeMs = heardMs;
      const { label, probability } = snapshot.heard;
      this.heard = { label, probability, timeMs: heardMs, arrivedMs };
    }
    if (snapshot.anomaly !== null) this.applyAnomaly(snapshot.anomaly);
    this.openEvents.clear();
    for (const event of snapshot.openEvents) this.applyEvent(event);
    this.alerts.clear();
    for (const alert of snapshot.openAlerts) this.applyAlert(alert);
  }

  heardAt(nowMs: number): Heard | null {
    return this.heard !== null && nowMs - this.heard.arrivedMs <= HEARD_LASTS_MS ? this.heard : null;
  }

  get presence(): Presence {
    if (this.record === null) return this.level === null ? 'never-heard' : 'online';
    if (this.record.state === 'retired') return 'retired';
    if (this.record.online) return 'online';
    return this.record.lastSeen === null && this.level === null ? 'never-heard' : 'silent';
  }

  get name(): string {
    return this.record === null || this.record.name === '' ? this.id : this.record.name;
  }

  private forgetOldest(): void {
    for (const id of this.closedRevision.keys()) {
      this.closedRevision.delete(id);
      return;
    }
  }
}
