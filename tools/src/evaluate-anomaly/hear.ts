import type { HeardSecond } from '@earshot/core/anomaly';
import type { RealFft } from '@earshot/core/dsp';
import { createExtractFeatures, defaultFeatureConfig, type AudioInput } from '@earshot/core/features';
import { runStage } from '@earshot/core/stage';

/** A recording through feature-extraction's own stage, frame by frame of a second: what anomaly-detection would read. */
export const hear = (
  samples: Float32Array,
  sampleRateHz: number,
  startUs: number,
  fft: RealFft,
): readonly HeardSecond[] => {
  const inputs = Array.from({ length: Math.floor(samples.length / sampleRateHz) }, (_, sequence): AudioInput => ({
    tenantId: 't',
    sensorId: 's',
    bootId: `b${startUs}`,
    sequence,
    anchorTimeUs: startUs,
    firstSampleIndex: sequence * sampleRateHz,
    sampleRateHz,
    sampleCount: sampleRateHz,
    receivedTimeUs: 0,
    body: { kind: 'samples', samples: samples.slice(sequence * sampleRateHz, (sequence + 1) * sampleRateHz) },
  }));
  const stage = createExtractFeatures(defaultFeatureConfig, { fft });
  return runStage(stage, 't/s', inputs).flatMap((output) => (output.kind === 'features' ? [output.features] : []));
};
