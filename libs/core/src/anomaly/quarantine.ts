import { chance, countOf, embeddingsOf, exemplarAt, noExemplars, withExemplar } from './memory.js';
import type { Exemplar, Exemplars } from './memory.js';

/** What was unusual while the sensor was new, kept aside: what comes again and again belongs to the place. */
export interface Quarantine extends Exemplars {
  /** Which episode each is from. */
  readonly episodes: Int32Array;
  /** Episodes so far. */
  readonly episode: number;
  /** Event time of the last second that was offered. */
  readonly lastUs: number;
  readonly offered: number;
}

const MOST_HELD = 32;
/** Unusual seconds this close together are one episode. */
const SAME_EPISODE_US = 60e6;
/** It takes so many episodes that sound alike. */
const LEAST_EPISODES = 3;
/** Two seconds sound alike when their features differ by no more than this, root mean square. */
const ALIKE_DB = 8;

export const emptyQuarantine: Quarantine = {
  ...noExemplars,
  episodes: new Int32Array(0),
  episode: 0,
  lastUs: 0,
  offered: 0,
};

/** Keeps a sample of what is offered. */
export const hold = (quarantine: Quarantine, exemplar: Exemplar, timeUs: number): Quarantine => {
  const episode = quarantine.episode + (timeUs - quarantine.lastUs > SAME_EPISODE_US ? 1 : 0);
  const offered = quarantine.offered + 1;
  const count = countOf(quarantine);
  const place = count < MOST_HELD ? count : Math.floor(chance(quarantine.offered) * offered);
  const seen = { episode, lastUs: timeUs, offered };
  if (place >= MOST_HELD) return { ...quarantine, ...seen };
  const held = withExemplar(quarantine, exemplar, place);
  const episodes = new Int32Array(countOf(held));
  episodes.set(quarantine.episodes);
  episodes[place] = episode;
  return { ...held, episodes, ...seen };
};

const isAlike = (a: Float32Array, b: Float32Array): boolean => {
  let sum = 0;
  for (let k = 0; k < a.length; k += 1) sum += ((a[k] ?? 0) - (b[k] ?? 0)) ** 2;
  return sum <= ALIKE_DB ** 2 * a.length;
};

/** The exemplars that were heard in three episodes or more. */
export const recurring = (quarantine: Quarantine): readonly Exemplar[] => {
  const rows = embeddingsOf(quarantine);
  return rows.flatMap((row, at) => {
    const episodes = new Set<number>();
    rows.forEach((other, index) => {
      if (isAlike(row, other)) episodes.add(quarantine.episodes[index] ?? 0);
    });
    return episodes.size >= LEAST_EPISODES ? [exemplarAt(quarantine, at)] : [];
  });
};
