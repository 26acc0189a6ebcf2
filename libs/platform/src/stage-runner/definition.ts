import type { DlqReason, AnyStage } from '@earshot/core/stage';
import type { IncomingRecord, OutgoingRecord } from '../kafka/port.js';

/** A record that can't become an input: it goes to the topic's DLQ, untouched, with these as headers. */
export interface DecodeFailure {
  readonly kind: 'dlq';
  readonly reason: DlqReason;
  readonly cause: string;
}

export type Decoded<I> = { readonly kind: 'input'; readonly input: I } | DecodeFailure;

export interface StageInput<I> {
  /** Full topic name. */
  readonly topic: string;
  /** Decodes and validates. A thrown error counts as `undecodable`. */
  decode(record: IncomingRecord): Decoded<I>;
  /** Of a slow lane: how many records of it an instance takes a second, so that its other inputs do not wait. */
  readonly recordsPerS?: number;
}

/**
 * One keyed stage, wired to topics. The runner decodes, groups by key, steps, produces and awaits acks, snapshots and
 * commits; metrics, health and spans come from it.
 */
export interface StageDefinition<S, I, O> {
  /** Also the consumer group (`<namespace>.<name>`) and the metric label, e.g. `event-detection`. */
  readonly name: string;
  readonly stage: AnyStage<S, I, O>;
  /** Layout version of S. `migrate` is called with older ones. */
  readonly stateVersion: number;
  /**
   * Oldest layout whose readers can go on from this one as it is (fields were only added): a rollback to them works.
   * Default: none but its own. What can't be done so takes two releases: one that reads both, then one that writes the new.
   */
  readonly stateCompatibleVersion?: number;
  readonly migrate?: (version: number, state: unknown) => S;
  readonly inputs: readonly StageInput<I>[];
  /** Full name of the compacted topic that keeps S. */
  readonly stateTopic: string;
  /** Where an output goes. */
  route(output: O): OutgoingRecord;
  /** Awaited before the first batch (views of side inputs that must be complete). */
  ready?(): Promise<void>;
}

/** A stage without state of its own: reads, writes somewhere that is idempotent, commits. */
export interface SinkDefinition<I> {
  readonly name: string;
  readonly inputs: readonly StageInput<I>[];
  /**
   * Makes the inputs durable. Resolves: they are committed. Rejects: the same inputs come again after a pause.
   * Inputs are in order per partition; one call at a time.
   */
  write(inputs: readonly { readonly input: I; readonly record: IncomingRecord }[]): Promise<void>;
  /** Most inputs in one `write`. */
  readonly maxBatch?: number;
  /** How long to gather inputs before a `write`, ms. */
  readonly lingerMs?: number;
  ready?(): Promise<void>;
  /** The group was settled anew: partitions may have come from an instance that did not finish what it had begun. */
  onAssigned?(): void;
}

/** `decode` of an input, with what it throws turned into a dead letter. */
export const decodeSafely = <I>(input: StageInput<I>, record: IncomingRecord): Decoded<I> => {
  try {
    return input.decode(record);
  } catch (error) {
    return { kind: 'dlq', reason: 'undecodable', cause: error instanceof Error ? error.message : String(error) };
  }
};
