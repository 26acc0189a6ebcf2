/** The log-mel frames that one more second of sound completes. Times: microseconds since the Unix epoch. */
export interface LogMelFrame {
  readonly tenantId: string;
  readonly sensorId: string;
  readonly bootId: string;
  /** Index of the second inside its boot; grows with every record of a boot. */
  readonly secondIndex: number;
  /** Event time of the first sample of the first mel frame; of the break when `discontinuity`. */
  readonly timeUs: number;
  readonly frontEndId: string;
  /** Index of the first mel frame since the last discontinuity. */
  readonly firstFrameIndex: number;
  readonly frameCount: number;
  /** frameCount x melBands codes, frame after frame: dB = floorDb + stepDb x code. */
  readonly frames: Uint8Array;
  /** LAeq of the same second; null: no energy. */
  readonly laeqDb: number | null;
  /** Empty: levels are re full scale. */
  readonly calibrationId: string;
  /** The stream breaks at `timeUs`: no frames. */
  readonly discontinuity: boolean;
  readonly receivedTimeUs: number;
}

/** What is scored, by which model, in which stream. */
interface Scored {
  /** Deterministic: from sensor, boot, model and time. */
  readonly id: string;
  readonly tenantId: string;
  readonly sensorId: string;
  readonly bootId: string;
  /** Event time of the first sample; of the break when `discontinuity`. */
  readonly timeUs: number;
  readonly modelId: string;
  readonly modelVersion: string;
  /** Index of the first mel frame since the last discontinuity. */
  readonly firstFrameIndex: number;
  /** The model's labels; empty when `discontinuity`. */
  readonly labels: readonly string[];
  readonly calibrationId: string;
  /** The stream breaks at `timeUs`: nothing is scored; open events close. */
  readonly discontinuity: boolean;
  readonly receivedTimeUs: number;
}

/** One model window with its class probabilities, or a break of the stream. */
export interface ScoredWindow extends Scored {
  readonly windowMs: number;
  readonly hopMs: number;
  /** In the order of `labels`, 0..1 each. All 0 for a window without any sound. */
  readonly probabilities: readonly number[];
  /** LAeq of the second in which the window ends; null: no energy. */
  readonly laeqDb: number | null;
}

/** Neighbouring steps of one block with their class probabilities, or a break of the stream. */
export interface SoundActivity extends Scored {
  readonly stepMs: number;
  /** How many steps; 0 when `discontinuity`. */
  readonly steps: number;
  /** steps x labels, step after step: probability = code / 255. */
  readonly probabilities: Uint8Array;
  /** LAeq of the second that holds the block's middle; null: no energy. */
  readonly laeqDb: number | null;
}

/** Probabilities travel in steps of 1/255. */
export const PROBABILITY_CODES = 255;

export const probabilityCode = (probability: number): number =>
  Math.round(Math.min(1, Math.max(0, probability)) * PROBABILITY_CODES);
