import { frameHopUs, type FrontEnd } from './front-end.js';
import { viewOf, type ModelKey, type ModelSpec, type View } from './models.js';
import { nextOnGrid, type FrameTimes } from './roles.js';
import type { LogMelFrame } from './types.js';

/** A record without its frames. */
export type Heard = Omit<LogMelFrame, 'frames' | 'discontinuity' | 'frontEndId'>;

/** One model on its way through a stream. */
export interface ModelProgress {
  readonly key: ModelKey;
  /** Where it came in: frames before are code 0 to it. */
  readonly fromFrame: number;
  /** First frame of its first unit (window or block), and of its next one. */
  readonly firstFrame: number;
  readonly nextFrame: number;
  /** Carried state of a sequence model; null: of a classifier. */
  readonly carried: Float32Array | null;
}

/** The level of one record's second. */
interface LevelMark {
  /** One past the record's last frame. */
  readonly endFrame: number;
  readonly laeqDb: number | null;
  readonly calibrationId: string;
}

/** Frames since the last discontinuity that models still need. */
export interface OpenStream {
  readonly latest: Heard;
  readonly fromFrame: number;
  /** Index of the first frame in `kept`. */
  readonly keptFrom: number;
  readonly kept: Uint8Array;
  readonly levels: readonly LevelMark[];
  readonly models: readonly ModelProgress[];
}

const heard = ({ frames: _, discontinuity: __, frontEndId: ___, ...rest }: LogMelFrame): Heard => rest;

/** A stream that begins with the record, before its frames are in it. */
export const openStream = (record: LogMelFrame): OpenStream => ({
  latest: { ...heard(record), frameCount: 0 },
  fromFrame: record.firstFrameIndex,
  keptFrom: record.firstFrameIndex,
  kept: new Uint8Array(0),
  levels: [],
  models: [],
});

/** One past the last frame. */
export const endFrame = ({ latest }: OpenStream): number => latest.firstFrameIndex + latest.frameCount;

export const timesOf = (frontEnd: FrontEnd, { latest, fromFrame }: OpenStream): FrameTimes => {
  const hopUs = frameHopUs(frontEnd);
  return {
    fromFrame,
    timeUs: (frame) => latest.timeUs + Math.round((frame - latest.firstFrameIndex) * hopUs),
    frameAt: (timeUs) => latest.firstFrameIndex + Math.ceil((timeUs - latest.timeUs) / hopUs),
  };
};

export const append = (stream: OpenStream, record: LogMelFrame): OpenStream => {
  const kept = new Uint8Array(stream.kept.length + record.frames.length);
  kept.set(stream.kept);
  kept.set(record.frames, stream.kept.length);
  const level = {
    endFrame: record.firstFrameIndex + record.frameCount,
    laeqDb: record.laeqDb,
    calibrationId: record.calibrationId,
  };
  return { ...stream, latest: heard(record), kept, levels: [...stream.levels, level] };
};

/** Forgets frames and levels that no model needs any more. */
export const forget = (
  frontEnd: FrontEnd,
  stream: OpenStream,
  viewOfKey: (key: ModelKey) => View | undefined,
): OpenStream => {
  const end = endFrame(stream);
  const needed = stream.models.reduce((least, { key, nextFrame, fromFrame }) => {
    const past = viewOfKey(key)?.pastFrames ?? 0;
    return Math.min(least, Math.max(fromFrame, nextFrame - past));
  }, end);
  const keptFrom = Math.max(stream.keptFrom, needed);
  const oldest = stream.models.reduce((least, { nextFrame }) => Math.min(least, nextFrame), end);
  const levels = stream.levels.filter((level, index) => {
    const isLast = index === stream.levels.length - 1;
    return isLast || level.endFrame + startedFrames(frontEnd) > oldest;
  });
  return { ...stream, keptFrom, kept: stream.kept.slice((keptFrom - stream.keptFrom) * frontEnd.melBands), levels };
};

/** How many frames begin in a second that the second itself does not complete. */
const startedFrames = ({ windowLength, hopLength }: FrontEnd): number => Math.ceil(windowLength / hopLength) - 1;

/** The level of the second in which `frame` begins. */
export const levelAt = (frontEnd: FrontEnd, { levels }: OpenStream, frame: number): LevelMark | undefined =>
  levels.find((level) => frame < level.endFrame + startedFrames(frontEnd)) ?? levels.at(-1);

/** Codes of the frames that a model sees of the unit that begins at its next frame; 0 outside of its stream. */
export const viewAt = (frontEnd: FrontEnd, stream: OpenStream, progress: ModelProgress, view: View): Uint8Array => {
  const bands = frontEnd.melBands;
  const codes = new Uint8Array((view.pastFrames + view.spanFrames) * bands);
  const first = progress.nextFrame - view.pastFrames;
  const from = Math.max(first, progress.fromFrame, stream.keptFrom);
  const to = Math.min(progress.nextFrame + view.spanFrames, endFrame(stream));
  if (to > from)
    codes.set(
      stream.kept.subarray((from - stream.keptFrom) * bands, (to - stream.keptFrom) * bands),
      (from - first) * bands,
    );
  return codes;
};

/** A model that comes in at `frame`. */
export const enter = (key: ModelKey, spec: ModelSpec, frame: number): ModelProgress => {
  const firstFrame = nextOnGrid(frame, viewOf(spec).hopFrames);
  const carried = spec.task === 'audio-event-detection' ? new Float32Array(spec.stateSize) : null;
  return { key, fromFrame: frame, firstFrame, nextFrame: firstFrame, carried };
};
