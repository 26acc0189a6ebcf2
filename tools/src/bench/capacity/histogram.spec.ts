import { describe, expect, it } from '@jest/globals';
import { bucketsBetween, bucketsOf, quantileOf } from './histogram.js';

const text = `# HELP age x
age_bucket{le="0.5",table="a",service="sink"} 10
age_bucket{le="1",table="a",service="sink"} 90
age_bucket{le="2",table="a",service="sink"} 100
age_bucket{le="+Inf",table="a",service="sink"} 100
age_bucket{le="0.5",table="b",service="sink"} 7
age_sum{table="a"} 3
`;

describe('histograms', () => {
  it('are read by name and label, and subtracted', () => {
    const buckets = bucketsOf(text, 'age', 'table="a"');
    expect([...buckets]).toEqual([
      [0.5, 10],
      [1, 90],
      [2, 100],
      [Infinity, 100],
    ]);
    expect(bucketsBetween(new Map([[1, 40]]), buckets).get(1)).toBe(50);
  });

  it('give quantiles by straight lines', () => {
    const buckets = bucketsOf(text, 'age', 'table="a"');
    expect(quantileOf(buckets, 0.5)).toBeCloseTo(0.75, 12);
    expect(quantileOf(buckets, 0.99)).toBeCloseTo(1.9, 12);
    expect(quantileOf(new Map([[Infinity, 0]]), 0.5)).toBeNull();
  });
});
