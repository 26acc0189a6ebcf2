/** How long to wait before the next start of something that ended. All times in milliseconds. */
export interface Backoff {
  /** The wait after the next end. */
  nextMs: number;
}

export const firstDelayMs = 500;
export const longestDelayMs = 10_000;
/** After this long running, an end is taken for a first one again. */
export const steadyAfterMs = 30_000;

export const freshBackoff: Backoff = { nextMs: firstDelayMs };

/** The wait after an end that came `ranMs` after the start, and what follows from it. */
export const afterEnd = (backoff: Backoff, ranMs: number): { delayMs: number; backoff: Backoff } => {
  const delayMs = ranMs >= steadyAfterMs ? firstDelayMs : backoff.nextMs;
  return { delayMs, backoff: { nextMs: Math.min(delayMs * 2, longestDelayMs) } };
};
