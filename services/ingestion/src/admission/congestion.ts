import { sensorKey, topicName, topics, type TopicId, type TopicSpec } from '@earshot/contracts';
import type { LagWatch, WatchedLag } from '@earshot/platform/kafka';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SensorRef } from '../access/sensors.js';
import type { Protocol } from '../metrics.js';
import { refuse, type Verdict } from '../refusal.js';
import type { Lane } from './lanes.js';
import type { Seniority } from './seniority.js';

/** Stages between a frame and its alerts: while one of them lags, live sound is held at the doors. */
const LIVE_STAGES: readonly string[] = [
  'feature-extraction',
  'classification',
  'anomaly-detection',
  'event-detection',
  'alerting',
];
/** Topics that hold up nobody's live sound. */
const NOT_LIVE: readonly TopicId[] = ['audioBackfill', 'alerts'];
/** Of the largest lag: from there on the stages are under strain. */
const STRAIN = 0.4;
/** Groups that must read a topic before its retention ends. Other readers (api, fleet) look at the newest only. */
const COMPLETE_READERS = new Set([...LIVE_STAGES, 'sink']);

/**
 * Whose lag counts, and from when on: `maxLagS` (and as a hint, a part of it) for stages of live sound that somebody runs, half
 * the retention for whoever reads a topic that is kept for a time.
 */
export const watchedLags = (namespace: string, maxLagS: number): readonly WatchedLag[] =>
  (Object.keys(topics) as TopicId[]).flatMap((id) => {
    const { cleanup, readers }: TopicSpec = topics[id];
    if (cleanup.kind !== 'delete') return [];
    const topic = topicName(id, namespace);
    return readers
      .filter((reader) => COMPLETE_READERS.has(reader))
      .flatMap((reader) => {
        const groupId = `${namespace}.${reader}`;
        const kept = { groupId, topic, maxAgeMs: cleanup.retentionMs / 2 };
        const isLive = LIVE_STAGES.includes(reader) && !NOT_LIVE.includes(id);
        const live = { groupId, topic, onlyWithMembers: true };
        return isLive
          ? [{ ...live, maxAgeMs: maxLagS * 1000 }, { ...live, maxAgeMs: STRAIN * maxLagS * 1000, isHint: true }, kept]
          : [kept];
      });
  });

/** A sensor that streams waits so long for the stages before it is sent away. */
const HOLD_MS = 5_000;
const HOLD_POLL_MS = 250;
/** Of frames that are held so; beyond it they are refused at once. */
const MAX_HELD_BYTES = 16 * 1024 * 1024;
const BUSY_RETRY_MS = 2_000;
const TOO_MANY = 'more sensors than the stages keep up with: those that were here first go on; send it again later';

/**
 * Refuses while the stages can't keep up: what is acknowledged is never expired unread, and after an overload live sound
 * is current again within the limit. Who streams (MQTT, gRPC) is held a while first, without an acknowledgement: the
 * connection's own flow control slows the sensor down. Frames of one sensor go on in the order of the calls.
 */
export class Congestion {
  private heldBytes = 0;
  /** The last one that is held, by sensor. */
  private readonly held = new Map<string, Promise<Verdict>>();

  constructor(
    private readonly lags: Pick<LagWatch, 'behind' | 'partitionOf'>,
    private readonly namespace: string,
    private readonly seniority: Pick<Seniority, 'mayEnter' | 'passed'>,
  ) {}

  /** null: the frame may go on. */
  async admit(sensor: SensorRef, lane: Lane, protocol: Protocol, bytes: number): Promise<Verdict> {
    const key = sensorKey(sensor.tenantId, sensor.sensorId);
    const before = this.held.get(key);
    const fault = this.fault(sensor, lane);
    if (before === undefined && fault === null) return null;
    if (protocol === 'http' || this.heldBytes + bytes > MAX_HELD_BYTES) return fault;
    this.heldBytes += bytes;
    const untilMs = performance.now() + HOLD_MS;
    // What comes after a frame that is sent away goes with it: it would overtake it.
    const turn = (before ?? Promise.resolve(null)).then((refused) => refused ?? this.wait(sensor, lane, untilMs));
    this.held.set(key, turn);
    try {
      return await turn;
    } finally {
      this.heldBytes -= bytes;
      if (this.held.get(key) === turn) this.held.delete(key);
    }
  }

  /** A frame that was let in is acknowledged. */
  passed(lane: Lane, seconds: number): void {
    if (lane === 'audio') this.seniority.passed(seconds);
  }

  /** The same as `admit`, without waiting. */
  fault({ tenantId, sensorId }: SensorRef, lane: Lane): Verdict {
    const key = sensorKey(tenantId, sensorId);
    // Asked first: who is refused for a lag keeps its place.
    const isSenior = this.seniority.mayEnter(key, Date.now());
    const partition = this.lags.partitionOf(key);
    // A slow lane that is full is nothing to live sound.
    const slow = topicName('audioBackfill', this.namespace);
    const behind = partition === null ? [] : this.lags.behind(partition);
    const [first] = behind.filter(({ topic }) => lane === 'audioBackfill' || topic !== slow);
    if (first === undefined && (isSenior || lane === 'audioBackfill')) return null;
    if (first === undefined) return { ...refuse('overloaded', TOO_MANY), retryAfterMs: BUSY_RETRY_MS };
    const message = `${first.groupId} is more than ${first.maxAgeMs / 1000} s behind on ${first.topic}; send it again later`;
    return { ...refuse('overloaded', message), retryAfterMs: BUSY_RETRY_MS };
  }

  private async wait(sensor: SensorRef, lane: Lane, untilMs: number): Promise<Verdict> {
    for (;;) {
      const fault = this.fault(sensor, lane);
      if (fault === null || performance.now() >= untilMs) return fault;
      await sleep(HOLD_POLL_MS);
    }
  }
}
