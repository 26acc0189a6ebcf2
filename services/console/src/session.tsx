/** What every page shares once signed in: the client, the live store and the state of the feed. */
import type { ReactNode } from 'react';
import { createContext, useContext, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { ApiClient } from './api/client.js';
import type { ConnectionState } from './api/live-connection.js';
import { LiveConnection } from './api/live-connection.js';
import type { ReviewMark, SoundEvent } from './api/types.js';
import { LiveStore } from './live/live-store.js';
import { ReviewMarks } from './live/review-marks.js';

interface Session {
  readonly client: ApiClient;
  readonly store: LiveStore;
  readonly marks: ReviewMarks;
  readonly connection: ConnectionState;
  readonly loadError: unknown;
  readonly signOut: () => void;
}

const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error('useSession outside of SessionProvider');
  return session;
}

/** Renders again when lists, counts or open alerts may have changed. */
export function useLiveVersion(): number {
  const { store } = useSession();
  return useSyncExternalStore(store.subscribe, () => store.version);
}

/** What was said of an event; renders again when it is said here. */
export function useReviewMark(event: SoundEvent): ReviewMark | null {
  const { marks } = useSession();
  useSyncExternalStore(marks.subscribe, () => marks.version);
  return marks.of(event);
}

const TOPICS = ['levels', 'classifications', 'events', 'anomalies', 'alerts', 'sensors'];

interface SessionProviderProps {
  readonly apiKey: string;
  readonly onSignOut: () => void;
  readonly onRefused: () => void;
  readonly children: ReactNode;
}

export function SessionProvider({ apiKey, onSignOut, onRefused, children }: SessionProviderProps) {
  const client = useMemo(() => new ApiClient(apiKey, onRefused), [apiKey, onRefused]);
  const [store] = useState(() => new LiveStore());
  const [marks] = useState(() => new ReviewMarks());
  const [connection, setConnection] = useState<ConnectionState>({ kind: 'connecting' });
  const [loadError, setLoadError] = useState<unknown>(null);

  useEffect(() => {
    const abort = new AbortController();
    const fill = async (): Promise<void> => {
      try {
        let cursor: string | undefined;
        do {
          const page = await client.sensors(cursor, abort.signal);
          store.applySensors(page.items);
          cursor = page.nextCursor ?? undefined;
        } while (cursor !== undefined);
        store.markLoaded();
        store.applySnapshot(await client.snapshot(abort.signal));
        setLoadError(null);
      } catch (error) {
        if (!abort.signal.aborted) setLoadError(error);
      }
    };
    const feed = new LiveConnection({
      key: client.key,
      topics: TOPICS,
      onMessages: (messages) => {
        store.apply(messages);
        // From `ready` on nothing is missed: what came before is asked for now.
        if (messages.some(({ type }) => type === 'ready')) void fill();
      },
      onState: setConnection,
      onUnauthorized: onRefused,
    });
    feed.start();
    const fade = window.setInterval(() => store.repaintVisible(), 2000);
    return () => {
      abort.abort();
      feed.stop();
      window.clearInterval(fade);
    };
  }, [client, store, onRefused]);

  const session = useMemo<Session>(
    () => ({ client, store, marks, connection, loadError, signOut: onSignOut }),
    [client, store, marks, connection, loadError, onSignOut],
  );
  return <SessionContext value={session}>{children}</SessionContext>;
}
