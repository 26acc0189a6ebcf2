import { setTimeout as sleep } from 'node:timers/promises';
import type { PostResult, PostWebhook, WebhookPost } from './post-webhook.js';

export interface Delivery extends WebhookPost {
  /** Deliveries of one alert are made in the order of calls. */
  readonly alertId: string;
}

/** `stopped`: nothing is known; it has to come again. */
export type DeliveryEnd =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'given-up'; readonly why: 'refused' | 'exhausted' | 'overflow'; readonly reason: string }
  | { readonly kind: 'stopped' };

export interface DeliveryOptions {
  readonly post: PostWebhook;
  /** Attempts of one delivery. Pauses between them grow from `firstPauseMs` by 2.5 up to 5 min: 8 take about 10 min. */
  readonly maxTries?: number;
  readonly firstPauseMs?: number;
  /** Deliveries under way for one URL; more are given up at once (`overflow`). */
  readonly maxPerUrl?: number;
}

const AT_A_TIME = 4;
const MAX_PAUSE_MS = 300_000;

/** Lets `AT_A_TIME` tasks of one URL run at once; the others wait in order. */
class Gate {
  private running = 0;
  private readonly queue: (() => void)[] = [];
  /** Deliveries that are not at their end. */
  pending = 0;

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.running >= AT_A_TIME) await new Promise<void>((resolve) => this.queue.push(resolve));
    else this.running += 1;
    try {
      return await task();
    } finally {
      const next = this.queue.shift();
      if (next === undefined) this.running -= 1;
      else next();
    }
  }
}

/** Delivers webhooks with retries. Each URL has a queue of its own: a slow one holds up nobody else. */
export class WebhookDeliveries {
  private readonly gates = new Map<string, Gate>();
  private readonly chains = new Map<string, Promise<unknown>>();
  private readonly posting = new Set<Promise<unknown>>();
  private readonly stopping = new AbortController();

  constructor(private readonly options: DeliveryOptions) {}

  async deliver(delivery: Delivery): Promise<DeliveryEnd> {
    const { maxPerUrl = 2_000 } = this.options;
    const gate = this.gates.get(delivery.url) ?? new Gate();
    if (gate.pending >= maxPerUrl) {
      return { kind: 'given-up', why: 'overflow', reason: `${maxPerUrl} deliveries to this URL are waiting` };
    }
    this.gates.set(delivery.url, gate);
    gate.pending += 1;
    const previous = this.chains.get(delivery.alertId);
    const turn = (async () => {
      await previous;
      return this.attempts(delivery, gate);
    })();
    this.chains.set(delivery.alertId, turn);
    try {
      return await turn;
    } finally {
      gate.pending -= 1;
      if (gate.pending === 0) this.gates.delete(delivery.url);
      if (this.chains.get(delivery.alertId) === turn) this.chains.delete(delivery.alertId);
    }
  }

  /** Attempts under way are waited for, as long as `graceMs`; what waits ends as `stopped`. */
  async stop(graceMs = 2_000): Promise<void> {
    this.stopping.abort();
    await Promise.race([Promise.allSettled(this.posting), sleep(graceMs, undefined, { ref: false })]);
  }

  private async attempts(delivery: Delivery, gate: Gate): Promise<DeliveryEnd> {
    const { maxTries = 8 } = this.options;
    for (let tries = 1; ; tries += 1) {
      const result = await gate.run(() => this.attempt(delivery));
      if (result === null) return { kind: 'stopped' };
      if (result.kind === 'delivered') return result;
      if (result.kind === 'refused') return { kind: 'given-up', why: 'refused', reason: result.reason };
      if (tries >= maxTries) {
        return { kind: 'given-up', why: 'exhausted', reason: `${result.reason}, after ${tries} attempts` };
      }
      if (!(await this.pause(tries))) return { kind: 'stopped' };
    }
  }

  private async attempt(delivery: Delivery): Promise<PostResult | null> {
    if (this.stopping.signal.aborted) return null;
    const posting = this.options.post(delivery);
    this.posting.add(posting);
    try {
      return await posting;
    } finally {
      this.posting.delete(posting);
    }
  }

  /** With jitter, so that what failed together does not come back together. False: stopping. */
  private async pause(tries: number): Promise<boolean> {
    const { firstPauseMs = 2_000 } = this.options;
    const pauseMs = Math.min(MAX_PAUSE_MS, firstPauseMs * 2.5 ** (tries - 1)) * (0.75 + Math.random() / 2);
    try {
      await sleep(pauseMs, undefined, { signal: this.stopping.signal });
      return true;
    } catch {
      return false;
    }
  }
}
