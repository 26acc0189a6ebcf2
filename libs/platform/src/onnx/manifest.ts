import { canonicalFrontEnd, STEP_FRAMES, type FrontEnd } from '@earshot/core/classification';
import { z } from 'zod';

const probability = z.number().min(0).max(1);
const seconds = z.number().min(0).max(3600);
const medianSteps = z
  .int()
  .min(1)
  .max(101)
  .refine((steps) => steps % 2 === 1, 'expected an odd number');
const labelRule = {
  onThreshold: probability,
  offThreshold: probability,
  minDurationS: seconds,
  mergeGapS: seconds,
};
/** What a label has of its own. */
const labelOverride = z.object({
  medianSteps: medianSteps.exactOptional(),
  onThreshold: probability.exactOptional(),
  offThreshold: probability.exactOptional(),
  minDurationS: seconds.exactOptional(),
  mergeGapS: seconds.exactOptional(),
});
/** What the model's makers recommend for event detection. */
export const detectionRule = z.object({
  medianSteps: medianSteps.default(1),
  ...labelRule,
  perLabel: z.record(z.string(), labelOverride).default({}),
});
/** The file lies beside the manifest. */
const fileName = z.string().regex(/^[\w.-]+$/, 'expected a file name without a path');
const name = z.string().regex(/^[a-z0-9][a-z0-9._-]*$/, 'expected lower-case letters, digits, ".", "_" and "-"');
const frames = z.int().min(1).max(1000);

const common = {
  schema: z.literal('earshot.model-bundle/1'),
  id: name,
  version: z.string().regex(/^\d+\.\d+\.\d+$/, 'expected major.minor.patch'),
  labels: z.array(name).min(1).max(1000),
  frontEnd: z.record(z.string(), z.union([z.string(), z.number()])),
  onnx: z.object({ file: fileName, sha256: z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hex digits') }),
};

/** Scores windows. Its events, if a bundle recommends thresholds, are the business of its makers' evaluation only. */
const classifierManifest = z
  .looseObject({
    ...common,
    task: z.literal('audio-classification'),
    window: z.object({ frames, hopFrames: frames }),
    input: z.looseObject({ name: z.string().min(1) }),
    outputs: z.object({ probabilities: z.string().min(1), embedding: z.string().min(1) }),
    embeddingSize: z.int().min(1).max(4096),
    detection: detectionRule.exactOptional(),
  })
  .superRefine(({ window }, context) => {
    if (window.hopFrames > window.frames)
      wrong(context, ['window', 'hopFrames'], 'more than window.frames: sound would be skipped');
  });

/** Scores steps; its tensors are named `logmel`, `state`, `probabilities` and `state_next`. */
const sequenceManifest = z
  .looseObject({
    ...common,
    task: z.literal('audio-event-detection'),
    sequence: z.object({
      blockFrames: frames,
      pastFrames: z.int().min(0).max(1000),
      futureFrames: z.int().min(0).max(1000),
      stepFrames: z.literal(STEP_FRAMES, `expected ${STEP_FRAMES}: all models tell steps of the same length`),
    }),
    /** What the graph says counts; a size that is stated is held against it. */
    state: z.looseObject({ size: z.int().min(1).max(65_536) }).exactOptional(),
    detection: detectionRule,
  })
  .superRefine(({ sequence }, context) => {
    if (sequence.blockFrames % sequence.stepFrames !== 0)
      wrong(context, ['sequence', 'blockFrames'], 'not a multiple of stepFrames');
  });

const wrong = (context: z.RefinementCtx, path: (string | number)[], message: string): void =>
  context.addIssue({ code: 'custom', path, message });

/** `manifest.json` of a model bundle. What is not named here (training, metrics, licence …) is kept as it is. */
export const modelManifest = z
  .discriminatedUnion('task', [classifierManifest, sequenceManifest])
  .superRefine(({ labels, detection }, context) => {
    if (new Set(labels).size !== labels.length) wrong(context, ['labels'], 'a label is there twice');
    if (detection === undefined) return;
    if (detection.offThreshold > detection.onThreshold)
      wrong(context, ['detection', 'offThreshold'], 'above onThreshold');
    for (const label of Object.keys(detection.perLabel))
      if (!labels.includes(label)) wrong(context, ['detection', 'perLabel', label], 'not one of the labels');
  });

export type ModelManifest = z.infer<typeof modelManifest>;
export type ClassifierManifest = z.infer<typeof classifierManifest>;
export type SequenceManifest = z.infer<typeof sequenceManifest>;

/** What is wrong with a parsed manifest.json; empty: nothing. */
export const manifestProblems = (json: unknown): readonly string[] => {
  const parsed = modelManifest.safeParse(json);
  if (!parsed.success)
    return parsed.error.issues.map(({ path, message }) => `manifest.json: ${path.join('.')}: ${message}`);
  return frontEndProblems(parsed.data.frontEnd);
};

const frontEndProblems = (frontEnd: Readonly<Record<string, string | number>>): readonly string[] =>
  (Object.keys(canonicalFrontEnd) as (keyof FrontEnd)[])
    .filter((key) => frontEnd[key] !== canonicalFrontEnd[key])
    .map(
      (key) =>
        `manifest.json: frontEnd.${key}: is ${JSON.stringify(frontEnd[key])}, but features are made with ${JSON.stringify(canonicalFrontEnd[key])}`,
    );
