/** Nobody waits longer for a slot: while Kafka is away each of those before may take as long as a door waits for it. */
const WAIT_MS = 10_000;

/** Runs at most `count` pieces of work at once; others wait in order, at most `maxWaiting` and not for ever. */
export class Slots {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly count: number,
    private readonly maxWaiting: number,
    private readonly waitMs = WAIT_MS,
  ) {}

  get isFull(): boolean {
    return this.waiting.length >= this.maxWaiting;
  }

  /** undefined: no slot came free in time, and nothing was done. */
  async run<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (this.running >= this.count) {
      if (!(await this.turn())) return undefined;
    } else this.running += 1;
    try {
      return await work();
    } finally {
      // The slot goes to the next in line, or is free.
      const next = this.waiting.shift();
      if (next === undefined) this.running -= 1;
      else next();
    }
  }

  /** Whether it has come before the time was over. */
  private turn(): Promise<boolean> {
    return new Promise((resolve) => {
      const enter = (): void => {
        clearTimeout(timer);
        resolve(true);
      };
      const timer = setTimeout(() => {
        this.waiting.splice(this.waiting.indexOf(enter), 1);
        resolve(false);
      }, this.waitMs);
      this.waiting.push(enter);
    });
  }
}
