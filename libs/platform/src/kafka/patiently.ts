import { backoffMs, sleep } from './client.js';

/** Asks again, with pauses that grow, after errors that `passes` says will pass; after `untilMs` (Unix epoch) rejects with the last one. */
export const patiently = async <T>(
  ask: () => Promise<T>,
  untilMs: number,
  passes: (error: unknown) => boolean = () => true,
): Promise<T> => {
  for (let tries = 0; ; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!passes(error) || Date.now() > untilMs) throw error;
      await sleep(backoffMs(tries));
    }
  }
};
