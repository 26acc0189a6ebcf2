/** A list that grows on demand: the newest page is asked for again in the background until more pages are shown. */
import { useState } from 'react';
import type { Page } from '../api/types.js';
import { useResource } from './use-resource.js';

export interface Paged<T> {
  /** Null while the first page is under way. */
  readonly items: readonly T[] | null;
  readonly error: unknown;
  readonly hasMore: boolean;
  readonly loadingMore: boolean;
  readonly loadMore: () => void;
  readonly reload: () => void;
}

interface More<T> {
  readonly name: string;
  readonly items: readonly T[];
  readonly cursor: string | null;
}

export function usePaged<T extends { readonly id: string }>(
  name: string,
  load: (cursor: string | undefined, signal?: AbortSignal) => Promise<Page<T>>,
  refreshMs: number,
): Paged<T> {
  const [more, setMore] = useState<More<T> | null>(null);
  const [loadingMore, setLoadingMore] = useState(false);
  const [moreError, setMoreError] = useState<unknown>(null);
  const rest = more?.name === name ? more : null;
  // The first page stands still once others follow it, or rows would fall between them.
  const first = useResource(name, (signal) => load(undefined, signal), rest === null ? refreshMs : undefined);
  const cursor = rest === null ? (first.data?.nextCursor ?? null) : rest.cursor;

  const loadMore = async (): Promise<void> => {
    if (cursor === null) return;
    setLoadingMore(true);
    setMoreError(null);
    try {
      const page = await load(cursor);
      setMore({ name, items: [...(rest?.items ?? []), ...page.items], cursor: page.nextCursor });
    } catch (error) {
      setMoreError(error);
    }
    setLoadingMore(false);
  };

  return {
    items: first.data === null ? null : uniqueById([...first.data.items, ...(rest?.items ?? [])]),
    error: first.error ?? moreError,
    hasMore: cursor !== null,
    loadingMore,
    loadMore: () => void loadMore(),
    reload: () => {
      setMore(null);
      first.reload();
    },
  };
}

function uniqueById<T extends { readonly id: string }>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [item.id, item])).values()];
}
