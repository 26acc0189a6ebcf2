import { canonicalFrontEnd, type FrontEnd } from '@earshot/core/classification';
import { z } from 'zod';

const probability = z.number().min(0).max(1);
const seconds = z.number().min(0).max(3600);
const labelRule = {
  onThreshold: probability,
  offThreshold: probability,
  minDurationS: seconds,
  mergeGapS: seconds,
};
/** What a label has of its own. */
const labelOverride = z.object({
  onThreshold: probability.exactOptional(),
  offThreshold: probability.exactOptional(),
  minDurationS: seconds.exactOptional(),
  mergeGapS: seconds.exactOptional(),
});
/** What the model's makers recommend for event detection. */
const detectionRule = z.object({ ...labelRule, perLabel: z.record(z.string(), labelOverride).default({}) });
/** The file lies beside the manifest. */
const fileName = z.string().regex(/^[\w.-]+$/, 'expected a file name without a path');
const name = z.string().regex(/^[a-z0-9][a-z0-9._-]*$/, 'expected lower-case letters, digits, ".", "_" and "-"');

/** `manifest.json` of a model bundle. What is not named here (training, metrics, licence …) is kept as it is. */
export const modelManifest = z
  .looseObject({
    schema: z.literal('earshot.model-bundle/1'),
    id: name,
    version: z.string().regex(/^\d+\.\d+\.\d+$/, 'expected major.minor.patch'),
    task: z.literal('audio-classification'),
    labels: z.array(name).min(1).max(1000),
    frontEnd: z.record(z.string(), z.union([z.string(), z.number()])),
    window: z.object({
      frames: z.int().min(1).max(1000),
      hopFrames: z.int().min(1).max(1000),
    }),
    input: z.looseObject({ name: z.string().min(1) }),
    outputs: z.object({ probabilities: z.string().min(1), embedding: z.string().min(1) }),
    embeddingSize: z.int().min(1).max(4096),
    onnx: z.object({ file: fileName, sha256: z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hex digits') }),
    detection: detectionRule,
  })
  .superRefine(({ labels, window, detection }, context) => {
    const wrong = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
    if (new Set(labels).size !== labels.length) wrong(['labels'], 'a label is there twice');
    if (window.hopFrames > window.frames)
      wrong(['window', 'hopFrames'], 'more than window.frames: sound would be skipped');
    if (detection.offThreshold > detection.onThreshold) wrong(['detection', 'offThreshold'], 'above onThreshold');
    for (const label of Object.keys(detection.perLabel))
      if (!labels.includes(label)) wrong(['detection', 'perLabel', label], 'not one of the labels');
  });

export type ModelManifest = z.infer<typeof modelManifest>;

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
