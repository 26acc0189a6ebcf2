import { createDetectAnomalies, defaultAnomalyConfig, type HeardSecond } from '@earshot/core/anomaly';
import { FRONT_END } from '@earshot/core/dsp';
import { analyseSignal } from '@earshot/core/features';
import { emitted } from '@earshot/core/stage';
import { decodeAudio } from '@earshot/platform/audio';
import { createRealFft } from '@earshot/platform/fft';
import { describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const folder = path.join(process.env['EARSHOT_RECORDINGS'] ?? '../shared/data', 'forest-day');
const present = existsSync(folder);
if (!present) process.stdout.write(`forest-day recordings are not at ${folder}: their test is passed over\n`);

const START_US = 1_780_000_000e6;

/** The recordings of the day joined to one stream: a discontinuity before each, only whole seconds. */
const theDay = async (): Promise<readonly HeardSecond[]> => {
  const fft = await createRealFft(FRONT_END.fftSize);
  const seconds: HeardSecond[] = [];
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.wav'))
    .sort();
  for (const [index, file] of files.entries()) {
    const decoded = await decodeAudio(readFileSync(path.join(folder, file)));
    const samples = decoded.channels[0] ?? new Float32Array();
    const { logMel } = analyseSignal(samples, decoded.sampleRateHz, { fft });
    const startUs = START_US + index * 1800e6;
    for (let frame = 0; frame + 50 <= logMel.frameCount; frame += 50) {
      seconds.push({
        tenantId: 'demo',
        sensorId: 'forest',
        bootId: 'b1',
        timeUs: startUs + frame * 20_000,
        frameCount: 50,
        logMel: logMel.frames.slice(frame * 64, (frame + 50) * 64),
        discontinuity: false,
        receivedTimeUs: 0,
      });
    }
  }
  return seconds;
};

(present ? describe : describe.skip)('a day in the forest', () => {
  it('is learned, and most of it is not called anomalous', async () => {
    const stage = createDetectAnomalies({ ...defaultAnomalyConfig, intervalS: 1 });
    const { outcomes, state } = stage.step(stage.init('demo/forest'), await theDay());
    const judged = emitted(outcomes).filter((verdict) => verdict.state !== 'learning');
    const anomalous = judged.filter((verdict) => verdict.state === 'anomalous');
    const states = state.phase.kind === 'watching' ? state.phase.baseline.states.length : 0;
    const hours = new Map<number, number>();
    for (const { timeUs } of anomalous) {
      const hour = Math.floor((timeUs - START_US) / 3600e6);
      hours.set(hour, (hours.get(hour) ?? 0) + 1);
    }
    process.stdout.write(
      `forest-day: ${states} states, threshold ${judged[0]?.threshold.toFixed(2) ?? ''}, ` +
        `${judged.length} s judged, ${anomalous.length} s anomalous, by hour ${JSON.stringify([...hours])}\n`,
    );
    expect(judged.length).toBeGreaterThan(300);
    expect(anomalous.length / judged.length).toBeLessThan(0.5);
  }, 60_000);
});
