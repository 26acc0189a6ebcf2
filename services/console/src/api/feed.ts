/** From the wire of `GET /v1/live` to typed messages; an event of a later api version is null and skipped. */
import type { SseMessage } from './sse.js';
import type {
  Alert,
  Anomaly,
  Classification,
  FeedMessage,
  LiveLevel,
  Sensor,
  SoundEvent,
  Spectrogram,
} from './types.js';

export type { FeedMessage, SseMessage };

export function toFeedMessage(message: SseMessage): FeedMessage | null {
  const body = parse(message.data);
  if (body === null) return null;
  switch (message.event) {
    case 'ready':
      return { type: 'ready' };
    case 'levels':
      return { type: 'levels', items: (body as { items: LiveLevel[] }).items };
    case 'classification':
      return { type: 'classification', value: body as Classification };
    case 'event':
      return { type: 'event', value: body as SoundEvent };
    case 'anomaly':
      return { type: 'anomaly', value: body as Anomaly };
    case 'alert':
      return { type: 'alert', value: body as Alert };
    case 'sensor':
      return { type: 'sensor', value: body as Sensor };
    case 'spectrogram':
      return { type: 'spectrogram', value: body as Spectrogram };
    case 'notice':
      return { type: 'notice', droppedMessages: (body as { droppedMessages: number }).droppedMessages };
    default:
      return null;
  }
}

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}
