/**
 * Feature extraction, read from top to bottom:
 *
 *   audio.v1, audio-backfill.v1 ──► decode (PCM, FLAC), validate ──► order, gaps, boots ─┬─► levels per second ──► levels.v1
 *   calibrations.v1 (side input) ──► the one in force at the frame's event time          └─► log-mel frames ─────► features.v1
 */
import { topicName } from '@earshot/contracts';
import type { RealFft } from '@earshot/core/dsp';
import {
  type AudioInput,
  createExtractFeatures,
  defaultFeatureConfig,
  type FeatureOutput,
  type FeatureState,
} from '@earshot/core/features';
import type { StageDefinition } from '@earshot/platform/stage-runner';
import type { FeatureExtractionConfig } from './config.js';
import { type CalibrationAt, createDecodeAudio } from './decode-audio.js';
import { encodeOutput } from './encode-outputs.js';

export interface PipelineDependencies {
  /** Size 1024. */
  readonly fft: RealFft;
  readonly calibrationAt: CalibrationAt;
  /** All calibrations are there. */
  readonly calibrationsReady: Promise<void>;
}

export const createPipeline = (
  namespace: string,
  settings: Pick<FeatureExtractionConfig, 'REORDER_FRAMES' | 'REORDER_MS' | 'BACKFILL_FRAMES_PER_S'>,
  { fft, calibrationAt, calibrationsReady }: PipelineDependencies,
): StageDefinition<FeatureState, AudioInput, FeatureOutput> => ({
  name: 'feature-extraction',
  stage: createExtractFeatures(
    { ...defaultFeatureConfig, reorderFrames: settings.REORDER_FRAMES, reorderMs: settings.REORDER_MS },
    { fft },
  ),
  stateVersion: 1,
  inputs: [
    { topic: topicName('audio', namespace), decode: createDecodeAudio(calibrationAt, 'live') },
    {
      topic: topicName('audioBackfill', namespace),
      decode: createDecodeAudio(calibrationAt, 'backfill'),
      recordsPerS: settings.BACKFILL_FRAMES_PER_S,
    },
  ],
  stateTopic: topicName('stateFeatureExtraction', namespace),
  route: encodeOutput(namespace),
  ready: () => calibrationsReady,
});
