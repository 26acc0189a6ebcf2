import { readGolden, renderGolden } from '@earshot/testing/golden';
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
const golden = readGolden('logmel.json') as Golden;

describe('log-mel front end against librosa', () => {
  const frontEnd = createLogMelFrontEnd(createReferenceFft(FRONT_END.fftSize));

  it('is the front end of the models', () => {
    expect(FRONT_END.id).toBe(golden.frontEnd.id);
  });

  it.each(golden.signals.map(({ name }) => name))('%s: 0.01 dB, codes within one step', (name) => {
    const expected = golden.signals.find((signal) => signal.name === name);
    if (expected === undefined) throw new Error(name);
    const samples = renderGolden(name, expected.durationS);
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
