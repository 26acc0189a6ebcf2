/**
 * Event detection, read from top to bottom:
 *
 *   classifications.v1 ──► decodeClassification ──► hysteresis, minimum duration, merge ──► encodeEvent ──► events.v1
 *   models.v1 (side input) ──► thresholds of the model that scored the window, under the settings
 */
import { topicName, type Model } from '@earshot/contracts';
import type { ScoredWindow } from '@earshot/core/classification';
import { createDetectEvents, type DetectionState, type SoundEvent } from '@earshot/core/detection';
import type { TopicView } from '@earshot/platform/kafka';
import type { StageDefinition } from '@earshot/platform/stage-runner';
import type { EventDetectionConfig } from './config.js';
import { decodeClassification, encodeEvent } from './messages.js';
import { createRuleFor } from './rules.js';

/** Models serve all tenants: the models topic's keys are `_`/model id. */
const modelKey = (modelId: string): string => `_/${modelId}`;

export const createPipeline = (
  namespace: string,
  settings: EventDetectionConfig,
  models: TopicView<Model>,
): StageDefinition<DetectionState, ScoredWindow, SoundEvent> => ({
  name: 'event-detection',
  stage: createDetectEvents({
    ruleFor: createRuleFor((modelId) => models.get(modelKey(modelId)), settings),
    updateEveryS: settings.UPDATE_EVERY_S,
    floorDb: settings.FLOOR_DB ?? null,
  }),
  stateVersion: 1,
  inputs: [{ topic: topicName('classifications', namespace), decode: decodeClassification }],
  stateTopic: topicName('stateEventDetection', namespace),
  route: encodeEvent(namespace),
  ready: () => models.ready,
});
