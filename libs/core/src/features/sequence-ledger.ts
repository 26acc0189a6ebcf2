/** Which sequences of a boot were taken: all below `next`, but those in holes (and, after very many holes, few that are in them). Plain value, never changed in place. */
export interface SequenceLedger {
  /** The sequence that is due. */
  readonly next: number;
  /** Sequences [from, to) that were given up, oldest first. */
  readonly holes: readonly { readonly from: number; readonly to: number }[];
}

/**
 * With more holes the two with the fewest taken sequences between them become one: no frame that is missing is ever taken for a
 * duplicate, but a duplicate of what lies between them may be taken for a missing one.
 */
const MOST_HOLES = 64;

type Holes = SequenceLedger['holes'];

const bounded = (holes: Holes): Holes => {
  if (holes.length <= MOST_HOLES) return holes;
  let nearest = 1;
  let least = Infinity;
  for (let i = 1; i < holes.length; i++) {
    const between = (holes[i]?.from ?? 0) - (holes[i - 1]?.to ?? 0);
    if (between < least) [nearest, least] = [i, between];
  }
  const joined = { from: holes[nearest - 1]?.from ?? 0, to: holes[nearest]?.to ?? 0 };
  return [...holes.slice(0, nearest - 1), joined, ...holes.slice(nearest + 1)];
};

/** A boot first heard of with this sequence. */
export const startLedger = (sequence: number): SequenceLedger => ({
  next: sequence,
  holes: sequence > 0 ? [{ from: 0, to: sequence }] : [],
});

export const wasGivenUp = ({ holes }: SequenceLedger, sequence: number): boolean =>
  holes.some(({ from, to }) => from <= sequence && sequence < to);

export const wasTaken = (ledger: SequenceLedger, sequence: number): boolean =>
  sequence < ledger.next && !wasGivenUp(ledger, sequence);

/** The ledger with `sequence` taken; what lies between the due one and it becomes a hole. */
export const take = ({ next, holes }: SequenceLedger, sequence: number): SequenceLedger => {
  if (sequence >= next) {
    const opened = sequence > next ? [...holes, { from: next, to: sequence }] : holes;
    return { next: sequence + 1, holes: bounded(opened) };
  }
  const left = holes.flatMap(({ from, to }) =>
    from <= sequence && sequence < to
      ? [
          { from, to: sequence },
          { from: sequence + 1, to },
        ].filter((part) => part.from < part.to)
      : [{ from, to }],
  );
  return { next, holes: bounded(left) };
};
