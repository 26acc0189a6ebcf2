/** What was said of events, as lists told it or as it was said here; what was said here counts. Outside React, told when it changes. */
import type { ReviewMark, SoundEvent } from '../api/types.js';

export class ReviewMarks {
  private readonly said = new Map<string, ReviewMark | null>();
  private readonly listeners = new Set<() => void>();
  private currentVersion = 0;

  get version(): number {
    return this.currentVersion;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** null: nobody said anything. The feed tells events without their reviews. */
  of(event: SoundEvent): ReviewMark | null {
    const said = this.said.get(event.id);
    return said === undefined ? (event.review ?? null) : said;
  }

  /** Lists as they are loaded: what the feed tells of these events later has no review. */
  note(events: readonly SoundEvent[]): void {
    for (const { id, review } of events) {
      if (review !== undefined && review !== null && !this.said.has(id)) this.said.set(id, review);
    }
  }

  set(eventId: string, mark: ReviewMark | null): void {
    this.said.set(eventId, mark);
    this.currentVersion++;
    for (const listener of this.listeners) listener();
  }
}
