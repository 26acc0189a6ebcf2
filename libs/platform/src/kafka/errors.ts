/** The broker did not take or give records in time; trying again later may work. */
export class KafkaUnavailableError extends Error {
  override readonly name = 'KafkaUnavailableError';
}

/** The group has moved on: these partitions belong to somebody else now. */
export class FencedError extends Error {
  override readonly name = 'FencedError';
}

/** A record is larger than its topic takes. */
export class RecordTooLargeError extends Error {
  override readonly name = 'RecordTooLargeError';
}

const FENCING_TYPES = new Set([
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'REBALANCE_IN_PROGRESS',
  'FENCED_INSTANCE_ID',
]);

const typeOf = (error: unknown): string | undefined => {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('type' in error && typeof error.type === 'string') return error.type;
  return 'cause' in error ? typeOf(error.cause) : undefined;
};

/** Protocol errors 22, 25, 27 (and 82): the member is out of the group's current generation. */
export const isFencing = (error: unknown): boolean => {
  const type = typeOf(error);
  return error instanceof FencedError || (type !== undefined && FENCING_TYPES.has(type));
};

const LEADERLESS_TYPES = new Set(['NOT_LEADER_FOR_PARTITION', 'LEADER_NOT_AVAILABLE']);

/** The partition's topic was made a moment ago, or its broker has just started: it will be led. */
export const isLeaderless = (error: unknown): boolean => LEADERLESS_TYPES.has(typeOf(error) ?? '');

export const isTooLarge = (error: unknown): boolean => typeOf(error) === 'MESSAGE_TOO_LARGE';
