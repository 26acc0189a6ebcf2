import { deserialize, serialize } from 'node:v8';
import { StateSnapshot } from '@earshot/contracts';
import { readToEnd, type IncomingRecord, type Kafka, type OutgoingRecord } from '../kafka/index.js';
import type { Logger } from '../telemetry/index.js';
import { originChannel, type Origin } from './origin.js';

/** One key's state and how far each input topic is in it. */
export interface KeyedState<S> {
  state: S;
  /** Last Kafka offset per input topic that the state holds. */
  positions: Map<string, number>;
  /** Last origin that the state holds, per `inputTopic<originTopic`. */
  origins: Map<string, Origin>;
}

export interface RestoredPartition<S> {
  readonly partition: number;
  /** Highest epoch ever claimed for the partition; 0 when none was. */
  readonly epoch: number;
  readonly keys: Map<string, KeyedState<S>>;
}

export interface SnapshotFormat<S> {
  readonly topic: string;
  readonly stateVersion: number;
  readonly compatibleVersion?: number | undefined;
  readonly migrate?: ((version: number, state: unknown) => S) | undefined;
}

/** How a stage's states are written and read. */
export const formatOf = <S>(definition: {
  readonly stateTopic: string;
  readonly stateVersion: number;
  readonly stateCompatibleVersion?: number;
  readonly migrate?: (version: number, state: unknown) => S;
}): SnapshotFormat<S> => ({
  topic: definition.stateTopic,
  stateVersion: definition.stateVersion,
  compatibleVersion: definition.stateCompatibleVersion,
  migrate: definition.migrate,
});

/** Snapshots of one key take turns between this many records, so that a zombie does not overwrite its successor's. */
const SLOTS = 4;
const claimKey = (partition: number): string => `@epoch/${partition}`;

/** The record that says: from here on `epoch` owns the partition. */
export const claimRecord = (topic: string, partition: number, epoch: number): OutgoingRecord => ({
  topic,
  partition,
  key: claimKey(partition),
  value: StateSnapshot.encode({
    key: '',
    epoch,
    positions: [],
    origins: [],
    stateVersion: 0,
    compatibleVersion: 0,
    state: Buffer.alloc(0),
  }).finish(),
});

export const snapshotRecord = <S>(
  format: SnapshotFormat<S>,
  partition: number,
  epoch: number,
  key: string,
  entry: KeyedState<S>,
): OutgoingRecord => ({
  topic: format.topic,
  partition,
  key: `${key}#${epoch % SLOTS}`,
  value: StateSnapshot.encode({
    key,
    epoch,
    positions: [...entry.positions].map(([topic, kafkaOffset]) => ({ topic, kafkaOffset })),
    origins: [...entry.origins].map(([channel, origin]) => ({ inputTopic: channel.split('<')[0] ?? '', ...origin })),
    stateVersion: format.stateVersion,
    compatibleVersion: format.compatibleVersion ?? format.stateVersion,
    state: serialize(entry.state),
  }).finish(),
});

interface Candidate {
  readonly snapshot: StateSnapshot;
  readonly progress: number;
}

const newer = (a: Candidate, b: Candidate | undefined): boolean =>
  b === undefined ||
  a.snapshot.epoch > b.snapshot.epoch ||
  (a.snapshot.epoch === b.snapshot.epoch && a.progress >= b.progress);

/** Whether who reads `version` can go on from the snapshot as it is: its own layout, or a newer one that says so. */
export const isReadableAs = ({ stateVersion, compatibleVersion }: StateSnapshot, version: number): boolean =>
  stateVersion === version || (stateVersion > version && compatibleVersion > 0 && compatibleVersion <= version);

/** The state in this version's layout. */
const stateOf = <S>(format: SnapshotFormat<S>, snapshot: StateSnapshot): S => {
  const { key, stateVersion } = snapshot;
  const stored = deserialize(snapshot.state) as unknown;
  if (isReadableAs(snapshot, format.stateVersion)) return stored as S;
  if (stateVersion > format.stateVersion)
    throw new Error(
      `${format.topic}: state of ${key} has layout ${stateVersion}, which versions that read layout ${format.stateVersion} can't go on from: use a newer version`,
    );
  if (format.migrate === undefined)
    throw new Error(
      `${format.topic}: state of ${key} has layout ${stateVersion}, this version reads ${format.stateVersion} and has no migration`,
    );
  return format.migrate(stateVersion, stored);
};

const restoreState = <S>(format: SnapshotFormat<S>, snapshot: StateSnapshot): KeyedState<S> => ({
  state: stateOf(format, snapshot),
  positions: new Map(snapshot.positions.map(({ topic, kafkaOffset }) => [topic, kafkaOffset])),
  origins: new Map(snapshot.origins.map(({ inputTopic, ...origin }) => [originChannel(inputTopic, origin), origin])),
});

/** Reads the partitions' snapshots: per key the one with the highest (epoch, Kafka offset). */
export const restorePartitions = async <S>(
  kafka: Kafka,
  format: SnapshotFormat<S>,
  partitions: readonly number[],
  logger: Logger,
  onProgress: () => void,
): Promise<ReadonlyMap<number, RestoredPartition<S>>> => {
  const best = new Map(partitions.map((partition) => [partition, new Map<string, Candidate>()]));
  const epochs = new Map(partitions.map((partition) => [partition, 0]));
  const take = (record: IncomingRecord): void => {
    onProgress();
    if (record.value === null) return;
    const snapshot = StateSnapshot.decode(record.value);
    epochs.set(record.partition, Math.max(epochs.get(record.partition) ?? 0, snapshot.epoch));
    if (snapshot.key === '') return;
    const keys = best.get(record.partition);
    const progress = snapshot.positions.reduce((sum, { kafkaOffset }) => sum + kafkaOffset, 0);
    const candidate = { snapshot, progress };
    if (keys !== undefined && newer(candidate, keys.get(snapshot.key))) keys.set(snapshot.key, candidate);
  };
  if (partitions.length > 0) await readToEnd(kafka, { topics: [format.topic], partitions, onRecord: take, logger });
  return new Map(
    partitions.map((partition) => {
      const keys = [...(best.get(partition) ?? [])].map(([key, { snapshot }]): [string, KeyedState<S>] => [
        key,
        restoreState(format, snapshot),
      ]);
      return [partition, { partition, epoch: epochs.get(partition) ?? 0, keys: new Map(keys) }];
    }),
  );
};
