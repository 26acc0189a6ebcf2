/** One live feed that mends itself: reconnects with backoff and jitter, and notices a connection gone quiet. */
import { queryString } from './client.js';
import { SseDecoder } from './sse.js';
import type { FeedMessage, SseMessage } from './feed.js';
import { toFeedMessage } from './feed.js';

export type ConnectionState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  | { readonly kind: 'waiting'; readonly retryInMs: number; readonly reason: string }
  | { readonly kind: 'stopped' };

export interface LiveConnectionOptions {
  readonly key: string;
  readonly topics: readonly string[];
  readonly sensorId?: string;
  onMessages(messages: readonly FeedMessage[]): void;
  onState(state: ConnectionState): void;
  onUnauthorized(): void;
}

/** The server pings every 15 s: twice that and a little without a byte is a dead connection. */
const QUIET_LIMIT_MS = 35_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15_000;

/** Wait before attempt n (from 0): doubles up to 15 s, with up to half of it as jitter; `random` is in [0,1). */
export function backoffMs(attempt: number, random: number): number {
  const base = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** attempt);
  return Math.round(base * (0.5 + random / 2));
}

export class LiveConnection {
  private abort = new AbortController();
  private stopped = false;
  private attempt = 0;
  private retryTimer: number | undefined;

  constructor(private readonly options: LiveConnectionOptions) {}

  start(): void {
    window.addEventListener('online', this.retryNow);
    document.addEventListener('visibilitychange', this.retryNow);
    void this.run();
  }

  stop(): void {
    this.stopped = true;
    window.removeEventListener('online', this.retryNow);
    document.removeEventListener('visibilitychange', this.retryNow);
    window.clearTimeout(this.retryTimer);
    this.abort.abort();
  }

  private readonly retryNow = (): void => {
    if (this.retryTimer === undefined || document.visibilityState === 'hidden') return;
    window.clearTimeout(this.retryTimer);
    void this.run();
  };

  private async run(): Promise<void> {
    this.retryTimer = undefined;
    this.options.onState({ kind: 'connecting' });
    const reason = await this.readUntilEnd().catch((error: unknown) =>
      error instanceof Error ? error.message : String(error),
    );
    if (this.stopped) return;
    if (reason === 'unauthorized') {
      this.options.onState({ kind: 'stopped' });
      this.options.onUnauthorized();
      return;
    }
    const retryInMs = backoffMs(this.attempt++, Math.random());
    this.options.onState({ kind: 'waiting', retryInMs, reason });
    this.retryTimer = window.setTimeout(() => void this.run(), retryInMs);
  }

  /** Reads one connection to its end and says why it ended. */
  private async readUntilEnd(): Promise<string> {
    this.abort = new AbortController();
    const abort = this.abort;
    let watchdog = window.setTimeout(() => abort.abort(), QUIET_LIMIT_MS);
    try {
      const { key, topics, sensorId } = this.options;
      const response = await fetch(`/v1/live${queryString({ sensorId, topics: topics.join(',') })}`, {
        headers: { authorization: `Bearer ${key}`, accept: 'text/event-stream' },
        cache: 'no-store',
        signal: abort.signal,
      });
      if (response.status === 401) return 'unauthorized';
      if (!response.ok || response.body === null) return `the api answered ${response.status}`;
      const decoder = new SseDecoder();
      const text = new TextDecoder();
      const reader = response.body.getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return 'the feed ended';
        window.clearTimeout(watchdog);
        watchdog = window.setTimeout(() => abort.abort(), QUIET_LIMIT_MS);
        this.deliver(decoder.push(text.decode(value, { stream: true })));
      }
    } finally {
      window.clearTimeout(watchdog);
    }
  }

  private deliver(raw: readonly SseMessage[]): void {
    const messages = raw.map(toFeedMessage).filter((message) => message !== null);
    if (messages.some((message) => message.type === 'ready')) {
      this.attempt = 0;
      this.options.onState({ kind: 'live' });
    }
    if (messages.length > 0) this.options.onMessages(messages);
  }
}
