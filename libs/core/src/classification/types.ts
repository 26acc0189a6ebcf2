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

/** What a model says of one window. */
export interface Prediction {
  /** One per label of the model, 0..1. */
  readonly probabilities: Float32Array;
  readonly embedding: Float32Array;
}

export interface Classifier {
  /**
   * windows: uint8 codes, window.frames x melBands each, frame after frame. One prediction per window, in order; a
   * window's prediction does not depend on the others.
   */
  predict(windows: readonly Uint8Array[]): Promise<readonly Prediction[]>;
}

/** One model window with its class probabilities, or a break of the stream. */
export interface ScoredWindow {
  /** Deterministic: from sensor, boot, model and time. */
  readonly id: string;
  readonly tenantId: string;
  readonly sensorId: string;
  readonly bootId: string;
  /** Event time of the window's first sample; of the break when `discontinuity`. */
  readonly timeUs: number;
  readonly windowMs: number;
  readonly hopMs: number;
  readonly modelId: string;
  readonly modelVersion: string;
  /** Index of the window's first mel frame since the last discontinuity. */
  readonly firstFrameIndex: number;
  /** The model's labels; empty when `discontinuity`. */
  readonly labels: readonly string[];
  /** In the order of `labels`, 0..1 each. All 0 for a window without any sound. */
  readonly probabilities: readonly number[];
  /** LAeq of the second in which the window ends; null: no energy. */
  readonly laeqDb: number | null;
  readonly calibrationId: string;
  /** The stream breaks at `timeUs`: no classes; open events close. */
  readonly discontinuity: boolean;
  readonly receivedTimeUs: number;
}
