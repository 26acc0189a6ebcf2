import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bandsOfRate, decodePcm } from '@earshot/core/levels';
import { decodeAudio } from '@earshot/platform/audio';
import type { Check, Figure } from './checks.js';
import { oracle } from './oracle.js';
import { faded, measure, noise, sine } from './signals.js';

const LIMIT_DB = 0.05;

type Samples = Float32Array | Float64Array;

const compare = (label: string, x: number, samples: Samples, rateHz: number): readonly Figure[] => {
  const truth = oracle(samples, rateHz);
  const seconds = measure(samples, rateHz);
  return (['laeqDb', 'lceqDb', 'lzeqDb'] as const).map((key) => {
    const energy = seconds.reduce((sum, second, i) => {
      const count = Math.min(rateHz, samples.length - i * rateHz);
      return sum + count * 10 ** ((second[key] ?? -Infinity) / 10);
    }, 0);
    const deviationDb = 10 * Math.log10(energy / samples.length) - truth[key];
    return { label: `${label} ${key}`, x, deviationDb, lowerDb: -LIMIT_DB, upperDb: LIMIT_DB };
  });
};

/** Sines of every valid third and noise. */
export const generated = (rateHz: number): Check => ({
  title: `Against the FFT-domain oracle at ${rateHz} Hz: ±${LIMIT_DB} dB`,
  figures: [
    ...bandsOfRate(rateHz)
      .filter(({ valid }) => valid)
      .flatMap(({ midHz, label }) => compare(`sine ${label} Hz`, midHz, faded(sine(midHz, rateHz, 4), rateHz), rateHz)),
    ...compare('white noise', 1, noise(10 * rateHz, false), rateHz),
    ...compare('pink noise', 2, noise(10 * rateHz, true), rateHz),
  ],
});

/** Speech and `perClass` clips of each esc10 class; null: no recordings there. */
export const recorded = async (folder: string, perClass: number): Promise<Check | null> => {
  const speech = await readFile(join(folder, 'noisesensor/speak_32000Hz_16bitsPCM_10s.raw')).catch(() => null);
  const classes = await readdir(join(folder, 'esc10'), { withFileTypes: true }).catch(() => []);
  if (speech === null && classes.length === 0) return null;
  const figures: Figure[] = speech === null ? [] : [...compare('speech', 0, decodePcm('s16le', speech), 32_000)];
  for (const { name } of classes.filter((entry) => entry.isDirectory())) {
    const files = (await readdir(join(folder, 'esc10', name))).filter((file) => file.endsWith('.ogg')).sort();
    for (const file of files.slice(0, perClass)) {
      const { channels, sampleRateHz } = await decodeAudio(await readFile(join(folder, 'esc10', name, file)));
      const [samples] = channels;
      if (samples !== undefined) figures.push(...compare(`${name}/${file}`, figures.length, samples, sampleRateHz));
    }
  }
  return { title: `Recordings against the FFT-domain oracle: ±${LIMIT_DB} dB`, figures };
};
