/** What is decoded, its bounds, and what can be wrong with it. */

export type AudioFormat = 'wav' | 'flac' | 'ogg-vorbis' | 'ogg-opus';

export interface DecodedAudio {
  readonly format: AudioFormat | 'raw';
  readonly sampleRateHz: number;
  /** One per channel, equal lengths, full scale = ±1; all samples are finite. */
  readonly channels: readonly Float32Array[];
  readonly durationS: number;
  /** Of the source's integer samples; null for lossy codecs and floating point. */
  readonly bitsPerSample: number | null;
  /** The source says 32- or 64-bit floating point. */
  readonly floatingPoint: boolean;
}

export type AudioErrorCode =
  | 'unrecognised_format'
  | 'corrupt'
  | 'truncated'
  | 'too_long'
  | 'too_large'
  | 'unsupported'
  | 'empty'
  | 'bad_rate'
  | 'bad_sample';

/** Audio that can't be used. The message says what was seen and what is allowed. */
export class AudioError extends Error {
  override readonly name = 'AudioError';

  constructor(
    readonly code: AudioErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export interface AudioLimits {
  readonly maxSeconds: number;
  readonly maxChannels: number;
  /** Of the encoded bytes. */
  readonly maxBytes: number;
  /** What to do with a file that ends before its header says: an error `truncated`, or what is there. */
  readonly truncated: 'refuse' | 'keep';
}

export const defaultAudioLimits: AudioLimits = {
  maxSeconds: 3600,
  maxChannels: 8,
  maxBytes: 256 * 1024 * 1024,
  truncated: 'refuse',
};

export const MIN_SAMPLE_RATE_HZ = 8_000;
export const MAX_SAMPLE_RATE_HZ = 192_000;

/** Samples of all channels together that are ever decoded into memory (1 GiB of floats). */
const MAX_TOTAL_SAMPLES = 2 ** 28;

export const checkRate = (sampleRateHz: number): void => {
  if (sampleRateHz < MIN_SAMPLE_RATE_HZ || sampleRateHz > MAX_SAMPLE_RATE_HZ || !Number.isInteger(sampleRateHz))
    throw new AudioError(
      'bad_rate',
      `sample rate is ${sampleRateHz} Hz; ${MIN_SAMPLE_RATE_HZ} to ${MAX_SAMPLE_RATE_HZ} Hz are allowed`,
    );
};

export const checkChannels = (count: number, limits: AudioLimits): void => {
  if (count < 1) throw new AudioError('corrupt', 'the header says 0 channels');
  if (count > limits.maxChannels)
    throw new AudioError('unsupported', `${count} channels; up to ${limits.maxChannels} are allowed`);
};

/** `samples` per channel, so far or in all. */
export const checkLength = (samples: number, sampleRateHz: number, channels: number, limits: AudioLimits): void => {
  const seconds = samples / sampleRateHz;
  if (seconds > limits.maxSeconds)
    throw new AudioError('too_long', `at least ${seconds.toFixed(1)} s; up to ${limits.maxSeconds} s are allowed`);
  if (samples * channels > MAX_TOTAL_SAMPLES)
    throw new AudioError(
      'too_long',
      `at least ${samples} samples in each of ${channels} channels; up to ${MAX_TOTAL_SAMPLES} samples together are allowed`,
    );
};

/** Checks what every decoder promises, and adds the duration. */
export const decodedAudio = (audio: Omit<DecodedAudio, 'durationS'>): DecodedAudio => {
  const length = audio.channels[0]?.length ?? 0;
  if (length === 0) throw new AudioError('empty', 'no samples');
  return { ...audio, durationS: length / audio.sampleRateHz };
};
