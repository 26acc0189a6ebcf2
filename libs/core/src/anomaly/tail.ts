/**
 * How unusual sound gets for long enough to raise an alarm: the highest spells of a time in which a sensor is new.
 * Plain value, never changed in place.
 */
export interface Tail {
  /** Scores of the last seconds, oldest first; fewer than it takes to raise. */
  readonly recent: readonly number[];
  /** Highest spells, highest first; at most `MOST_SPELLS`. */
  readonly spells: readonly Spell[];
  /** Seconds that were looked at. */
  readonly seconds: number;
}

interface Spell {
  /** The score that every second of it reached for as long as it takes to raise. */
  readonly score: number;
  readonly atUs: number;
}

const MOST_SPELLS = 3;
/** Spells this close together are one. */
const APART_US = 120e6;
/** So many spells of that time may lie above the threshold. */
const SPARED = 1;
/** The threshold lies this much above the highest of the others. */
const ABOVE = 1.2;
/** Seconds that it takes to know. */
const LEAST_SECONDS = 3600;

export const noTail: Tail = { recent: [], spells: [], seconds: 0 };

/** Takes in the score of one more second; `raiseAfterS` seconds in a row make a spell. */
export const extendTail = (tail: Tail, score: number, timeUs: number, raiseAfterS: number): Tail => {
  const run = [...tail.recent, score];
  const recent = run.slice(-(raiseAfterS - 1) || run.length);
  const seconds = tail.seconds + 1;
  if (run.length < raiseAfterS) return { ...tail, recent, seconds };
  const reached = Math.min(...run);
  const near = tail.spells.find(({ atUs }) => Math.abs(timeUs - atUs) <= APART_US);
  if (near !== undefined && near.score >= reached) return { ...tail, recent, seconds };
  const spells = [...tail.spells.filter((spell) => spell !== near), { score: reached, atUs: timeUs }]
    .sort((a, b) => b.score - a.score)
    .slice(0, MOST_SPELLS);
  return { recent, spells, seconds };
};

/** Seconds that do not follow each other make no spell. */
export const breakTail = (tail: Tail): Tail => ({ ...tail, recent: [] });

/** The score that no further spell reached, with some room; 0: there was none. */
export const spellScore = ({ spells }: Tail): number => ABOVE * (spells[SPARED]?.score ?? 0);

/** The score above which normal sound of the time did not stay; 0: too little is known. */
export const tailScore = (tail: Tail): number => (tail.seconds < LEAST_SECONDS ? 0 : spellScore(tail));
