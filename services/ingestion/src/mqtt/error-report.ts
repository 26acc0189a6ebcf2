import { SensorFrame } from '@earshot/contracts';
import type { Refusal } from '../refusal.js';

/** What a sensor reads on its errors topic, as JSON. Boot and sequence are null when the frame could not be read. */
export const errorReport = ({ code, message }: Refusal, encoded: Uint8Array): Buffer => {
  let frame: SensorFrame | undefined;
  try {
    frame = SensorFrame.decode(encoded);
  } catch {
    frame = undefined;
  }
  return Buffer.from(
    JSON.stringify({ code, message, bootId: frame?.bootId ?? null, sequence: frame?.sequence ?? null }),
  );
};
