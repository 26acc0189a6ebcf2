import { SensorFrame } from '@earshot/contracts';
import type { Refusal } from '../refusal.js';

/** What a sensor reads on its errors topic, as JSON. Boot and sequence are null when no frame could be read. */
export const errorReport = ({ code, message }: Refusal, encoded: Uint8Array): Buffer => {
  const frame = readable(encoded);
  return Buffer.from(
    JSON.stringify({ code, message, bootId: frame?.bootId ?? null, sequence: frame?.sequence ?? null }),
  );
};

const readable = (encoded: Uint8Array): SensorFrame | undefined => {
  try {
    const frame = SensorFrame.decode(encoded);
    // Bytes that are no frame can look like an empty one.
    return frame.bootId === '' && frame.body === undefined ? undefined : frame;
  } catch {
    return undefined;
  }
};
