import type { TopicPartition } from './port.js';
import { FencedError } from './errors.js';

/** What one partition asks for. */
export interface CommitWish extends TopicPartition {
  readonly nextKafkaOffset: number;
  /** Whether the partition is still the asker's. */
  isCurrent(): boolean;
  /** Sends one request, with the membership of the asker. */
  send(offsets: readonly (TopicPartition & { readonly nextKafkaOffset: number })[]): Promise<void>;
}

interface Asked {
  readonly wish: CommitWish;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Commits of many partitions in one request at a time: what is asked while one is under way goes with the next. Whose partition was
 * revoked before its request left is rejected with `FencedError`.
 */
export class Committer {
  private asked: Asked[] = [];
  private pump: Promise<void> | undefined;

  add(wish: CommitWish): Promise<void> {
    return new Promise((resolve, reject) => {
      this.asked.push({ wish, resolve, reject });
      this.pump ??= this.run();
    });
  }

  private async run(): Promise<void> {
    // Partitions whose work ended in the same turn of the event loop go together.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.asked.length > 0) {
      const all = this.asked;
      this.asked = [];
      const current = all.filter(({ wish, reject }) => {
        if (wish.isCurrent()) return true;
        reject(new FencedError(`${wish.topic}/${wish.partition} was revoked`));
        return false;
      });
      const last = current.at(-1);
      if (last === undefined) continue;
      try {
        await last.wish.send(current.map(({ wish }) => wish));
        for (const one of current) one.resolve();
      } catch (error) {
        for (const one of current) one.reject(error);
      }
    }
    // In the same turn as the last look at `asked`: what comes a microtask later must find no pump.
    this.pump = undefined;
  }
}
