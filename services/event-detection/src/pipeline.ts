/**
 * Event detection, read from top to bottom:
 *
 *   activity.v1 ──► decodeActivity ──► median, hysteresis, merge, minimum duration ──► encodeEvent ──► events.v1
 *   models.v1 (side input) ──► the rule of the model that told the steps, under the settings
 */
import { topicName, type Model } from '@earshot/contracts';
import type { SoundActivity } from '@earshot/core/classification';
import { createDetectEvents, type DetectionState, type SoundEvent } from '@earshot/core/detection';
import type { TopicView } from '@earshot/platform/kafka';
import { decodeActivity } from '@earshot/platform/records';
import type { StageDefinition } from '@earshot/platform/stage-runner';
import type { EventDetectionConfig } from './config.js';
import { encodeEvent } from './messages.js';
import { createRuleFor } from './rules.js';
import { migrateState } from './state-migration.js';

export const createPipeline = (
  namespace: string,
  settings: EventDetectionConfig,
  models: Pick<TopicView<Model>, 'get' | 'ready'>,
): StageDefinition<DetectionState, SoundActivity, SoundEvent> => ({
  name: 'event-detection',
  stage: createDetectEvents({
    ruleFor: createRuleFor((key) => models.get(key), settings),
    updateEveryS: settings.UPDATE_EVERY_S,
    floorDb: settings.FLOOR_DB ?? null,
  }),
  stateVersion: 2,
  migrate: migrateState,
  inputs: [{ topic: topicName('activity', namespace), decode: decodeActivity }],
  stateTopic: topicName('stateEventDetection', namespace),
  route: encodeEvent(namespace),
  ready: () => models.ready,
});
