/** A small short-time spectrum for the picture of a clip. Pure. */
import { hzToMel, MEL_LOW_HZ, melToHz } from '../lib/mel.js';

const SIZE = 1024;
const FLOOR_DB = -120;
const TOP_HZ = 8_000;

export interface ClipPicture {
  readonly columns: number;
  readonly rows: number;
  /** columns x rows, column after column, lowest row first; 0..255 from the darkest to the brightest. */
  readonly bytes: Uint8Array;
}

/** Power of the bins 0..SIZE/2 of one real frame, in place over `re` and `im` (radix 2, decimation in time). */
export function powerSpectrum(re: Float64Array, im: Float64Array): Float64Array {
  const size = re.length;
  for (let i = 1, j = 0; i < size; i++) {
    let bit = size >> 1;
    for (; (j & bit) !== 0; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [re[i], re[j]] = [re[j] ?? 0, re[i] ?? 0];
      [im[i], im[j]] = [im[j] ?? 0, im[i] ?? 0];
    }
  }
  for (let half = 1; half < size; half *= 2) {
    for (let k = 0; k < half; k++) {
      const cos = Math.cos((-Math.PI * k) / half);
      const sin = Math.sin((-Math.PI * k) / half);
      for (let at = k; at < size; at += 2 * half) {
        const [upRe, upIm] = [re[at] ?? 0, im[at] ?? 0];
        const [loRe, loIm] = [re[at + half] ?? 0, im[at + half] ?? 0];
        const turnedRe = loRe * cos - loIm * sin;
        const turnedIm = loRe * sin + loIm * cos;
        re[at] = upRe + turnedRe;
        im[at] = upIm + turnedIm;
        re[at + half] = upRe - turnedRe;
        im[at + half] = upIm - turnedIm;
      }
    }
  }
  return Float64Array.from({ length: size / 2 + 1 }, (_, bin) => (re[bin] ?? 0) ** 2 + (im[bin] ?? 0) ** 2);
}

const WINDOW = Float64Array.from({ length: SIZE }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / SIZE));

/** First and last bin of each row: equal steps of mel from 50 Hz to 8 kHz or the Nyquist frequency. */
function rowBins(rows: number, sampleRateHz: number): readonly (readonly [number, number])[] {
  const low = hzToMel(MEL_LOW_HZ);
  const step = (hzToMel(Math.min(TOP_HZ, sampleRateHz / 2)) - low) / rows;
  const binOf = (mel: number): number => (melToHz(mel) * SIZE) / sampleRateHz;
  return Array.from({ length: rows }, (_, row) => {
    const first = Math.floor(binOf(low + row * step));
    return [first, Math.max(first, Math.min(SIZE / 2, Math.ceil(binOf(low + (row + 1) * step)) - 1))] as const;
  });
}

/** The picture of a clip: quiet parts dark, the loudest bright, over at most 60 dB. */
export function clipPicture(samples: Float32Array, sampleRateHz: number, columns: number, rows: number): ClipPicture {
  const bins = rowBins(rows, sampleRateHz);
  const levels = new Float64Array(columns * rows);
  const re = new Float64Array(SIZE);
  const im = new Float64Array(SIZE);
  for (let column = 0; column < columns; column++) {
    const centre = ((column + 0.5) / columns) * samples.length;
    const from = Math.round(centre - SIZE / 2);
    for (let i = 0; i < SIZE; i++) re[i] = (samples[from + i] ?? 0) * (WINDOW[i] ?? 0);
    im.fill(0);
    const power = powerSpectrum(re, im);
    bins.forEach(([first, last], row) => {
      let most = 0;
      for (let bin = first; bin <= last; bin++) most = Math.max(most, power[bin] ?? 0);
      levels[column * rows + row] = most > 0 ? Math.max(FLOOR_DB, 10 * Math.log10(most)) : FLOOR_DB;
    });
  }
  const heard = [...levels].filter((level) => level > FLOOR_DB).sort((a, b) => a - b);
  const high = heard[Math.floor(heard.length * 0.995)] ?? FLOOR_DB + 60;
  const low = Math.max(heard[Math.floor(heard.length * 0.2)] ?? FLOOR_DB, high - 60);
  const span = Math.max(high - low, 20);
  const bytes = Uint8Array.from(levels, (level) => Math.max(0, Math.min(255, ((level - low) / span) * 255)));
  return { columns, rows, bytes };
}
