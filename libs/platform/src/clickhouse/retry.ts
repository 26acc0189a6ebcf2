import { setTimeout as pause } from 'node:timers/promises';

export interface RetryPolicy {
  /** Tries in all, the first included. */
  readonly attempts: number;
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
}

/** Pause before try `attempt` (2, 3, …): doubles each time, between half of it and the whole ("equal jitter"). */
export const pauseBeforeMs = (policy: RetryPolicy, attempt: number, random: number): number => {
  const whole = Math.min(policy.longestPauseMs, policy.firstPauseMs * 2 ** (attempt - 2));
  return whole / 2 + (whole / 2) * random;
};

/** Runs `work` until it resolves, fails with an error that is not worth another try, or the attempts are used up. */
export const retry = async <T>(
  work: () => Promise<T>,
  policy: RetryPolicy,
  worthAnother: (error: unknown) => boolean,
  sleep: (ms: number) => Promise<unknown> = pause,
): Promise<T> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= policy.attempts || !worthAnother(error)) throw error;
      await sleep(pauseBeforeMs(policy, attempt + 1, Math.random()));
    }
  }
};
