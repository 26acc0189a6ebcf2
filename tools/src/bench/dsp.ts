import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createLogMelFrontEnd, FRONT_END, logMelFrameCount, type RealFft } from '@earshot/core/dsp';
import { createRealFft } from '@earshot/platform/fft';
import { z } from 'zod';
import { fftJsTransform, meydaMelBands } from './dsp-others.js';
import { cpuMsOf, measureInTurn, withFolder, type Engine } from './measure.js';
import { noise } from './noise.js';
import { findPython, startReference, type Reference } from './reference.js';
import { absence, rowsOf, rowsTable, type BenchRow, type RowAsked, type Timings } from './rows.js';

const { sampleRateHz, fftSize, melBands } = FRONT_END;
/** Sound of one run. */
const SECONDS = 60;
/** FFTs of one run. */
const TRANSFORMS = 100_000;
const WARM_UP_RUNS = 3;

const answer = z.object({ cpuS: z.number().positive(), frames: z.number(), meanCode: z.number() });
type Heard = Omit<z.infer<typeof answer>, 'cpuS'>;

export interface DspBench {
  readonly bench: 'dsp';
  readonly runs: number;
  readonly secondsOfSound: number;
  /** CPU time per second of sound, ms. */
  readonly logMel: readonly BenchRow[];
  /** CPU time per FFT of 1024 real samples, µs. */
  readonly fft: readonly BenchRow[];
  /** What an engine made of the sound: they agree when they do the same work. */
  readonly heard: Readonly<Record<string, Heard>>;
  /** Raw runs. */
  readonly timings: Timings;
  /** Why the reference did not run; null: it did. */
  readonly referenceAbsent: string | null;
}

const meanOf = (codes: Uint8Array): number => codes.reduce((sum, code) => sum + code, 0) / codes.length;

/** Log-mel as in production: quantised; in one piece or in chunks of `chunk` samples with the state carried over. */
const earshotEngine = (name: string, samples: Float32Array, fft: RealFft, chunk: number, heard: Map<string, Heard>) => {
  const frontEnd = createLogMelFrontEnd(fft);
  const codes = new Uint8Array(logMelFrameCount(samples.length) * melBands);
  const run = (): number => {
    const state = frontEnd.rest();
    let frames = 0;
    for (let from = 0; from < samples.length; from += chunk)
      frames += frontEnd.push(state, samples, from, Math.min(from + chunk, samples.length), codes, frames);
    return frames;
  };
  return {
    run: async () => {
      let frames = 0;
      const ms = await cpuMsOf(() => (frames = run()));
      heard.set(name, { frames, meanCode: meanOf(codes) });
      return { [name]: ms / SECONDS };
    },
  };
};

const librosaEngine = (
  name: string,
  reference: Reference<z.infer<typeof answer>>,
  how: string,
  heard: Map<string, Heard>,
): Engine => ({
  run: async () => {
    const { cpuS, ...found } = await reference.ask(how);
    heard.set(name, found);
    return { [name]: (cpuS * 1000) / SECONDS };
  },
});

const repeated = (name: string, count: number, work: () => void): Engine => ({
  run: async () => {
    const ms = await cpuMsOf(() => {
      for (let i = 0; i < count; i++) work();
    });
    return { [name]: (ms * 1000) / count };
  },
});

const pffftTransform = (fft: RealFft, samples: Float32Array): (() => void) => {
  const spectrum = new Float32Array(fft.size + 2);
  return () => fft.transform(samples, spectrum);
};

const logMelRows: readonly RowAsked[] = [
  { part: 'long audio', engine: 'Earshot', of: ['earshot long'] },
  { part: 'long audio', engine: 'librosa', of: ['librosa long'], ours: ['earshot long'], target: 3 },
  { part: 'long audio', engine: 'meyda melBands', of: ['meyda'], ours: ['earshot long'] },
  { part: '1 s chunks', engine: 'Earshot', of: ['earshot 1 s'] },
  { part: '1 s chunks', engine: 'librosa', of: ['librosa 1 s'], ours: ['earshot 1 s'], target: 15 },
  { part: '1 s chunks', engine: 'librosa, filters kept', of: ['librosa 1 s kept'], ours: ['earshot 1 s'] },
];

const fftRows: readonly RowAsked[] = [
  { part: 'FFT of 1024', engine: 'Earshot (pffft)', of: ['pffft'] },
  { part: 'FFT of 1024', engine: 'fft.js', of: ['fft.js'], ours: ['pffft'] },
];

/**
 * The log-mel front end beside librosa (same parameters, quantised too), meyda and fft.js; one core each. meyda's melBands are not ours: 64
 * HTK triangles of height 1 from 0 Hz, ln(1 + power), not quantised, frame after frame; it has no others.
 */
export const benchDsp = async (runs: number, withReference: boolean): Promise<DspBench> => {
  const { python, referenceAbsent } = await findPython(withReference);
  const samples = noise(SECONDS * sampleRateHz);
  const fft = await createRealFft(fftSize);
  const heard = new Map<string, Heard>();
  const timings = await withFolder(async (folder) => {
    const file = join(folder, 'samples.f32');
    await writeFile(file, Buffer.from(samples.buffer));
    const reference = python === null ? null : startReference(python, 'dsp_reference.py', [file], answer);
    const librosa = (name: string, how: string): readonly Engine[] =>
      reference === null ? [] : [librosaEngine(name, reference, how, heard)];
    try {
      const engines = [
        earshotEngine('earshot long', samples, fft, samples.length, heard),
        ...librosa('librosa long', 'long'),
        earshotEngine('earshot 1 s', samples, fft, sampleRateHz, heard),
        ...librosa('librosa 1 s', 'chunks'),
        ...librosa('librosa 1 s kept', 'chunks-kept'),
        { run: async () => ({ meyda: (await cpuMsOf(() => meydaMelBands(samples))) / SECONDS }) },
        repeated('pffft', TRANSFORMS, pffftTransform(fft, samples.subarray(0, fftSize))),
        repeated('fft.js', TRANSFORMS, fftJsTransform(samples.subarray(0, fftSize))),
      ];
      return await measureInTurn(engines, { warmUp: WARM_UP_RUNS, runs });
    } finally {
      await reference?.stop();
    }
  });
  return {
    ...{ bench: 'dsp', runs, secondsOfSound: SECONDS, timings, referenceAbsent },
    logMel: rowsOf(timings, logMelRows),
    fft: rowsOf(timings, fftRows),
    heard: Object.fromEntries(heard),
  };
};

export const dspTable = ({ runs, secondsOfSound, logMel, fft, heard, referenceAbsent }: DspBench): string =>
  [
    `Log-mel frames (16 kHz, 64 bands), one core: ${runs} runs in turn of ${secondsOfSound} s of sound, median and spread.`,
    '',
    ...rowsTable(logMel, 'ms per second of sound'),
    '',
    ...rowsTable(fft, 'µs per FFT'),
    '',
    'Frames and their mean level, dB: ' +
      Object.entries(heard)
        .map(([name, { frames, meanCode }]) => `${name} ${frames}, ${(meanCode / 2 - 100).toFixed(2)}`)
        .join('; '),
    ...absence(referenceAbsent),
    '',
  ].join('\n');
