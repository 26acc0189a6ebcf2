/** Which sequences of a boot were taken: all below `next`, but those in holes. Plain value, never changed in place. */
export interface SequenceLedger {
  /** The sequence that is due. */
  readonly next: number;
  /** Sequences [from, to) that were given up, oldest first. */
  readonly holes: readonly { readonly from: number; readonly to: number }[];
}

/** Holes beyond these are forgotten, oldest first: a frame that then still comes is taken for a duplicate. */
const MOST_HOLES = 32;

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
    return { next: sequence + 1, holes: opened.slice(-MOST_HOLES) };
  }
  const left = holes.flatMap(({ from, to }) =>
    from <= sequence && sequence < to
      ? [
          { from, to: sequence },
          { from: sequence + 1, to },
        ].filter((part) => part.from < part.to)
      : [{ from, to }],
  );
  return { next, holes: left.slice(-MOST_HOLES) };
};
