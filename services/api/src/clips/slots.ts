import { ApiError } from '../http/errors.js';

/** Work that costs: `running` at once, `waiting` behind them, in turn. */
export class Slots {
  private free: number;
  private readonly queue: (() => void)[] = [];

  constructor(
    running: number,
    private readonly waiting: number,
    private readonly what: string,
  ) {
    this.free = running;
  }

  /** @throws ApiError too_many_requests when too many wait already. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free -= 1;
    else {
      if (this.queue.length >= this.waiting)
        throw new ApiError('too_many_requests', `${this.queue.length} wait for ${this.what} already, try again`, 2);
      await new Promise<void>((resolve) => this.queue.push(resolve));
    }
    try {
      return await task();
    } finally {
      const next = this.queue.shift();
      if (next === undefined) this.free += 1;
      else next();
    }
  }
}
