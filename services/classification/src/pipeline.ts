/**
 * Classification, read from top to bottom:
 *
 *   features.v1 ──► decodeFeatures ──► windows ──► model (batched over sensors) ──► encodeClassification ──► classifications.v1
 *   model bundle ──► checked at load ──► models.v1 (before the first window)
 *   gRPC Classify: clip ──► the same windows and model ──► answer
 */
import { topicName } from '@earshot/contracts';
import {
  canonicalFrontEnd,
  createClassifyWindows,
  type Classifier,
  type LogMelFrame,
  type ScoredWindow,
  type WindowConfig,
  type WindowState,
} from '@earshot/core/classification';
import type { ModelManifest } from '@earshot/platform/onnx';
import type { StageDefinition } from '@earshot/platform/stage-runner';
import { decodeFeatures, encodeClassification } from './messages.js';

export const windowConfig = (manifest: ModelManifest): WindowConfig => ({
  frontEnd: canonicalFrontEnd,
  window: manifest.window,
  labels: manifest.labels,
  modelId: manifest.id,
  modelVersion: manifest.version,
});

export const createPipeline = (
  namespace: string,
  windows: WindowConfig,
  classifier: Classifier,
): StageDefinition<WindowState, LogMelFrame, ScoredWindow> => ({
  name: 'classification',
  stage: createClassifyWindows(windows, classifier),
  stateVersion: 1,
  inputs: [{ topic: topicName('features', namespace), decode: decodeFeatures }],
  stateTopic: topicName('stateClassification', namespace),
  route: encodeClassification(namespace),
});
