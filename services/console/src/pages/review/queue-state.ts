/** The queue while one works through it. Pure. */
import type { QueueItem } from '../../api/types.js';

export interface QueueState {
  /** What is left, the current one first. */
  readonly items: readonly QueueItem[];
  /** What was reviewed or skipped here, newest last. */
  readonly past: readonly PastItem[];
}

export interface PastItem {
  readonly item: QueueItem;
  readonly isReviewed: boolean;
}

export const EMPTY_QUEUE: QueueState = { items: [], past: [] };

/** Asked for again when no more than so many are left. */
export const FEW_LEFT = 5;

/** A new answer of the api: the current one stays, what was passed already does not come back. */
export function fillQueue({ items, past }: QueueState, answer: readonly QueueItem[]): QueueState {
  const current = items.slice(0, 1);
  const known = new Set([...current, ...past.map(({ item }) => item)].map(({ event }) => event.id));
  return { items: [...current, ...answer.filter(({ event }) => !known.has(event.id))], past };
}

/** The current one is done. */
export function passQueue({ items, past }: QueueState, isReviewed: boolean): QueueState {
  const [item, ...rest] = items;
  return item === undefined ? { items, past } : { items: rest, past: [...past, { item, isReviewed }] };
}

/** The last one comes back. */
export function undoQueue({ items, past }: QueueState): QueueState {
  const last = past.at(-1);
  return last === undefined ? { items, past } : { items: [last.item, ...items], past: past.slice(0, -1) };
}

/** One whose review could not be saved comes back as the current one. */
export function returnToQueue({ items, past }: QueueState, eventId: string): QueueState {
  const found = past.find(({ item }) => item.event.id === eventId);
  return found === undefined
    ? { items, past }
    : { items: [found.item, ...items], past: past.filter((one) => one !== found) };
}
