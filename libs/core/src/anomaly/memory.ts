import { FEATURES } from './embedding.js';

/** An embedded second as it is remembered: features as bytes in 0.5 dB steps. */
export interface Exemplar {
  readonly codes: Uint8Array;
  /** Event time, in tens of minutes since the Unix epoch. */
  readonly slot: number;
}

/** Exemplars in one piece. Plain value, never changed in place. */
export interface Exemplars {
  /** Count x FEATURES. */
  readonly codes: Uint8Array;
  readonly slots: Int32Array;
}

/**
 * Normal seconds that a baseline is learned from. The common ones: at first every one; then each new one takes the place of an older one with a
 * chance that leaves a sample of the last two days. And those that recurred while the sensor was new: there they stay.
 * Chance is a hash of a count: the same input gives the same memory.
 */
export interface Memory {
  readonly common: Exemplars;
  readonly recurring: Exemplars;
  /** Common seconds offered so far. */
  readonly offered: number;
}

const MEMORY_SIZE = 112;
const MOST_RECURRING = 40;
/** So many are admitted at a time at most. */
const MOST_ADMITTED = 12;
const SLOT_US = 600e6;
export const SLOTS_PER_DAY = 144;
/** Seconds that the memory stands for at most. */
const HORIZON_S = 2 * 86_400;
const STEP_DB = 0.5;

export const noExemplars: Exemplars = { codes: new Uint8Array(0), slots: new Int32Array(0) };
export const emptyMemory: Memory = { common: noExemplars, recurring: noExemplars, offered: 0 };

export const toExemplar = (embedding: Float32Array, timeUs: number): Exemplar => ({
  codes: Uint8Array.from(embedding, (value) => Math.max(0, Math.min(255, Math.round(value / STEP_DB)))),
  slot: Math.floor(timeUs / SLOT_US),
});

export const countOf = ({ slots }: Exemplars): number => slots.length;

export const exemplarAt = ({ codes, slots }: Exemplars, at: number): Exemplar => ({
  codes: codes.slice(at * FEATURES, (at + 1) * FEATURES),
  slot: slots[at] ?? 0,
});

/** Their embeddings, in order. */
export const embeddingsOf = (exemplars: Exemplars): readonly Float32Array[] =>
  Array.from(exemplars.slots, (_, at) =>
    Float32Array.from(exemplars.codes.subarray(at * FEATURES, (at + 1) * FEATURES), (code) => code * STEP_DB),
  );

/** With one more at `place`; at the end where there is none yet. */
export const withExemplar = (exemplars: Exemplars, exemplar: Exemplar, place: number): Exemplars => {
  const count = Math.max(countOf(exemplars), place + 1);
  const codes = new Uint8Array(count * FEATURES);
  const slots = new Int32Array(count);
  codes.set(exemplars.codes);
  slots.set(exemplars.slots);
  codes.set(exemplar.codes, place * FEATURES);
  slots[place] = exemplar.slot;
  return { codes, slots };
};

/** A number in [0, 1) from a count, in no rhythm that a machine could share (murmur3's finaliser). */
export const chance = (count: number): number => {
  let mixed = Math.imul(count + 1, 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
};

/** Remembers a normal second, or not. */
export const remember = (memory: Memory, exemplar: Exemplar): Memory => {
  const offered = memory.offered + 1;
  const room = MEMORY_SIZE - countOf(memory.recurring);
  const count = countOf(memory.common);
  const place = count < room ? count : Math.floor(chance(memory.offered) * Math.min(offered, HORIZON_S));
  const isKept = place < room;
  return { ...memory, offered, common: isKept ? withExemplar(memory.common, exemplar, place) : memory.common };
};

/** Without those at some places, so that `count` are left. */
const thinned = (exemplars: Exemplars, count: number): Exemplars => {
  let left = exemplars;
  while (countOf(left) > count) {
    const place = Math.floor(chance(countOf(left)) * countOf(left));
    const last = countOf(left) - 1;
    const moved = withExemplar(left, exemplarAt(left, last), place);
    left = { codes: moved.codes.slice(0, last * FEATURES), slots: moved.slots.slice(0, last) };
  }
  return left;
};

/** Puts exemplars in that recurred, in the places of others when there is no room. */
export const admit = (memory: Memory, admitted: readonly Exemplar[]): Memory => {
  let { recurring } = memory;
  for (const [index, exemplar] of admitted.slice(0, MOST_ADMITTED).entries()) {
    const count = countOf(recurring);
    const drawn = Math.floor(chance(memory.offered + 7919 * index) * MOST_RECURRING);
    recurring = withExemplar(recurring, exemplar, count < MOST_RECURRING ? count : drawn);
  }
  return { ...memory, recurring, common: thinned(memory.common, MEMORY_SIZE - countOf(recurring)) };
};

/** All that is remembered. */
export const allOf = ({ common, recurring }: Memory): Exemplars => {
  const codes = new Uint8Array(common.codes.length + recurring.codes.length);
  const slots = new Int32Array(common.slots.length + recurring.slots.length);
  codes.set(common.codes);
  codes.set(recurring.codes, common.codes.length);
  slots.set(common.slots);
  slots.set(recurring.slots, common.slots.length);
  return { codes, slots };
};
