import { describe, expect, it } from '@jest/globals';
import { AnchorCache } from './anchors.js';

describe('AnchorCache', () => {
  it('keeps the anchor of the first frame for the whole boot', () => {
    const anchors = new AnchorCache();
    expect(anchors.anchorTimeUs('a', 10_000_000, 16_000, 8000)).toBe(8_000_000);
    expect(anchors.anchorTimeUs('a', 99_000_000, 24_000, 8000)).toBe(8_000_000);
    expect(anchors.anchorTimeUs('b', 10_000_000, 8000, 8000)).toBe(9_000_000);
  });

  it('forgets the boot that was not used for longest', () => {
    const anchors = new AnchorCache(2);
    anchors.anchorTimeUs('a', 1_000_000, 0, 8000);
    anchors.anchorTimeUs('b', 2_000_000, 0, 8000);
    anchors.anchorTimeUs('a', 3_000_000, 0, 8000);
    anchors.anchorTimeUs('c', 4_000_000, 0, 8000);
    expect(anchors.anchorTimeUs('a', 5_000_000, 0, 8000)).toBe(1_000_000);
    expect(anchors.anchorTimeUs('b', 6_000_000, 0, 8000)).toBe(6_000_000);
  });
});
