/**
 * Classification, read from top to bottom:
 *
 *   features.v1 ──► decodeFeatures ──► windows and blocks of every model in force ──► networks (batched over sensors)
 *     ──► encodeScored ──► classifications.v1, activity.v1; of models in shadow: classifications-shadow.v1, activity-shadow.v1
 *   model bundles ──► checked at load ──► models.v1 (before the first window)
 *   gRPC Classify: clip ──► the same windows and classifier ──► answer
 */
import { topicName } from '@earshot/contracts';
import {
  canonicalFrontEnd,
  createScoreStreams,
  type LogMelFrame,
  type ScoredSound,
  type ScoringConfig,
  type ScoringState,
} from '@earshot/core/classification';
import type { StageDefinition } from '@earshot/platform/stage-runner';
import { decodeFeatures, encodeScored } from './messages.js';
import { migrateState } from './state-migration.js';

export const createPipeline = (
  namespace: string,
  models: Pick<ScoringConfig, 'rolesOf' | 'model'>,
): StageDefinition<ScoringState, LogMelFrame, ScoredSound> => ({
  name: 'classification',
  stage: createScoreStreams({ frontEnd: canonicalFrontEnd, ...models }),
  stateVersion: 2,
  migrate: migrateState,
  inputs: [{ topic: topicName('features', namespace), decode: decodeFeatures }],
  stateTopic: topicName('stateClassification', namespace),
  route: encodeScored(namespace),
});
