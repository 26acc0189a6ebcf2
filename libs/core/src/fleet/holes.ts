/**
 * A stretch of event time in which nothing was heard. Half-open [fromUs, toUs). `count` > 1: several holes that were put
 * together to save room; then `missingUs` is less than the stretch.
 */
export interface Hole {
  readonly fromUs: number;
  readonly toUs: number;
  readonly missingUs: number;
  readonly count: number;
}

/** Most entries kept for one sensor; beyond that the older half is put together in pairs. */
export const MAX_HOLES = 256;

const single = (fromUs: number, toUs: number): Hole => ({ fromUs, toUs, missingUs: toUs - fromUs, count: 1 });

const join = (first: Hole, second: Hole): Hole => ({
  fromUs: first.fromUs,
  toUs: second.toUs,
  missingUs: first.missingUs + second.missingUs,
  count: first.count + second.count,
});

const thin = (holes: readonly Hole[]): readonly Hole[] => {
  if (holes.length <= MAX_HOLES) return holes;
  const joined: Hole[] = [];
  for (let index = 0; index < MAX_HOLES / 2; index += 2) {
    const [first, second] = [holes[index], holes[index + 1]];
    if (first !== undefined && second !== undefined) joined.push(join(first, second));
  }
  return [...joined, ...holes.slice(MAX_HOLES / 2)];
};

/** Adds the newest hole and forgets what ended before `keepFromUs`. Holes are in order of time and do not overlap. */
export const addHole = (holes: readonly Hole[], fromUs: number, toUs: number, keepFromUs: number): readonly Hole[] =>
  thin([...holes.filter((hole) => hole.toUs > keepFromUs), single(fromUs, toUs)]);

/**
 * Takes [fromUs, toUs), heard late, out of the holes. Entries that stand for several holes stay as they are: where inside
 * of them sound is missing is no longer known. What is left of a hole is dropped below `toleranceUs`.
 */
export const fillHole = (holes: readonly Hole[], fromUs: number, toUs: number, toleranceUs: number): readonly Hole[] =>
  holes.some((hole) => hole.count === 1 && hole.fromUs < toUs && fromUs < hole.toUs)
    ? holes.flatMap((hole) => {
        if (hole.count > 1 || hole.fromUs >= toUs || fromUs >= hole.toUs) return [hole];
        return [
          single(hole.fromUs, Math.max(hole.fromUs, fromUs)),
          single(Math.min(hole.toUs, toUs), hole.toUs),
        ].filter((rest) => rest.missingUs > toleranceUs);
      })
    : holes;

/** What is missing inside [fromUs, toUs); an entry that lies across an edge counts by its share. */
export const missingWithin = (
  holes: readonly Hole[],
  fromUs: number,
  toUs: number,
): { readonly gapSeconds: number; readonly gapCount: number } => {
  let missingUs = 0;
  let count = 0;
  for (const hole of holes) {
    const insideUs = Math.min(hole.toUs, toUs) - Math.max(hole.fromUs, fromUs);
    if (insideUs <= 0) continue;
    const share = insideUs / (hole.toUs - hole.fromUs);
    missingUs += hole.missingUs * share;
    count += Math.max(1, Math.round(hole.count * share));
  }
  return { gapSeconds: missingUs / 1e6, gapCount: count };
};
