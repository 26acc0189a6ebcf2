import { hopSpanMs, windowSpanMs, type FrontEnd } from './front-end.js';
import { STEP_FRAMES, type ClassifierSpec, type ModelSpec, type SequenceSpec } from './models.js';
import { levelAt, timesOf, type Heard, type OpenStream } from './open-stream.js';
import type { Role } from './roles.js';
import { probabilityCode, type ScoredWindow, type SoundActivity } from './types.js';

/** What a model said of a stream, in the role that it had there. */
export type ScoredSound =
  | { readonly kind: 'window'; readonly role: Exclude<Role, 'none'>; readonly window: ScoredWindow }
  | { readonly kind: 'activity'; readonly role: Exclude<Role, 'none'>; readonly activity: SoundActivity };

const described = (spec: ModelSpec, record: Heard, bootId: string, timeUs: number) => ({
  id: [record.tenantId, record.sensorId, bootId, `${spec.modelId}@${spec.modelVersion}`, timeUs].join('/'),
  tenantId: record.tenantId,
  sensorId: record.sensorId,
  bootId,
  timeUs,
  modelId: spec.modelId,
  modelVersion: spec.modelVersion,
  receivedTimeUs: record.receivedTimeUs,
});

const spans = (frontEnd: FrontEnd, { window }: ClassifierSpec) => ({
  windowMs: windowSpanMs(frontEnd, window.frames),
  hopMs: hopSpanMs(frontEnd, window.hopFrames),
});

const stepSpanMs = (frontEnd: FrontEnd): number => hopSpanMs(frontEnd, STEP_FRAMES);

/** The stream breaks at `timeUs`: `record` says whose. */
export const breakOf = (
  frontEnd: FrontEnd,
  spec: ModelSpec,
  role: Exclude<Role, 'none'>,
  record: Heard,
  bootId: string,
  timeUs: number,
): ScoredSound => {
  const base = described(spec, record, bootId, timeUs);
  const broken = {
    ...base,
    id: `${base.id}/break`,
    calibrationId: record.calibrationId,
    firstFrameIndex: 0,
    labels: [],
    laeqDb: null,
    discontinuity: true,
  };
  return spec.task === 'audio-classification'
    ? { kind: 'window', role, window: { ...broken, ...spans(frontEnd, spec), probabilities: [] } }
    : {
        kind: 'activity',
        role,
        activity: { ...broken, stepMs: stepSpanMs(frontEnd), steps: 0, probabilities: new Uint8Array(0) },
      };
};

/** probabilities: one per label. */
export const windowOf = (
  frontEnd: FrontEnd,
  spec: ClassifierSpec,
  stream: OpenStream,
  firstFrameIndex: number,
  probabilities: readonly number[],
): ScoredWindow => {
  const { latest } = stream;
  return {
    ...described(spec, latest, latest.bootId, timesOf(frontEnd, stream).timeUs(firstFrameIndex)),
    ...spans(frontEnd, spec),
    calibrationId: latest.calibrationId,
    firstFrameIndex,
    labels: spec.labels,
    probabilities,
    laeqDb: latest.laeqDb,
    discontinuity: false,
  };
};

const codesOf = (probabilities: Float32Array): Uint8Array => {
  const codes = new Uint8Array(probabilities.length);
  for (let at = 0; at < codes.length; at += 1) codes[at] = probabilityCode(probabilities[at] as number);
  return codes;
};

/** probabilities: steps x labels of the run of steps that begins at `firstFrameIndex`, in the block that begins at `block`. */
export const activityOf = (
  frontEnd: FrontEnd,
  spec: SequenceSpec,
  stream: OpenStream,
  block: number,
  firstFrameIndex: number,
  probabilities: Float32Array,
): SoundActivity => {
  const { latest } = stream;
  const level = levelAt(frontEnd, stream, block + (spec.sequence.blockFrames >> 1));
  return {
    ...described(spec, latest, latest.bootId, timesOf(frontEnd, stream).timeUs(firstFrameIndex)),
    calibrationId: level?.calibrationId ?? latest.calibrationId,
    firstFrameIndex,
    labels: spec.labels,
    stepMs: stepSpanMs(frontEnd),
    steps: probabilities.length / spec.labels.length,
    probabilities: codesOf(probabilities),
    laeqDb: level?.laeqDb ?? null,
    discontinuity: false,
  };
};
