import { join } from 'node:path';
import { createDetectAnomalies, defaultAnomalyConfig } from '@earshot/core/anomaly';
import {
  canonicalFrontEnd,
  createScoreStreams,
  modelKey,
  type InstalledModel,
  type LogMelFrame,
  type ScoredSound,
  type SoundActivity,
} from '@earshot/core/classification';
import { createDetectEvents } from '@earshot/core/detection';
import { createExtractFeatures, defaultFeatureConfig, type AudioInput } from '@earshot/core/features';
import { finishTurn, runStage } from '@earshot/core/stage';
import { createRealFft } from '@earshot/platform/fft';
import {
  createClassifier,
  createSequence,
  loadBundleFor,
  type ClassifierBundle,
  type SequenceBundle,
} from '@earshot/platform/onnx';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { analyseRecording, type Analyser } from './analyse-recording.js';

jest.setTimeout(60_000);

const TESTDATA = join(import.meta.dirname, '../../../libs/platform/src/onnx/testdata');
const RATE_HZ = 16_000;
const T0 = 1_700_000_000_000_000;

/** Loud and quiet by turns, so that the tiny models hear events; with some noise. The same each time. */
const sound = (durationS: number): Float32Array => {
  let seed = 7;
  const noise = () => ((seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff) / 0x7fffffff) * 2 - 1;
  return Float32Array.from({ length: durationS * RATE_HZ }, (_, i) => {
    const loud = Math.floor(i / RATE_HZ / 4) % 2 === 1 ? 0.5 : 0.0005;
    return loud * (Math.sin((2 * Math.PI * 300 * i) / RATE_HZ) + 0.5 * noise());
  });
};

let bundles: readonly [ClassifierBundle, SequenceBundle];
let analyser: Analyser;
beforeAll(async () => {
  bundles = [
    await loadBundleFor('audio-classification', join(TESTDATA, 'tiny')),
    await loadBundleFor('audio-event-detection', join(TESTDATA, 'sequence')),
  ];
  const [classifier, sequence] = bundles;
  analyser = {
    classifier: createClassifier(classifier),
    sequence: createSequence(sequence),
    rule: sequence.manifest.detection,
    fft: await createRealFft(1024),
  };
});
afterAll(() => Promise.all(bundles.map(({ network }) => network.close())));

/** What sensors send: frames of 0.8 s, some of them lost. */
const frames = (samples: Float32Array, lost: (sequence: number) => boolean): AudioInput[] => {
  const size = Math.round(0.8 * RATE_HZ);
  return Array.from({ length: Math.ceil(samples.length / size) }, (_, sequence): AudioInput => {
    const part = samples.slice(sequence * size, (sequence + 1) * size);
    return {
      ...{ tenantId: 't', sensorId: 's', bootId: 'b', sequence, anchorTimeUs: T0, receivedTimeUs: T0 },
      ...{ firstSampleIndex: sequence * size, sampleRateHz: RATE_HZ, sampleCount: part.length },
      body: lost(sequence) ? { kind: 'gap' } : { kind: 'samples', samples: part },
    };
  });
};

const keyOf = ({ spec }: InstalledModel) => modelKey(spec.modelId, spec.modelVersion);

const stream = async (inputs: readonly AudioInput[]): Promise<readonly ScoredSound[]> => {
  const extract = createExtractFeatures(defaultFeatureConfig, { fft: analyser.fft });
  const features = runStage(extract, 't/s', inputs).flatMap((output): LogMelFrame[] => {
    if (output.kind === 'levels') return [];
    const { logMel, levels, melBands: _, ...same } = output.features;
    return [{ ...same, frames: logMel, laeqDb: levels?.laeqDb ?? null, calibrationId: levels?.calibrationId ?? '' }];
  });
  const models: readonly InstalledModel[] = [analyser.classifier, analyser.sequence];
  const stage = createScoreStreams({
    frontEnd: canonicalFrontEnd,
    rolesOf: (task) =>
      models
        .filter(({ spec }) => spec.task === task)
        .map((model) => ({ effectiveFromUs: 0, live: keyOf(model), shadow: [] })),
    model: (key) => models.find((model) => keyOf(model) === key),
  });
  let state = stage.init('t/s');
  const scored: ScoredSound[] = [];
  for (const turn of [...features.map((one) => () => stage.step(state, one)), () => stage.flush(state)]) {
    const after = await finishTurn((queries) => stage.resolve(queries), turn());
    state = after.state;
    if (after.outcome.kind !== 'emit') throw new Error(`${after.outcome.kind} ${after.outcome.reason}`);
    scored.push(...after.outcome.values);
  }
  return scored;
};
const windowsOf = (scored: readonly ScoredSound[]) =>
  scored.flatMap((one) => (one.kind === 'window' ? [one.window] : []));
const detect = (scored: readonly ScoredSound[]) => {
  const activity = scored.flatMap((one): SoundActivity[] => (one.kind === 'activity' ? [one.activity] : []));
  const config = { ruleFor: () => analyser.rule, updateEveryS: Infinity, floorDb: null };
  return runStage(createDetectEvents(config), 't/s', activity)
    .filter(({ phase }) => phase === 'close')
    .map(({ label, onsetUs, offsetUs, confidence }) => [label, onsetUs, offsetUs, confidence] as const);
};

describe('the stages, frame by frame', () => {
  it('score and find in a stream what analyze scores and finds in the file', async () => {
    const samples = sound(14);
    const signal = { samples, sampleRateHz: RATE_HZ, durationS: 14 };
    const offline = await analyseRecording(analyser, signal, {});
    const live = await stream(frames(samples, () => false));
    const scored = windowsOf(live).filter(({ discontinuity }) => !discontinuity);
    expect(scored.length).toBeGreaterThanOrEqual(offline.windows.length - 1);
    expect(scored.map(({ timeUs, probabilities, laeqDb }) => [timeUs - T0, laeqDb, ...probabilities])).toEqual(
      offline.windows.slice(0, scored.length).map((w) => [w.timeUs, w.laeqDb, ...w.probabilities]),
    );
    const found = detect(live).map(([label, onsetUs, offsetUs, confidence]) => [
      label,
      onsetUs - T0,
      offsetUs - T0,
      confidence,
    ]);
    expect(found.length).toBeGreaterThan(1);
    expect(found.sort()).toEqual(offline.events.map((e) => [e.label, e.onsetUs, e.offsetUs, e.confidence]).sort());
  });

  it('judge in a stream what analyze judges in the file', async () => {
    const samples = sound(14);
    const offline = await analyseRecording(analyser, { samples, sampleRateHz: RATE_HZ, durationS: 14 }, {});
    const extract = createExtractFeatures(defaultFeatureConfig, { fft: analyser.fft });
    const seconds = runStage(
      extract,
      't/s',
      frames(samples, () => false),
    ).flatMap((output) => (output.kind === 'features' && !output.features.discontinuity ? [output.features] : []));
    const live = runStage(createDetectAnomalies(defaultAnomalyConfig), 't/s', seconds);
    expect(live.length).toBeGreaterThan(1);
    // The last second of a file has the frames that lack only the resampler's look-ahead: an interval may end later.
    expect(
      live.slice(0, -1).map(({ timeUs, durationMs, score, warmUp }) => [timeUs - T0, durationMs, score, warmUp]),
    ).toEqual(
      offline.anomalies
        .slice(0, live.length - 1)
        .map(({ timeUs, durationMs, score, warmUp }) => [timeUs, durationMs, score, warmUp]),
    );
  });

  it('break at a gap inside a second, score what comes after it, and end the event there', async () => {
    const samples = sound(14);
    // Frame 8: from 6.4 to 7.2 s, inside the loud part from 4 to 8 s.
    const live = await stream(frames(samples, (sequence) => sequence === 8));
    const windows = windowsOf(live);
    expect(windows.find(({ discontinuity }) => discontinuity)?.timeUs).toBe(T0 + 6_400_000);
    const after = windows.findIndex(({ discontinuity }) => discontinuity) + 1;
    expect(windows[after]).toMatchObject({ timeUs: T0 + 7_200_000, firstFrameIndex: 0, discontinuity: false });
    const found = detect(live);
    // Whole steps end at 6.3 s, as the frames that the gap cuts are not whole.
    expect(found.some(([, onsetUs, offsetUs]) => onsetUs < T0 + 5e6 && offsetUs === T0 + 6_300_000)).toBe(true);
    for (const [, onsetUs, offsetUs] of found) {
      const crosses = onsetUs < T0 + 6_400_000 && offsetUs > T0 + 7_200_000;
      expect(crosses).toBe(false);
    }
  });
});
