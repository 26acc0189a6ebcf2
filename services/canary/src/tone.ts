import { encodeWav16 } from '@earshot/platform/audio';

export const RATE_HZ = 16_000;
/** Where A-weighting is 0 dB; whole periods in a second, so that seconds join without a step. */
const FREQUENCY_HZ = 1_000;

/** One second of the tone as a WAV file. `levelDb`: RMS re full scale, where a sine of full amplitude has −3.01 dB. */
export const toneSecond = (levelDb: number): Uint8Array => {
  const amplitude = Math.SQRT2 * 10 ** (levelDb / 20);
  return encodeWav16(
    Float32Array.from({ length: RATE_HZ }, (_, i) => amplitude * Math.sin((2 * Math.PI * FREQUENCY_HZ * i) / RATE_HZ)),
    RATE_HZ,
  );
};
