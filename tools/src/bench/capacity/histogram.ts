/** Cumulative counts of a Prometheus histogram: upper bound (s; Infinity the last) to how many are at or below it. */
export type Buckets = ReadonlyMap<number, number>;

/** The buckets of `name` with these labels in a text exposition. */
export const bucketsOf = (text: string, name: string, label: string): Buckets => {
  const found = new Map<number, number>();
  for (const line of text.split('\n')) {
    if (!line.startsWith(`${name}_bucket{`) || !line.includes(label)) continue;
    const le = /le="([^"]+)"/.exec(line)?.[1] ?? '';
    found.set(le === '+Inf' ? Infinity : Number(le), Number(line.slice(line.lastIndexOf(' ') + 1)));
  }
  return found;
};

export const bucketsBetween = (before: Buckets, after: Buckets): Buckets =>
  new Map([...after].map(([bound, count]) => [bound, count - (before.get(bound) ?? 0)]));

/** The value that `share` (0..1) of all lie below, by straight lines inside a bucket, as Prometheus's histogram_quantile; null without values. */
export const quantileOf = (buckets: Buckets, share: number): number | null => {
  const bounds = [...buckets].sort(([a], [b]) => a - b);
  const total = bounds.at(-1)?.[1] ?? 0;
  if (total === 0) return null;
  const wanted = share * total;
  let [lower, below] = [0, 0];
  for (const [bound, count] of bounds) {
    if (count >= wanted) {
      if (bound === Infinity) return lower;
      return count === below ? bound : lower + ((bound - lower) * (wanted - below)) / (count - below);
    }
    [lower, below] = [bound, count];
  }
  return lower;
};
