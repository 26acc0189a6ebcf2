import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createLogMelFrontEnd, FRONT_END, logMelFrameCount } from './log-mel.js';
import { quantiseDb } from './quantise.js';
import { createReferenceFft } from './reference-fft.js';

interface Golden {
  readonly frontEnd: { readonly id: string };
  readonly signals: readonly {
    readonly name: string;
    readonly durationS: number;
    readonly frames: number;
    readonly logmelDb: readonly (readonly number[])[];
  }[];
}

// Made with librosa by models/ (see "generator" in the file).
const golden = JSON.parse(readFileSync(join(process.cwd(), 'models/golden/logmel.json'), 'utf8')) as Golden;
const RATE_HZ = 16_000;

const noise = (count: number): Float32Array => {
  let x = 12_345n;
  return Float32Array.from({ length: count }, () => {
    x = (1_664_525n * x + 1_013_904_223n) % 2n ** 32n;
    return (Number(x) / 2 ** 31 - 1) * 0.25;
  });
};
const sample: Record<string, (t: number, n: number, durationS: number) => number> = {
  'sine-1khz': (t) => 0.5 * Math.sin(2 * Math.PI * 1000 * t),
  'two-sines': (t) => 0.25 * Math.sin(2 * Math.PI * 440 * t) + 0.1 * Math.sin(2 * Math.PI * 3333 * t),
  chirp: (t, _, durationS) => 0.5 * Math.sin(2 * Math.PI * (100 * t + (0.5 * 6000 * t * t) / durationS)),
  impulse: (_, n) => (n === 1000 ? 0.5 : 0),
  silence: () => 0,
};
const render = (name: string, durationS: number): Float32Array => {
  const count = Math.round(durationS * RATE_HZ);
  if (name === 'noise') return noise(count);
  const formula = sample[name];
  if (formula === undefined) throw new Error(`no formula for ${name}`);
  return Float32Array.from({ length: count }, (_, n) => formula(n / RATE_HZ, n, durationS));
};

describe('log-mel front end against librosa', () => {
  const frontEnd = createLogMelFrontEnd(createReferenceFft(FRONT_END.fftSize));

  it('is the front end of the models', () => {
    expect(FRONT_END.id).toBe(golden.frontEnd.id);
  });

  it.each(golden.signals.map(({ name }) => name))('%s: 0.01 dB, codes within one step', (name) => {
    const expected = golden.signals.find((signal) => signal.name === name);
    if (expected === undefined) throw new Error(name);
    const samples = render(name, expected.durationS);
    const db = frontEnd.logMelDb(samples);
    const codes = new Uint8Array(expected.frames * FRONT_END.melBands);
    const frames = frontEnd.push(frontEnd.rest(), samples, 0, samples.length, codes, 0);
    expect(frames).toBe(expected.frames);
    expect(logMelFrameCount(samples.length)).toBe(expected.frames);

    // Float32 samples, window and powers: 90 dB below the frame's loudest band they say no more.
    let worstDb = 0;
    let worstStep = 0;
    expected.logmelDb.forEach((row, frame) => {
      const loudest = Math.max(...row);
      row.forEach((level, band) => {
        const at = frame * FRONT_END.melBands + band;
        if (level > loudest - 110) {
          worstStep = Math.max(worstStep, Math.abs((codes[at] ?? NaN) - quantiseDb(level)));
        }
        if (level > -90 && level > loudest - 90) worstDb = Math.max(worstDb, Math.abs((db[at] ?? NaN) - level));
      });
    });
    expect(worstDb).toBeLessThanOrEqual(0.01);
    expect(worstStep).toBeLessThanOrEqual(1);
  });
});
