/** A seeded stream of numbers in [0, 1) (mulberry32): the same seed gives the same stream everywhere. */
export type Random = () => number;

export const createRandom = (seed: number): Random => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b_79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** One seed out of several numbers. */
export const mixSeed = (...parts: readonly number[]): number =>
  parts.reduce((seed, part) => Math.imul(seed ^ (part + 0x9e37_79b9), 0x85eb_ca6b) >>> 0, 0x1234_5678);

/** A new array in a random order (Fisher-Yates). */
export const shuffled = <T>(items: readonly T[], random: Random): T[] => {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const [a, b] = [result[i] as T, result[j] as T];
    result[i] = b;
    result[j] = a;
  }
  return result;
};
