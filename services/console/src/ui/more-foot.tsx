import { formatCount } from '../lib/format.js';
import type { Paged } from './use-paged.js';

/** How many rows are shown, and the button for the next ones. */
export function MoreFoot({ list, one }: { readonly list: Paged<unknown>; readonly one: string }) {
  if (list.items === null || list.items.length === 0) return null;
  return (
    <div className="panel__foot">
      <span className="muted small" role="status">
        {formatCount(list.items.length, one)} shown
      </span>
      {list.hasMore ? (
        <button type="button" className="button" disabled={list.loadingMore} onClick={list.loadMore}>
          {list.loadingMore ? 'Loading…' : 'Show more'}
        </button>
      ) : null}
    </div>
  );
}
