/** One answer of the api as state: loading, data, error; what was there stays visible while it is asked for again. */
import { useCallback, useEffect, useRef, useState } from 'react';

export interface Resource<T> {
  readonly data: T | null;
  readonly error: unknown;
  readonly loading: boolean;
  readonly reload: () => void;
}

interface Answer<T> {
  readonly name: string;
  readonly data: T | null;
  readonly error: unknown;
}

/** `name` says what is asked for: another name starts anew. `refreshMs` asks again in the background. */
export function useResource<T>(
  name: string,
  load: (signal: AbortSignal) => Promise<T>,
  refreshMs?: number,
): Resource<T> {
  const [answer, setAnswer] = useState<Answer<T> | null>(null);
  const [round, setRound] = useState(0);
  const loadRef = useRef(load);
  useEffect(() => {
    loadRef.current = load;
  });

  useEffect(() => {
    const abort = new AbortController();
    loadRef.current(abort.signal).then(
      (data) => {
        if (!abort.signal.aborted) setAnswer({ name, data, error: null });
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        setAnswer((before) => ({ name, data: before?.name === name ? before.data : null, error }));
      },
    );
    return () => abort.abort();
  }, [name, round]);

  useEffect(() => {
    if (refreshMs === undefined) return;
    const timer = window.setInterval(() => {
      if (document.visibilityState === 'visible') setRound((value) => value + 1);
    }, refreshMs);
    return () => window.clearInterval(timer);
  }, [refreshMs]);

  const reload = useCallback(() => setRound((value) => value + 1), []);
  const fresh = answer?.name === name ? answer : null;
  return { data: fresh?.data ?? null, error: fresh?.error ?? null, loading: fresh === null, reload };
}
