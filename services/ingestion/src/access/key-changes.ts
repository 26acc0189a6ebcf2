/** Wakes those who wait for news of a key. */
export class KeyChanges {
  private readonly listeners = new Map<string, Set<() => void>>();
  private count = 0;

  /** How many are waiting. */
  get waiting(): number {
    return this.count;
  }

  tell(key: string): void {
    for (const listener of this.listeners.get(key) ?? []) listener();
  }

  /** Resolves with the next change of the key, or after the time. */
  async next(key: string, timeoutMs: number): Promise<void> {
    const listeners = this.listeners.get(key) ?? new Set();
    this.listeners.set(key, listeners);
    this.count += 1;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(end, timeoutMs);
      function end(): void {
        clearTimeout(timer);
        listeners.delete(end);
        resolve();
      }
      listeners.add(end);
    });
    this.count -= 1;
    if (listeners.size === 0) this.listeners.delete(key);
  }
}
