/** @jest-environment ./libs/platform/src/onnx/testdata/onnx-environment.mjs */
import { join } from 'node:path';
import {
  canonicalFrontEnd,
  createClassifyWindows,
  type LogMelFrame,
  type ScoredWindow,
} from '@earshot/core/classification';
import { createDetectEvents } from '@earshot/core/detection';
import { createExtractFeatures, defaultFeatureConfig, type AudioInput } from '@earshot/core/features';
import { runStage } from '@earshot/core/stage';
import { createRealFft } from '@earshot/platform/fft';
import { createClassifier, loadModelBundle } from '@earshot/platform/onnx';
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { analyseRecording, type Analyser } from './analyse-recording.js';

jest.setTimeout(60_000);

const TINY = join(import.meta.dirname, '../../../libs/platform/src/onnx/testdata/tiny');
const RATE_HZ = 16_000;
const T0 = 1_700_000_000_000_000;

/** Loud and quiet by turns, so that the tiny model hears events; with some noise. The same each time. */
const sound = (durationS: number): Float32Array => {
  let seed = 7;
  const noise = () => ((seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff) / 0x7fffffff) * 2 - 1;
  return Float32Array.from({ length: durationS * RATE_HZ }, (_, i) => {
    const loud = Math.floor(i / RATE_HZ / 4) % 2 === 1 ? 0.5 : 0.0005;
    return loud * (Math.sin((2 * Math.PI * 300 * i) / RATE_HZ) + 0.5 * noise());
  });
};

let analyser: Analyser;
beforeAll(async () => {
  const bundle = await loadModelBundle(TINY);
  analyser = { manifest: bundle.manifest, classifier: createClassifier(bundle), fft: await createRealFft(1024) };
});

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

const stream = async (inputs: readonly AudioInput[]): Promise<readonly ScoredWindow[]> => {
  const extract = createExtractFeatures(defaultFeatureConfig, { fft: analyser.fft });
  const features = runStage(extract, 't/s', inputs).flatMap((output): LogMelFrame[] => {
    if (output.kind === 'levels') return [];
    const { logMel, levels, melBands: _, ...same } = output.features;
    return [{ ...same, frames: logMel, laeqDb: levels?.laeqDb ?? null, calibrationId: levels?.calibrationId ?? '' }];
  });
  const { labels, window, id, version } = analyser.manifest;
  const config = { frontEnd: canonicalFrontEnd, window, labels, modelId: id, modelVersion: version };
  const stage = createClassifyWindows(config, analyser.classifier);
  const windows: ScoredWindow[] = [];
  for (const prepared of stage.prepare(stage.init('t/s'), features).prepared) {
    if (prepared.kind === 'outcome') {
      if (prepared.outcome.kind !== 'emit') throw new Error(`${prepared.outcome.kind} ${prepared.outcome.reason}`);
      windows.push(...prepared.outcome.values);
    } else {
      const answers = await stage.resolve(prepared.queries);
      windows.push(...prepared.queries.flatMap((query, index) => stage.interpret(query, answers[index] ?? null)));
    }
  }
  return windows;
};
const detect = (windows: readonly ScoredWindow[]) => {
  const config = { ruleFor: () => analyser.manifest.detection, updateEveryS: Infinity, floorDb: null };
  return runStage(createDetectEvents(config), 't/s', windows)
    .filter(({ phase }) => phase === 'close')
    .map(({ label, onsetUs, offsetUs, confidence }) => [label, onsetUs, offsetUs, confidence] as const);
};

describe('the stages, frame by frame', () => {
  it('score and find in a stream what analyze scores and finds in the file', async () => {
    const samples = sound(14);
    const signal = { samples, sampleRateHz: RATE_HZ, durationS: 14 };
    const offline = await analyseRecording(analyser, signal, {});
    const live = await stream(frames(samples, () => false));
    const scored = live.filter(({ discontinuity }) => !discontinuity);
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
    expect(found).toEqual(offline.events.map((e) => [e.label, e.onsetUs, e.offsetUs, e.confidence]));
  });

  it('break at a gap inside a second, classify what comes after it, and end the event there', async () => {
    const samples = sound(14);
    // Frame 8: from 6.4 to 7.2 s, inside the loud part from 4 to 8 s.
    const live = await stream(frames(samples, (sequence) => sequence === 8));
    const breaks = live.filter(({ discontinuity }) => discontinuity);
    expect(breaks[0]?.timeUs).toBe(T0 + 6_400_000);
    const after = live.findIndex(({ discontinuity }) => discontinuity) + 1;
    expect(live[after]).toMatchObject({ timeUs: T0 + 7_200_000, firstFrameIndex: 0, discontinuity: false });
    for (const [, onsetUs, offsetUs] of detect(live)) {
      const crosses = onsetUs < T0 + 6_400_000 && offsetUs > T0 + 7_200_000;
      expect(crosses).toBe(false);
    }
  });
});
