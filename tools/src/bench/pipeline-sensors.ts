import { ClockQuality, PcmFormat, type AudioFrame } from '@earshot/contracts';
import {
  canonicalFrontEnd,
  createScoreStreams,
  type InstalledClassifier,
  type LogMelFrame,
} from '@earshot/core/classification';
import {
  createExtractFeatures,
  defaultFeatureConfig,
  type AudioInput,
  type FeatureOutput,
} from '@earshot/core/features';
import type { RealFft } from '@earshot/core/dsp';
import { emitted } from '@earshot/core/stage';
import { decodeFrameBody } from '@earshot/platform/audio-frame';
import { stepKeys, type KeyBatch } from '@earshot/platform/stage-runner';
import { cpuMsOf } from './measure.js';

const RATE_HZ = 16_000;
const ANCHOR_US = 1_767_225_600_000_000;

const frameOf = (sensorId: string, second: number, data: Uint8Array): AudioFrame => ({
  ...{ tenantId: 'bench', sensorId, bootId: 'boot', sequence: second },
  ...{ anchorTimeUs: ANCHOR_US, firstSampleIndex: second * RATE_HZ, sampleRateHz: RATE_HZ, sampleCount: RATE_HZ },
  clockQuality: ClockQuality.CLOCK_QUALITY_SYNCHRONISED,
  receivedTimeUs: ANCHOR_US + (second + 1) * 1e6,
  body: {
    $case: 'pcm',
    value: { format: PcmFormat.PCM_FORMAT_S16LE, data: Buffer.from(data.buffer, data.byteOffset, data.byteLength) },
  },
});

/** As the service decodes a record, without its envelope. */
const inputOf = (frame: AudioFrame): AudioInput => {
  const body = decodeFrameBody(frame);
  if (body.kind === 'dlq') throw new Error(body.cause);
  return { ...frame, body, calibration: null, machine: null, lane: 'live' };
};

/** As features travel from stage to stage, without their envelope. */
const recordsOf = (outputs: readonly FeatureOutput[]): readonly LogMelFrame[] =>
  outputs.flatMap((output) => {
    if (output.kind !== 'features') return [];
    const { logMel, levels, ...rest } = output.features;
    return [{ ...rest, frames: logMel, laeqDb: levels?.laeqDb ?? null, calibrationId: levels?.calibrationId ?? '' }];
  });

export interface SensorsRun {
  /** CPU time of all sensors, ms. */
  readonly featuresMs: number;
  readonly inferenceMs: number;
  readonly windows: number;
}

/**
 * Sensors whose frames of 1 s go through the stages of feature extraction and classification as the stage runner takes them: all sensors'
 * frames of a second, and all their windows of a second in one batch; one stage after the other, since they are processes of their own.
 * Streams go on from run to run.
 *
 * @param pcm s16le of one second each; every sensor begins at another one.
 */
export const createSensors = (count: number, pcm: readonly Uint8Array[], fft: RealFft, model: InstalledClassifier) => {
  const extract = createExtractFeatures(defaultFeatureConfig, { fft });
  const score = createScoreStreams({
    frontEnd: canonicalFrontEnd,
    rolesOf: (task) => (task === 'audio-classification' ? [{ effectiveFromUs: 0, live: 'bench', shadow: [] }] : []),
    model: (key) => (key === 'bench' ? model : undefined),
  });
  const sensorIds = Array.from({ length: count }, (_, i) => `sensor-${i}`);
  let features = sensorIds.map((id) => extract.init(`bench/${id}`));
  let scores = sensorIds.map((id) => score.init(`bench/${id}`));
  let second = 0;

  const hear = async (): Promise<readonly (readonly LogMelFrame[])[]> => {
    const batches = sensorIds.map((sensorId, i): KeyBatch<(typeof features)[number], AudioInput> => {
      const data = pcm[(second + i) % pcm.length] as Uint8Array;
      return { state: features[i] as (typeof features)[number], inputs: [inputOf(frameOf(sensorId, second, data))] };
    });
    const results = await stepKeys(extract, batches);
    features = results.map(({ state }) => state);
    return results.map(({ outcomes }) => recordsOf(emitted(outcomes)));
  };
  const classify = async (records: readonly (readonly LogMelFrame[])[]): Promise<number> => {
    const batches = records.map((inputs, i) => ({ state: scores[i] as (typeof scores)[number], inputs }));
    const results = await stepKeys(score, batches);
    scores = results.map(({ state }) => state);
    return results.reduce((sum, { outcomes }) => sum + emitted(outcomes).length, 0);
  };
  return async (seconds: number): Promise<SensorsRun> => {
    const heard: (readonly (readonly LogMelFrame[])[])[] = [];
    let windows = 0;
    const featuresMs = await cpuMsOf(async () => {
      for (let i = 0; i < seconds; i++, second++) heard.push(await hear());
    });
    const inferenceMs = await cpuMsOf(async () => {
      for (const records of heard) windows += await classify(records);
    });
    return { featuresMs, inferenceMs, windows };
  };
};
