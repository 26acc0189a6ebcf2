// How many times faster than real time one core extracts features: `nx run feature-extraction:build`, then
// `node services/feature-extraction/bench/speed.mjs`. CPU time of one process, best of five; frames of 1 s, one per step.
import { createExtractFeatures, defaultFeatureConfig } from '@earshot/core/features';
import { createRealFft } from '@earshot/platform/fft';

const SECONDS = 30;
const stage = createExtractFeatures(defaultFeatureConfig, { fft: await createRealFft(1024) });

const frames = (sampleRateHz) =>
  Array.from({ length: SECONDS }, (_, sequence) => ({
    tenantId: 't',
    sensorId: 's',
    bootId: 'b',
    sequence,
    anchorTimeUs: 0,
    firstSampleIndex: sequence * sampleRateHz,
    sampleRateHz,
    sampleCount: sampleRateHz,
    receivedTimeUs: 0,
    body: {
      kind: 'samples',
      samples: Float32Array.from({ length: sampleRateHz }, (__, n) => Math.sin(n * n * 1e-5) * 0.3),
    },
  }));

for (const sampleRateHz of [16_000, 32_000, 44_100, 48_000, 96_000]) {
  const inputs = frames(sampleRateHz);
  let best = Infinity;
  for (let run = 0; run < 5; run++) {
    const before = process.cpuUsage().user;
    let state = stage.init('t/s');
    for (const input of inputs) ({ state } = stage.step(state, [input]));
    best = Math.min(best, process.cpuUsage().user - before);
  }
  console.log(`${sampleRateHz} Hz: ${Math.round((SECONDS * 1e6) / best)} x real time`);
}
