import { setTimeout } from 'node:timers/promises';
import kafkajs, { type Admin, type PartitionMetadata } from 'kafkajs';
import type { Logger } from '../telemetry/index.js';
import type { Kafka } from './client.js';

/** One consumer group on one topic. */
export interface WatchedLag {
  readonly groupId: string;
  readonly topic: string;
  /** A partition is behind when its oldest unread record was written so long ago, ms. */
  readonly maxAgeMs: number;
  /** Counts only while the group has members: one that is too slow, not one that is away. */
  readonly onlyWithMembers?: boolean;
  /** Only for `isStrained`. */
  readonly isHint?: boolean;
}

export interface LagWatchOptions {
  readonly watched: readonly WatchedLag[];
  readonly pollMs?: number;
  readonly logger: Logger;
}

/** What is known of the groups' lags, a few seconds old. Where nothing is known (no poll yet, broker away) nothing is behind. */
export interface LagWatch {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Those of the watched that are behind in this partition, hints left out. */
  behind(partition: number): readonly WatchedLag[];
  /** Whether any hint is behind in any partition. */
  isStrained(): boolean;
  /** Whether the group had read everything that was in the partition at `sinceMs` (Unix epoch). */
  hasReadSince(groupId: string, topic: string, partition: number, sinceMs: number): boolean;
  /** Partition of a key, as every Kafka client finds it. null: not known yet. */
  partitionOf(key: string): number | null;
}

const POLL_MS = 2_000;
/** Older knowledge is none. */
const STALE_MS = 30_000;

interface Seen {
  /** When the poll began, ms since the Unix epoch. */
  readonly atMs: number;
  /** By partition. */
  readonly behind: ReadonlyMap<number, readonly WatchedLag[]>;
  /** `group topic` to the partitions with nothing unread. */
  readonly read: ReadonlyMap<string, ReadonlySet<number>>;
}

const NOTHING: Seen = { atMs: -Infinity, behind: new Map(), read: new Map() };

type Offsets = ReadonlyMap<number, number>;

const offsetsOf = (list: readonly { readonly partition: number; readonly offset: string }[]): Offsets =>
  new Map(list.map(({ partition, offset }) => [partition, Number(offset)]));

const distinct = <T>(values: readonly T[]): readonly T[] => [...new Set(values)];

/** Asks once per key. */
const askAll = async <T>(keys: readonly string[], ask: (key: string) => Promise<T>): Promise<ReadonlyMap<string, T>> =>
  new Map(await Promise.all(distinct(keys).map(async (key) => [key, await ask(key)] as const)));

/** By group: committed offsets per topic. */
const committedOf = async (
  admin: Admin,
  groupId: string,
  topics: readonly string[],
): Promise<ReadonlyMap<string, Offsets>> =>
  new Map(
    (await admin.fetchOffsets({ groupId, topics: [...topics] })).map(({ topic, partitions }) => [
      topic,
      offsetsOf(partitions),
    ]),
  );

const ageKey = ({ topic, maxAgeMs }: WatchedLag): string => `${maxAgeMs} ${topic}`;

const poll = async (admin: Admin, watched: readonly WatchedLag[]): Promise<Seen> => {
  const atMs = Date.now();
  const topicsOf = (group: string): readonly string[] =>
    distinct(watched.filter(({ groupId }) => groupId === group).map(({ topic }) => topic));
  const groupIds = watched.map(({ groupId }) => groupId);
  const [committed, edges, limits, { groups }] = await Promise.all([
    askAll(groupIds, (groupId) => committedOf(admin, groupId, topicsOf(groupId))),
    askAll(
      watched.map(({ topic }) => topic),
      (topic) => admin.fetchTopicOffsets(topic),
    ),
    // The first record that is younger: everything before it was written longer ago than it may lie unread.
    askAll(watched.map(ageKey), (key) => {
      const cut = key.indexOf(' ');
      return admin.fetchTopicOffsetsByTimestamp(key.slice(cut + 1), atMs - Number(key.slice(0, cut))).then(offsetsOf);
    }),
    admin.describeGroups([...distinct(groupIds)]),
  ]);
  const peopled = new Set(groups.filter(({ members }) => members.length > 0).map(({ groupId }) => groupId));
  const behind = new Map<number, readonly WatchedLag[]>();
  const read = new Map<string, ReadonlySet<number>>();
  for (const one of watched) {
    const { groupId, topic, onlyWithMembers = false } = one;
    const offsets = committed.get(groupId)?.get(topic) ?? new Map<number, number>();
    // Never committed on the topic: nobody runs it.
    if (![...offsets.values()].some((offset) => offset >= 0)) continue;
    const done = new Set<number>();
    for (const { partition, high, low } of edges.get(topic) ?? []) {
      const next = Math.max(offsets.get(partition) ?? -1, Number(low));
      if (next >= Number(high)) done.add(partition);
      const isLate = next < Math.min(limits.get(ageKey(one))?.get(partition) ?? 0, Number(high));
      if (isLate && (!onlyWithMembers || peopled.has(groupId)))
        behind.set(partition, [...(behind.get(partition) ?? []), one]);
    }
    read.set(`${groupId} ${topic}`, done);
  }
  return { atMs, behind, read };
};

export const createLagWatch = (kafka: Kafka, { watched, pollMs = POLL_MS, logger }: LagWatchOptions): LagWatch => {
  const admin = kafka.client.admin();
  const partition = kafkajs.Partitioners.DefaultPartitioner();
  let seen = NOTHING;
  let partitions: readonly PartitionMetadata[] | null = null;
  const stopping = new AbortController();
  let running: Promise<void> | undefined;

  const metadata = async (): Promise<void> => {
    const [first] = watched;
    if (partitions !== null || first === undefined) return;
    const { topics } = await admin.fetchTopicMetadata({ topics: [first.topic] });
    partitions =
      topics[0]?.partitions.map((_, partitionId) => ({
        ...{ partitionErrorCode: 0, partitionId, leader: 0, replicas: [], isr: [] },
      })) ?? null;
  };

  const run = async (): Promise<void> => {
    let isConnected = false;
    while (!stopping.signal.aborted) {
      try {
        if (!isConnected) await admin.connect();
        isConnected = true;
        await metadata();
        seen = await poll(admin, watched);
      } catch (error) {
        logger.debug({ err: error }, 'Lags are not known for now');
        await admin.disconnect().catch(() => undefined);
        isConnected = false;
      }
      await setTimeout(pollMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
    await admin.disconnect().catch(() => undefined);
  };

  const known = (): Seen => (Date.now() - seen.atMs > STALE_MS ? NOTHING : seen);

  return {
    start: () => {
      running = run();
      return Promise.resolve();
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
    behind: (number) => (known().behind.get(number) ?? []).filter(({ isHint }) => isHint !== true),
    isStrained: () => [...known().behind.values()].some((all) => all.some(({ isHint }) => isHint === true)),
    hasReadSince: (groupId, topic, number, sinceMs) => {
      const { atMs, read } = known();
      return atMs > sinceMs && (read.get(`${groupId} ${topic}`)?.has(number) ?? false);
    },
    partitionOf: (key) => {
      if (partitions === null) return null;
      return partition({ topic: '', partitionMetadata: [...partitions], message: { key, value: null } });
    },
  };
};
