export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Median (the mean of the middle two of an even number) and extremes; throws without values. */
export const spreadOf = (values: readonly number[]): Spread => {
  const ascending = [...values].sort((a, b) => a - b);
  const [min] = ascending;
  const max = ascending.at(-1);
  if (min === undefined || max === undefined) throw new Error('no values');
  const middle = (ascending.length - 1) / 2;
  const median = ((ascending[Math.floor(middle)] ?? NaN) + (ascending[Math.ceil(middle)] ?? NaN)) / 2;
  return { median, min, max };
};
