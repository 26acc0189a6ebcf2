/** `id@version`: names a model wherever one is meant. */
export type ModelKey = string;

export const modelKey = (id: string, version: string): ModelKey => `${id}@${version}`;

export const tasks = ['audio-classification', 'audio-event-detection'] as const;
/** What a model is for. Each task has one live model. */
export type Task = (typeof tasks)[number];

interface ModelIdentity {
  readonly modelId: string;
  readonly modelVersion: string;
  readonly labels: readonly string[];
}

/** Scores windows: `frames` mel frames each, which start every `hopFrames`. */
export interface ClassifierSpec extends ModelIdentity {
  readonly task: 'audio-classification';
  readonly window: { readonly frames: number; readonly hopFrames: number };
}

/**
 * Scores steps of `stepFrames`, `blockFrames` at a time, with a state carried from block to block. It sees the frames from
 * `pastFrames` before to `futureFrames` after a block.
 */
export interface SequenceSpec extends ModelIdentity {
  readonly task: 'audio-event-detection';
  readonly sequence: {
    readonly blockFrames: number;
    readonly pastFrames: number;
    readonly futureFrames: number;
    readonly stepFrames: number;
  };
  /** Values of the state. */
  readonly stateSize: number;
}

export type ModelSpec = ClassifierSpec | SequenceSpec;

/** What a model is shown at once: `pastFrames` before the unit's first frame to `spanFrames` after it, every `hopFrames`. */
export interface View {
  readonly hopFrames: number;
  readonly pastFrames: number;
  readonly spanFrames: number;
}

export const viewOf = (spec: ModelSpec): View =>
  spec.task === 'audio-classification'
    ? { hopFrames: spec.window.hopFrames, pastFrames: 0, spanFrames: spec.window.frames }
    : {
        hopFrames: spec.sequence.blockFrames,
        pastFrames: spec.sequence.pastFrames,
        spanFrames: spec.sequence.blockFrames + spec.sequence.futureFrames,
      };

/** Steps of all sequence models have this length, so that steps told by one and then by another leave no hole. */
export const STEP_FRAMES = 5;

/** What a model says of one window. */
export interface Prediction {
  /** One per label of the model, 0..1. */
  readonly probabilities: Float32Array;
  readonly embedding: Float32Array;
}

export interface Classifier {
  /**
   * windows: uint8 codes, window.frames x melBands each, frame after frame. One prediction per window, in order; a
   * window's prediction does not depend, bit for bit, on the others.
   */
  predict(windows: readonly Uint8Array[]): Promise<readonly Prediction[]>;
}

export interface BlockInput {
  /** uint8 codes, (pastFrames + blockFrames + futureFrames) x melBands, frame after frame. */
  readonly codes: Uint8Array;
  /** What the block before gave; zeros at the beginning of a stream. */
  readonly state: Float32Array;
}

export interface BlockPrediction {
  /** Steps of the block x labels, step after step, 0..1. */
  readonly probabilities: Float32Array;
  readonly state: Float32Array;
}

export interface SequenceModel {
  /** One prediction per block, in order; it does not depend, bit for bit, on the others. */
  predict(blocks: readonly BlockInput[]): Promise<readonly BlockPrediction[]>;
}

/** A model that is installed, ready to be asked. */
export type InstalledModel =
  | { readonly spec: ClassifierSpec; readonly classifier: Classifier }
  | { readonly spec: SequenceSpec; readonly sequence: SequenceModel };
