/** The live feed of one sensor with its spectrogram, filled with the last minutes first. */
import { useEffect, useState, useSyncExternalStore } from 'react';
import { LiveConnection } from '../../api/live-connection.js';
import { KEPT_LEVELS_S, KEPT_PICTURE_S, SensorDetail } from '../../live/sensor-detail.js';
import { useSession } from '../../session.js';

const TOPICS = ['levels', 'features', 'classifications', 'events', 'anomalies', 'alerts'];

export function useSensorFeed(id: string): SensorDetail {
  const { client } = useSession();
  const [detail] = useState(() => new SensorDetail());

  useEffect(() => {
    const abort = new AbortController();
    const ago = (seconds: number): string => new Date(Date.now() - seconds * 1000).toISOString();
    const fill = async (): Promise<void> => {
      await Promise.allSettled([
        client
          .secondLevels(id, { from: ago(KEPT_LEVELS_S) }, abort.signal)
          .then(({ items }) => detail.fillLevels(items)),
        client
          .classifications(id, { from: ago(KEPT_PICTURE_S) }, abort.signal)
          .then(({ items }) => detail.fillClassifications(items)),
      ]);
    };
    const feed = new LiveConnection({
      key: client.key,
      sensorId: id,
      topics: TOPICS,
      onMessages: (messages) => {
        detail.apply(messages);
        if (messages.some(({ type }) => type === 'ready')) void fill();
      },
      onState: () => undefined,
      onUnauthorized: () => undefined,
    });
    feed.start();
    return () => {
      abort.abort();
      feed.stop();
    };
  }, [client, detail, id]);

  return detail;
}

/** Renders again, at most four times a second, when something arrived. */
export function useDetailVersion(detail: SensorDetail): number {
  return useSyncExternalStore(detail.subscribe, () => detail.version);
}
