import type { IncomingRecord } from '../kafka/index.js';
import { decodeSafely, type DecodeFailure, type StageInput } from './definition.js';
import { isAfter, originChannel, originOf, type Origin } from './origin.js';
import type { KeyedState } from './snapshots.js';

export interface Selection {
  readonly fresh: readonly IncomingRecord[];
  /** How many were passed over because a stage upstream made them again. */
  readonly repeated: number;
  /** Key → channel → last origin among the fresh. */
  readonly origins: ReadonlyMap<string, ReadonlyMap<string, Origin>>;
}

/** Leaves out what the states hold already: read before a restart, or made again by a replay of the stage upstream. */
export const selectFresh = (
  topic: string,
  records: readonly IncomingRecord[],
  keys: ReadonlyMap<string, Pick<KeyedState<unknown>, 'positions' | 'origins'>>,
): Selection => {
  const origins = new Map<string, Map<string, Origin>>();
  let repeated = 0;
  const fresh = records.filter((record) => {
    const entry = keys.get(record.key);
    if (record.value === null || record.kafkaOffset <= (entry?.positions.get(topic) ?? -1)) return false;
    const origin = originOf(record);
    if (origin === undefined) return true;
    const channel = originChannel(topic, origin);
    const seen = origins.get(record.key)?.get(channel) ?? entry?.origins.get(channel);
    if (seen !== undefined && !isAfter(origin, seen)) {
      repeated += 1;
      return false;
    }
    const channels = origins.get(record.key) ?? new Map<string, Origin>();
    origins.set(record.key, channels.set(channel, origin));
    return true;
  });
  return { fresh, repeated, origins };
};

export interface KeyedInputs<I> {
  /** In order of first appearance; inputs in order of the partition. */
  readonly groups: readonly (readonly [string, readonly { readonly record: IncomingRecord; readonly input: I }[]])[];
  readonly failures: readonly { readonly record: IncomingRecord; readonly failure: DecodeFailure }[];
}

export const groupByKey = <I>(input: StageInput<I>, records: readonly IncomingRecord[]): KeyedInputs<I> => {
  const groups = new Map<string, { record: IncomingRecord; input: I }[]>();
  const failures: { record: IncomingRecord; failure: DecodeFailure }[] = [];
  for (const record of records) {
    const decoded = decodeSafely(input, record);
    if (decoded.kind === 'dlq') {
      failures.push({ record, failure: decoded });
      continue;
    }
    const group = groups.get(record.key);
    if (group === undefined) groups.set(record.key, [{ record, input: decoded.input }]);
    else group.push({ record, input: decoded.input });
  }
  return { groups: [...groups], failures };
};
