import { done, emit, type RecurrentStage, type Turn } from '../stage/index.js';
import { pass, startPosition, unusable, type StreamPosition } from './feature-stream.js';
import { frameHopUs, type FrontEnd } from './front-end.js';
import { tasks, viewOf, type InstalledModel, type ModelKey, type ModelSpec, type Task } from './models.js';
import { append, endFrame, enter, forget, openStream, timesOf, type OpenStream } from './open-stream.js';
import { breakOf, type ScoredSound } from './outputs.js';
import { modelsOf, pictureAt, type RoleHistory } from './roles.js';
import { askModels, type Answer, type Query } from './ask-models.js';
import { scoreDue } from './score-due.js';
import type { LogMelFrame } from './types.js';

export interface ScoringConfig {
  readonly frontEnd: FrontEnd;
  /** Who is in force when; of installed models only. What it answers for a time that has passed does not change. */
  rolesOf(task: Task): RoleHistory;
  /** undefined: not installed (any more). */
  model(key: ModelKey): InstalledModel | undefined;
}

export interface ScoringState extends StreamPosition {
  readonly stream: OpenStream | null;
}

/**
 * Log-mel frames to scored windows and steps, by every model that is in force at their own time.
 *
 * Units (windows of a classifier, blocks of a sequence model) begin at frames 0, hop, 2 hop, ... counted since the last
 * discontinuity. A record that does not follow on (first frame 0, a jump, another boot) ends the stream before it and begins
 * another. At the end of a stream the frames that are left make a last block, padded with code 0, of which only whole steps
 * are told; then comes a break. Records that were there already are duplicates. A window without any sound (all codes 0) is
 * not shown to a classifier: its probabilities are 0. A sequence model is shown everything, as all of it reaches its state.
 *
 * A model that comes into force inside a stream begins there as at the beginning of one, with its next unit.
 */
export const createScoreStreams = (
  config: ScoringConfig,
): RecurrentStage<ScoringState, LogMelFrame, Query, Answer, ScoredSound> => ({
  init: () => ({ ...startPosition, stream: null }),
  step: (state, record) => {
    const { stream } = state;
    const unused = unusable(config.frontEnd, state, stream?.latest.timeUs ?? null, record);
    if (unused !== undefined) return done(state, unused);
    const position = { ...state, ...pass(state, record) };
    if (record.discontinuity) {
      const bootId = record.bootId === '' ? (state.bootId ?? '') : record.bootId;
      return end(config, stream, (told) =>
        done({ ...position, stream: null }, emit(...told, ...breaks(config, record, bootId, record.timeUs))),
      );
    }
    const goesOn = stream !== null && record.bootId === state.bootId && record.firstFrameIndex === endFrame(stream);
    if (stream === null || goesOn) return hear(config, position, stream ?? openStream(record), record, []);
    const { latest } = stream;
    const endUs = latest.timeUs + Math.round(latest.frameCount * frameHopUs(config.frontEnd));
    return end(config, stream, (told) =>
      hear(config, position, openStream(record), record, [...told, ...breaks(config, latest, latest.bootId, endUs)]),
    );
  },
  resolve: (queries) => askModels(config, queries),
  flush: (state) => end(config, state.stream, (told) => done({ ...state, stream: null }, emit(...told))),
});

type ScoringTurn = Turn<ScoringState, Query, Answer, ScoredSound>;

/** The stream goes on with the record. before: outputs that come first. */
const hear = (
  config: ScoringConfig,
  position: ScoringState,
  before: OpenStream,
  record: LogMelFrame,
  told: readonly ScoredSound[],
): ScoringTurn => {
  const stream = comeIn(config, append(before, record), record);
  return scoreDue(config, stream, 'goes on', (after, scored) => {
    const kept = forget(config.frontEnd, after, (key) => viewOfKey(config, key));
    return done({ ...position, stream: kept }, emit(...told, ...scored));
  });
};

/** What is left of a stream that ends, if there is one. */
const end = (
  config: ScoringConfig,
  stream: OpenStream | null,
  then: (told: readonly ScoredSound[]) => ScoringTurn,
): ScoringTurn => (stream === null ? then([]) : scoreDue(config, stream, 'ends', (_, told) => then(told)));

const viewOfKey = (config: ScoringConfig, key: ModelKey) => {
  const model = config.model(key);
  return model === undefined ? undefined : viewOf(model.spec);
};

/** With the models that come into force up to the record's last frame; each at the first frame of its own time. */
const comeIn = (config: ScoringConfig, stream: OpenStream, record: LogMelFrame): OpenStream => {
  if (record.frameCount === 0) return stream;
  const times = timesOf(config.frontEnd, stream);
  const lastUs = times.timeUs(endFrame(stream) - 1);
  const models = stream.models.filter(({ key }) => config.model(key) !== undefined);
  for (const task of tasks) {
    const history = config.rolesOf(task);
    const inForce = pictureAt(history, record.timeUs);
    const pictures = history.filter((one) => one === inForce || isBetween(one.effectiveFromUs, record.timeUs, lastUs));
    for (const picture of pictures)
      for (const key of modelsOf(picture)) {
        const spec = config.model(key)?.spec;
        if (spec?.task !== task || models.some((one) => one.key === key)) continue;
        const frame = Math.max(record.firstFrameIndex, times.frameAt(picture.effectiveFromUs));
        models.push(enter(key, spec, frame));
      }
  }
  return { ...stream, models };
};

const isBetween = (timeUs: number, afterUs: number, untilUs: number): boolean => timeUs > afterUs && timeUs <= untilUs;

/** A break in the outputs of every model that is in force at its time. */
const breaks = (
  config: ScoringConfig,
  record: Parameters<typeof breakOf>[3],
  bootId: string,
  timeUs: number,
): readonly ScoredSound[] =>
  tasks.flatMap((task) => {
    const picture = pictureAt(config.rolesOf(task), timeUs);
    return modelsOf(picture).flatMap((key): readonly ScoredSound[] => {
      const spec: ModelSpec | undefined = config.model(key)?.spec;
      const role = key === picture?.live ? 'live' : 'shadow';
      return spec === undefined ? [] : [breakOf(config.frontEnd, spec, role, record, bootId, timeUs)];
    });
  });
