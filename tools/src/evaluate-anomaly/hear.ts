import type { HeardSecond } from '@earshot/core/anomaly';
import type { RealFft } from '@earshot/core/dsp';
import { createExtractFeatures, defaultFeatureConfig, type AudioInput } from '@earshot/core/features';
import type { MachineSettings } from '@earshot/core/machine';
import { runStage } from '@earshot/core/stage';

/** Of a sensor that listens to a machine. */
export interface HearMachine {
  /** Size 8192. */
  readonly longFft: RealFft;
  readonly machine: MachineSettings;
}

/** A recording through feature-extraction's own stage, frame by frame of a second: what anomaly-detection would read. `fft` has size 1024. */
export const hear = (
  samples: Float32Array,
  sampleRateHz: number,
  startUs: number,
  fft: RealFft,
  asked?: HearMachine,
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
    ...(asked === undefined ? {} : { machine: asked.machine }),
  }));
  const dependencies = asked === undefined ? { fft } : { fft, longFft: asked.longFft };
  const stage = createExtractFeatures(defaultFeatureConfig, dependencies);
  return runStage(stage, 't/s', inputs).flatMap((output) => (output.kind === 'features' ? [output.features] : []));
};
