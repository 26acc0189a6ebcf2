/**
 * Feature extraction, read from top to bottom:
 *
 *   audio.v1, audio-backfill.v1 ──► decode (PCM, FLAC), validate ──► order, gaps, boots ─┬─► levels per second ──► levels.v1
 *   calibrations.v1 (side input) ──► the one in force at the frame's event time          └─► log-mel frames ─────► features.v1
 *   sensors.v1 (side input) ──► who listens to a machine: long spectra and lines            (with a machine's long spectra)
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
import { type CalibrationAt, createDecodeAudio, type MachineAt } from './decode-audio.js';
import { encodeOutput } from './encode-outputs.js';

export interface PipelineDependencies {
  /** Size 1024. */
  readonly fft: RealFft;
  /** Size 8192. */
  readonly longFft: RealFft;
  readonly calibrationAt: CalibrationAt;
  readonly machineAt: MachineAt;
  /** All calibrations and sensors' records are there. */
  readonly viewsReady: Promise<unknown>;
}

export const createPipeline = (
  namespace: string,
  settings: Pick<FeatureExtractionConfig, 'REORDER_FRAMES' | 'REORDER_MS' | 'BACKFILL_FRAMES_PER_S'>,
  { fft, longFft, viewsReady, ...inForce }: PipelineDependencies,
): StageDefinition<FeatureState, AudioInput, FeatureOutput> => ({
  name: 'feature-extraction',
  stage: createExtractFeatures(
    { ...defaultFeatureConfig, reorderFrames: settings.REORDER_FRAMES, reorderMs: settings.REORDER_MS },
    { fft, longFft },
  ),
  stateVersion: 2,
  // Layout 2 only adds the memory of a machine's long spectra; without it they begin anew.
  stateCompatibleVersion: 1,
  migrate: (_version, state) => state as FeatureState,
  inputs: [
    { topic: topicName('audio', namespace), decode: createDecodeAudio(inForce, 'live') },
    {
      topic: topicName('audioBackfill', namespace),
      decode: createDecodeAudio(inForce, 'backfill'),
      recordsPerS: settings.BACKFILL_FRAMES_PER_S,
    },
  ],
  stateTopic: topicName('stateFeatureExtraction', namespace),
  route: encodeOutput(namespace),
  ready: async () => {
    await viewsReady;
  },
});
