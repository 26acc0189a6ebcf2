import { emitted, finishTurn, type Outcome } from '../stage/index.js';
import {
  canonicalFrontEnd,
  createScoreStreams,
  STEP_FRAMES,
  type BlockInput,
  type InstalledClassifier,
  type InstalledModel,
  type InstalledSequence,
  type LogMelFrame,
  type RoleHistory,
  type ScoredSound,
  type ScoringState,
  type Task,
} from './index.js';

/** Streams and models for the tests of scoring: what they give is known beforehand. */

const BANDS = canonicalFrontEnd.melBands;
export const BOOT_US = 1_700_000_000_000_000;

/** All bands of frame f have code 1 + f mod 255. */
export const record = (
  secondIndex: number,
  firstFrameIndex: number,
  frameCount: number,
  change: Partial<LogMelFrame> = {},
): LogMelFrame => ({
  tenantId: 't',
  sensorId: 's',
  bootId: 'b1',
  secondIndex,
  timeUs: BOOT_US + firstFrameIndex * 20_000,
  frontEndId: canonicalFrontEnd.id,
  firstFrameIndex,
  frameCount,
  frames: Uint8Array.from(
    { length: frameCount * BANDS },
    (_, i) => 1 + ((firstFrameIndex + Math.floor(i / BANDS)) % 255),
  ),
  laeqDb: -30 - secondIndex,
  calibrationId: '',
  discontinuity: false,
  receivedTimeUs: BOOT_US + secondIndex * 1_000_000 + 5,
  ...change,
});

export const broken = (timeUs: number, change: Partial<LogMelFrame> = {}): LogMelFrame =>
  record(0, 0, 0, { timeUs, discontinuity: true, laeqDb: null, ...change });

/** Probabilities that name the window's first and last code, so that a wrong cut shows. */
export const classifier = (modelId = 'm', window = { frames: 10, hopFrames: 4 }): InstalledClassifier => ({
  spec: { task: 'audio-classification', modelId, modelVersion: '1.0.0', labels: ['dog', 'rain'], window },
  classifier: {
    predict: (windows) =>
      Promise.resolve(
        windows.map((codes) => ({
          probabilities: Float32Array.of((codes[0] ?? 0) / 256, (codes.at(-1) ?? 0) / 256),
          embedding: Float32Array.of(codes.length),
        })),
      ),
  },
});

const SHAPE = { blockFrames: 20, pastFrames: 7, futureFrames: 6, stepFrames: STEP_FRAMES };

/** State: sum of all codes that blocks began with, and how many blocks there were. Both show in the probabilities. */
export const sequence = (modelId = 'q', shape: Partial<typeof SHAPE> = {}): InstalledSequence => {
  const spec = { ...SHAPE, ...shape };
  return {
    spec: {
      task: 'audio-event-detection',
      modelId,
      modelVersion: '1.0.0',
      labels: ['first', 'step', 'last', 'sum'],
      sequence: spec,
      stateSize: 2,
    },
    sequence: { predict: (blocks) => Promise.resolve(blocks.map((block) => predictBlock(spec, block))) },
  };
};

const predictBlock = ({ blockFrames, pastFrames }: typeof SHAPE, { codes, state }: BlockInput) => {
  const at = (frame: number): number => codes[frame * BANDS] ?? NaN;
  const sum = ((state[0] ?? NaN) + at(pastFrames)) % 256;
  const steps = Array.from({ length: blockFrames / STEP_FRAMES }, (_, step) => [
    at(0) / 255,
    at(pastFrames + step * STEP_FRAMES) / 255,
    at(codes.length / BANDS - 1) / 255,
    sum / 255,
  ]);
  return { probabilities: Float32Array.from(steps.flat()), state: Float32Array.of(sum, (state[1] ?? NaN) + 1) };
};

export const keyOf = ({ spec }: InstalledModel): string => `${spec.modelId}@${spec.modelVersion}`;

/** Every model is live for its task from the beginning of time, but where histories say otherwise. */
export const stageOf = (models: readonly InstalledModel[], histories: Partial<Record<Task, RoleHistory>> = {}) =>
  createScoreStreams({
    frontEnd: canonicalFrontEnd,
    rolesOf: (task) => {
      const live = models.find(({ spec }) => spec.task === task);
      return histories[task] ?? (live === undefined ? [] : [{ effectiveFromUs: 0, live: keyOf(live), shadow: [] }]);
    },
    model: (key) => models.find((one) => keyOf(one) === key),
  });

/** Runs the stage over records, one by one: what comes out, in order. */
export const run = async (
  stage: ReturnType<typeof stageOf>,
  records: readonly LogMelFrame[],
  { flush = true } = {},
): Promise<{ readonly outputs: readonly ScoredSound[]; readonly refused: readonly string[] }> => {
  let state: ScoringState = stage.init('t/s');
  const outcomes: Outcome<ScoredSound>[] = [];
  const take = async (turn: ReturnType<typeof stage.step>): Promise<void> => {
    const after = await finishTurn((queries) => stage.resolve(queries), turn);
    state = structuredClone(after.state);
    outcomes.push(after.outcome);
  };
  for (const one of records) await take(stage.step(state, one));
  if (flush) await take(stage.flush(state));
  const refused = outcomes.flatMap((one) => (one.kind === 'emit' ? [] : [`${one.kind} ${one.reason}`]));
  return { outputs: emitted(outcomes), refused };
};
