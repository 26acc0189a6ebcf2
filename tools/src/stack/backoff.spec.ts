import { describe, expect, it } from '@jest/globals';

import { afterEnd, freshBackoff } from './backoff.js';

describe('the wait before a restart', () => {
  it('doubles from 0.5 s to 10 s and starts again after 30 s of running', () => {
    let backoff = freshBackoff;
    const delays = [0, 0, 0, 0, 0, 0, 0, 30_000, 0].map((ranMs) => {
      const next = afterEnd(backoff, ranMs);
      backoff = next.backoff;
      return next.delayMs;
    });
    expect(delays).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000, 500, 1000]);
  });
});
