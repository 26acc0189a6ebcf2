import { setTimeout as sleep } from 'node:timers/promises';

/** A failure the user can act on: its message is a whole sentence and is shown without a stack trace. */
export class UserError extends Error {
  override readonly name = 'UserError';
}

/**
 * Asks `probe` until it answers true.
 *
 * @param dead says why waiting has no more sense (the process ended), or undefined.
 * @throws UserError when it is dead or `timeoutMs` passed.
 */
export const waitUntil = async (options: {
  what: string;
  probe: () => Promise<boolean>;
  dead: () => string | undefined;
  timeoutMs: number;
  intervalMs?: number;
}): Promise<void> => {
  const deadline = performance.now() + options.timeoutMs;
  for (;;) {
    const answered = await options.probe();
    const why = options.dead();
    // A dead process whose port answers is somebody else's: never taken for ours.
    if (answered && why === undefined) return;
    if (why !== undefined) throw new UserError(`${options.what} did not start: ${why}`);
    if (performance.now() > deadline) {
      throw new UserError(`${options.what} was not ready within ${Math.round(options.timeoutMs / 1000)} s.`);
    }
    await sleep(options.intervalMs ?? 150);
  }
};

/** GET with an end: the status and the text, or undefined when there was no answer in time. */
export const httpGet = async (
  url: string,
  timeoutMs: number,
): Promise<{ status: number; text: string } | undefined> => {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    return { status: response.status, text: await response.text() };
  } catch {
    return undefined;
  }
};
