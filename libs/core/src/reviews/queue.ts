/** An event that nobody reviewed. */
export interface Candidate {
  readonly id: string;
  readonly sensorId: string;
  readonly label: string;
  /** Highest probability inside the event, 0..1. */
  readonly confidence: number;
  /** Probability at which the model opens an event of this label, 0..1. */
  readonly threshold: number;
  /** Microseconds since the Unix epoch. */
  readonly onsetUs: number;
  /** How far models that hear the same sound are apart on it, 0..1; left out: not known. */
  readonly disagreement?: number;
}

/** What reviews have said of events of a label so far. */
export interface LabelTally {
  readonly label: string;
  readonly right: number;
  /** wrong and other_label. */
  readonly wrong: number;
}

export interface Ranked<C extends Candidate> {
  readonly candidate: C;
  /** uncertainty x need x novelty, 0..1: how much a review would teach, as far as this formula knows. */
  readonly score: number;
  readonly uncertainty: number;
  readonly need: number;
  readonly novelty: number;
}

/** Sounds of one label of one sensor are alike for about so long, s. */
const ALIKE_S = 600;
/** Of a certain event: a model that is sure and wrong is told too, but later. */
const LEAST_UNCERTAINTY = 0.1;

const clamp = (value: number): number => (value >= 0 ? Math.min(1, value) : 0);

/**
 * 1 where the confidence is the threshold, falling linearly to LEAST_UNCERTAINTY at 0 and at 1; where models disagree more
 * than that, their disagreement.
 */
export const uncertaintyOf = ({
  confidence,
  threshold,
  disagreement = 0,
}: Pick<Candidate, 'confidence' | 'threshold' | 'disagreement'>): number => {
  const [c, t] = [clamp(confidence), clamp(threshold)];
  const room = c >= t ? 1 - t : t;
  const distance = room === 0 ? 1 : Math.abs(c - t) / room;
  return Math.max(LEAST_UNCERTAINTY, 1 - distance, clamp(disagreement));
};

/**
 * What is not known of a label: the standard deviation of its precision after r right and w wrong reviews, with one of each
 * assumed before the first (Beta(r + 1, w + 1)), over that of a label without reviews. 1 without reviews; falls as 1/√n, more slowly for a
 * label that is often wrong.
 */
export const needOf = ({ right, wrong }: Pick<LabelTally, 'right' | 'wrong'>): number => {
  const [a, b] = [right + 1, wrong + 1];
  const n = a + b;
  return Math.sqrt((a * b) / (n * n * (n + 1)) / (1 / 12));
};

/** 0..1: 0 for different labels; 1/3 for one label, 2/3 at one sensor, near 1 when also close in time. */
const likeness = (a: Candidate, b: Candidate): number => {
  if (a.label !== b.label) return 0;
  if (a.sensorId !== b.sensorId) return 1 / 3;
  return (2 + Math.exp(-Math.abs(a.onsetUs - b.onsetUs) / 1e6 / ALIKE_S)) / 3;
};

const order = (a: Candidate, b: Candidate): number => a.onsetUs - b.onsetUs || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/**
 * The `most` candidates whose review teaches most, best first; greedy:
 *
 *   score(i) = uncertainty(i) x need(label of i) x novelty(i),  novelty(i) = 1 / (1 + sum over those chosen before of likeness(i, j))
 *
 * so that a class that nobody judged comes before the tenth of a class that is known, and fifty of one dog are not a queue. Each step takes the
 * highest score, of equal ones the earlier onset, then the lower id: the answer depends on neither the order nor repetitions of the candidates.
 * Costs candidates x most.
 */
export const rankQueue = <C extends Candidate>(
  candidates: readonly C[],
  tallies: readonly LabelTally[],
  most: number,
): readonly Ranked<C>[] => {
  const needs = new Map(tallies.map((tally) => [tally.label, needOf(tally)]));
  const unique = [...new Map(candidates.map((one) => [one.id, one])).values()].sort(order);
  const open = unique.map((candidate) => ({
    candidate,
    uncertainty: uncertaintyOf(candidate),
    need: needs.get(candidate.label) ?? 1,
    alike: 0,
  }));
  const scoreOf = (one: (typeof open)[number]): number => (one.uncertainty * one.need) / (1 + one.alike);
  const ranked: Ranked<C>[] = [];
  while (ranked.length < most && open.length > 0) {
    const best = open.reduce((top, one) => (scoreOf(one) > scoreOf(top) ? one : top));
    const { candidate, uncertainty, need, alike } = best;
    ranked.push({ candidate, score: scoreOf(best), uncertainty, need, novelty: 1 / (1 + alike) });
    open.splice(open.indexOf(best), 1);
    for (const one of open) one.alike += likeness(one.candidate, candidate);
  }
  return ranked;
};
