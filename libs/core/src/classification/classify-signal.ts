import { finishTurn } from '../stage/index.js';
import type { FrontEnd } from './front-end.js';
import { modelKey, type InstalledModel } from './models.js';
import type { ScoredSound } from './outputs.js';
import { createScoreStreams, type ScoringState } from './score-streams.js';
import type { LogMelFrame, ScoredWindow, SoundActivity } from './types.js';

export interface SignalFeatures {
  /** frameCount x melBands codes of the whole signal, which starts with frame 0. */
  readonly frames: Uint8Array;
  readonly frameCount: number;
}

export type InstalledClassifier = Extract<InstalledModel, { readonly classifier: unknown }>;
export type InstalledSequence = Extract<InstalledModel, { readonly sequence: unknown }>;

/**
 * The windows of a finite signal, by the same stage that classifies streams. Times count from the signal's first sample. A
 * signal shorter than a window is padded with code 0. laeqDb: LAeq of each second of the signal, where known.
 */
export const classifySignal = async (
  frontEnd: FrontEnd,
  model: InstalledClassifier,
  features: SignalFeatures,
  laeqDb: readonly (number | null)[] = [],
): Promise<readonly ScoredWindow[]> => {
  if (features.frameCount === 0) return [];
  const frameCount = Math.max(features.frameCount, model.spec.window.frames);
  const frames = new Uint8Array(frameCount * frontEnd.melBands);
  frames.set(features.frames);
  // All at once: the windows of a signal do not wait for each other.
  const whole = { ...recordAt(frontEnd, 0, 0, frameCount), frames };
  const scored = await scoreSignal(frontEnd, model, [whole]);
  return scored.flatMap((one) => {
    if (one.kind !== 'window') return [];
    const last = one.window.firstFrameIndex + model.spec.window.frames - 1;
    return [{ ...one.window, laeqDb: laeqDb[secondThatCompletes(frontEnd, last)] ?? null }];
  });
};

/** The steps of a finite signal, by the same stage; see `classifySignal`. */
export const listenToSignal = async (
  frontEnd: FrontEnd,
  model: InstalledSequence,
  features: SignalFeatures,
  laeqDb: readonly (number | null)[] = [],
): Promise<readonly SoundActivity[]> => {
  const scored = await scoreSignal(frontEnd, model, recordsOf(frontEnd, features, laeqDb));
  return scored.flatMap((one) => (one.kind === 'activity' ? [one.activity] : []));
};

const scoreSignal = async (
  frontEnd: FrontEnd,
  model: InstalledModel,
  records: readonly LogMelFrame[],
): Promise<readonly ScoredSound[]> => {
  const key = modelKey(model.spec.modelId, model.spec.modelVersion);
  const stage = createScoreStreams({
    frontEnd,
    rolesOf: (task) => (task === model.spec.task ? [{ effectiveFromUs: 0, live: key, shadow: [] }] : []),
    model: (other) => (other === key ? model : undefined),
  });
  const scored: ScoredSound[] = [];
  let state: ScoringState = stage.init('');
  const turn = async (next: ReturnType<typeof stage.step>): Promise<void> => {
    const after = await finishTurn((queries) => stage.resolve(queries), next);
    state = after.state;
    if (after.outcome.kind !== 'emit') throw new Error(`A signal's record was not used: ${after.outcome.reason}`);
    scored.push(...after.outcome.values);
  };
  for (const record of records) await turn(stage.step(state, record));
  await turn(stage.flush(state));
  return scored;
};

/** Frames that are whole at the end of a second. */
const completedBy = ({ sampleRateHz, hopLength, windowLength }: FrontEnd, second: number): number =>
  Math.max(0, 1 + Math.floor(((second + 1) * sampleRateHz - windowLength) / hopLength));

const secondThatCompletes = ({ sampleRateHz, hopLength, windowLength }: FrontEnd, frame: number): number =>
  Math.ceil((frame * hopLength + windowLength) / sampleRateHz) - 1;

/** One record per second, each with the frames that its samples complete: what a stream would have brought. */
const recordsOf = (
  frontEnd: FrontEnd,
  { frames, frameCount }: SignalFeatures,
  laeqDb: readonly (number | null)[],
): readonly LogMelFrame[] => {
  const seconds = frameCount === 0 ? 0 : secondThatCompletes(frontEnd, frameCount - 1) + 1;
  return Array.from({ length: seconds }, (_, second) => {
    const from = Math.min(frameCount, completedBy(frontEnd, second - 1));
    const to = Math.min(frameCount, completedBy(frontEnd, second));
    return {
      ...recordAt(frontEnd, second, from, to),
      frames: frames.subarray(from * frontEnd.melBands, to * frontEnd.melBands),
      laeqDb: laeqDb[second] ?? null,
    };
  });
};

const recordAt = (frontEnd: FrontEnd, second: number, from: number, to: number) => ({
  tenantId: '',
  sensorId: '',
  bootId: 'signal',
  secondIndex: second,
  timeUs: Math.round(((from * frontEnd.hopLength) / frontEnd.sampleRateHz) * 1e6),
  frontEndId: frontEnd.id,
  firstFrameIndex: from,
  frameCount: to - from,
  laeqDb: null,
  calibrationId: '',
  discontinuity: false,
  receivedTimeUs: 0,
});
