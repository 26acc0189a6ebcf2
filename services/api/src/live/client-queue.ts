/** What a queue writes to; Node's `ServerResponse` is one. */
export interface MessageOutput {
  /** False: no more until `drained` of the queue is called. */
  write(text: string): boolean;
}

/** One server-sent event. `data` is one line. */
export const sseMessage = (event: string, data: unknown): string =>
  `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** Messages to one client that reads at its own pace: at most `limit` wait; then the oldest goes, and the client is told how many. */
export class ClientQueue {
  private readonly waiting: string[] = [];
  private dropped = 0;
  private blocked = false;

  constructor(
    private readonly output: MessageOutput,
    private readonly limit = 256,
  ) {}

  push(message: string): void {
    if (!this.blocked) {
      this.blocked = !this.output.write(message);
      return;
    }
    if (this.waiting.length >= this.limit) {
      this.waiting.shift();
      this.dropped += 1;
    }
    this.waiting.push(message);
  }

  /** The output takes more. */
  drained(): void {
    this.blocked = false;
    if (this.dropped > 0) {
      const notice = sseMessage('notice', { droppedMessages: this.dropped });
      this.dropped = 0;
      this.blocked = !this.output.write(notice);
    }
    while (!this.blocked) {
      const next = this.waiting.shift();
      if (next === undefined) return;
      this.blocked = !this.output.write(next);
    }
  }
}
