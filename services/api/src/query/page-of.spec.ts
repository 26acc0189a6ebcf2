import { describe, expect, it } from '@jest/globals';
import { pageOf } from './page-of.js';

describe('pageOf', () => {
  const all = ['c', 'a', 'd', 'b', 'e'].map((id) => ({ id }));

  it('gives every item once, page by page, though some come and go', () => {
    const first = pageOf(all, { limit: 2 });
    expect(first.items.map(({ id }) => id)).toEqual(['a', 'b']);
    const changed = [{ id: 'aa' }, { id: 'cc' }, ...all.filter(({ id }) => id !== 'b')];
    const second = pageOf(changed, { limit: 2, cursor: first.nextCursor ?? '' });
    expect(second.items.map(({ id }) => id)).toEqual(['c', 'cc']);
    const third = pageOf(changed, { limit: 2, cursor: second.nextCursor ?? '' });
    expect(third).toEqual({ items: [{ id: 'd' }, { id: 'e' }], nextCursor: null });
  });

  it('refuses a cursor that it did not make', () => {
    expect(() => pageOf(all, { limit: 2, cursor: '!' })).toThrow(/cursor is "!"/);
  });
});
