import type { Turn } from '../stage/index.js';
import type { Answer, Query } from './ask-models.js';
import { STEP_FRAMES, viewOf, type ModelKey, type ModelSpec } from './models.js';
import { endFrame, enter, timesOf, viewAt, type ModelProgress, type OpenStream } from './open-stream.js';
import { activityOf, windowOf, type ScoredSound } from './outputs.js';
import { modelsOf, roleAt, type Role } from './roles.js';
import type { ScoringConfig } from './score-streams.js';

/** A unit (window or block) whose frames are all there. */
interface Due {
  readonly spec: ModelSpec;
  /** The model, with the unit as its next. */
  readonly progress: ModelProgress;
  /** The model's role at each step that is told of a block; of a window: at its first frame. */
  readonly roles: readonly Role[];
}

/** The models have heard of the end of the stream: what is left of its frames makes last blocks. */
type Mode = 'goes on' | 'ends';

/**
 * Scores all units whose frames are there. Blocks of a model come one after another, as each needs the state of the one
 * before; everything else is asked together.
 */
export const scoreDue = <S>(
  config: ScoringConfig,
  stream: OpenStream,
  mode: Mode,
  then: (stream: OpenStream, told: readonly ScoredSound[]) => Turn<S, Query, Answer, ScoredSound>,
  told: readonly ScoredSound[] = [],
): Turn<S, Query, Answer, ScoredSound> => {
  const units = stream.models.map((progress) => ({ progress, due: unitsDue(config, stream, progress, mode) }));
  const due = units.flatMap((one) => (hasToWait(config, stream, one, units, mode) ? [] : one.due));
  if (due.length === 0) return then(stream, told);
  const asked = due.filter(hasPart);
  const goOn = (answers: readonly Answer[]): Turn<S, Query, Answer, ScoredSound> => {
    const answerOf = new Map(asked.map((one, index) => [one, answers[index]]));
    const scored = asked.flatMap((one) => tell(config, stream, one, answerOf.get(one)));
    const models = stream.models.flatMap((progress) => {
      const last = due.findLast((one) => one.progress.key === progress.key);
      return last === undefined ? [progress] : advanced(config, stream, last, answerOf.get(last));
    });
    return scoreDue(config, { ...stream, models }, mode, then, [...told, ...scored]);
  };
  if (asked.length === 0) return goOn([]);
  const queries = asked.map(({ spec, progress }) => ({
    model: progress.key,
    codes: viewAt(config.frontEnd, stream, progress, viewOf(spec)),
    carried: progress.carried,
  }));
  return { kind: 'ask', queries, answered: goOn };
};

const hasPart = ({ roles }: Due): boolean => roles.some((role) => role !== 'none');

interface Units {
  readonly progress: ModelProgress;
  readonly due: readonly Due[];
}

/**
 * What is live is told in the order of its time: a model that takes over waits until the one before it, whose blocks may
 * see further ahead, has told its last. At the end of a stream who has nothing left to tell is not waited for.
 */
const hasToWait = (
  config: ScoringConfig,
  stream: OpenStream,
  { progress, due }: Units,
  all: readonly Units[],
  mode: Mode,
): boolean => {
  const first = due[0];
  if (first?.roles[0] !== 'live') return false;
  return all.some(({ progress: other, due: others }) => {
    const spec = config.model(other.key)?.spec;
    if (spec?.task !== first.spec.task || other.nextFrame >= progress.nextFrame) return false;
    return (mode === 'goes on' || others.length > 0) && rolesOf(config, stream, other, spec, 1)[0] === 'live';
  });
};

/** All windows of a classifier; the next block of a sequence model. */
const unitsDue = (config: ScoringConfig, stream: OpenStream, progress: ModelProgress, mode: Mode): readonly Due[] => {
  const spec = config.model(progress.key)?.spec;
  if (spec === undefined) return [];
  const { hopFrames, spanFrames } = viewOf(spec);
  const end = endFrame(stream);
  if (spec.task === 'audio-event-detection') {
    const left = Math.min(end - progress.nextFrame, hopFrames);
    const steps = Math.floor(left / STEP_FRAMES);
    const isThere = progress.nextFrame + spanFrames <= end || (mode === 'ends' && steps > 0);
    return isThere ? [{ spec, progress, roles: rolesOf(config, stream, progress, spec, steps) }] : [];
  }
  const due: Due[] = [];
  for (let nextFrame = progress.nextFrame; nextFrame + spanFrames <= end; nextFrame += hopFrames) {
    const unit = { ...progress, nextFrame };
    due.push({ spec, progress: unit, roles: rolesOf(config, stream, unit, spec, 1) });
    if (due.at(-1)?.roles[0] === 'none') break;
  }
  return due;
};

/** Roles of the model at so many steps from its next frame on. */
const rolesOf = (
  config: ScoringConfig,
  stream: OpenStream,
  { key, nextFrame }: ModelProgress,
  { task }: ModelSpec,
  steps: number,
): readonly Role[] => {
  const history = config.rolesOf(task);
  const times = timesOf(config.frontEnd, stream);
  const startOf = (other: ModelKey) => {
    const progress = stream.models.find((one) => one.key === other);
    const spec = config.model(other)?.spec;
    if (progress === undefined || spec === undefined) return undefined;
    return { firstFrame: progress.firstFrame, hopFrames: viewOf(spec).hopFrames };
  };
  return Array.from({ length: steps }, (_, step) =>
    roleAt(history, times, startOf, key, nextFrame + step * STEP_FRAMES),
  );
};

/** The model after its unit. When it has no part in it, it is gone, or begins anew where it comes into force next. */
const advanced = (
  config: ScoringConfig,
  stream: OpenStream,
  { spec, progress, roles }: Due,
  answer: Answer | undefined,
): readonly ModelProgress[] => {
  const view = viewOf(spec);
  if (roles.some((role) => role !== 'none'))
    return [{ ...progress, nextFrame: progress.nextFrame + view.hopFrames, carried: answer?.carried ?? null }];
  const times = timesOf(config.frontEnd, stream);
  const next = config
    .rolesOf(spec.task)
    .find(
      (picture) =>
        picture.effectiveFromUs > times.timeUs(progress.nextFrame) && modelsOf(picture).includes(progress.key),
    );
  const frame = next === undefined ? Infinity : times.frameAt(next.effectiveFromUs);
  return frame < endFrame(stream) ? [enter(progress.key, spec, frame)] : [];
};

/** One window, or one activity per run of steps in the same role: one, but where roles change inside the block. */
const tell = (
  config: ScoringConfig,
  stream: OpenStream,
  { spec, progress, roles }: Due,
  answer: Answer | undefined,
): readonly ScoredSound[] => {
  if (answer === undefined) throw new Error(`No answer of model ${progress.key}`);
  const { frontEnd } = config;
  const first = progress.nextFrame;
  return runsOf(roles).flatMap(({ role, from, to }): readonly ScoredSound[] => {
    if (role === 'none') return [];
    if (spec.task === 'audio-classification') {
      const probabilities = Array.from(answer.probabilities);
      return [{ kind: 'window', role, window: windowOf(frontEnd, spec, stream, first, probabilities) }];
    }
    const width = spec.labels.length;
    const run = answer.probabilities.subarray(from * width, to * width);
    const activity = activityOf(frontEnd, spec, stream, first, first + from * STEP_FRAMES, run);
    return [{ kind: 'activity', role, activity }];
  });
};

interface Run {
  readonly role: Role;
  readonly from: number;
  /** One past the last. */
  readonly to: number;
}

const runsOf = (roles: readonly Role[]): readonly Run[] =>
  roles.reduce<readonly Run[]>((runs, role, index) => {
    const last = runs.at(-1);
    return last?.role === role
      ? [...runs.slice(0, -1), { ...last, to: index + 1 }]
      : [...runs, { role, from: index, to: index + 1 }];
  }, []);
