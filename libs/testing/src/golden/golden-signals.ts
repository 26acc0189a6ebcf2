import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const GOLDEN_RATE_HZ = 16_000;

/** A file of models/golden (see "generator" in it), read from the repository's root. */
export const readGolden = (file: string): unknown =>
  JSON.parse(readFileSync(join(process.cwd(), 'models/golden', file), 'utf8'));

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

/** The signal that golden files call by this name, at 16 kHz. */
export const renderGolden = (name: string, durationS: number): Float32Array => {
  const count = Math.round(durationS * GOLDEN_RATE_HZ);
  if (name === 'noise') return noise(count);
  const formula = sample[name];
  if (formula === undefined) throw new Error(`no formula for ${name}`);
  return Float32Array.from({ length: count }, (_, n) => formula(n / GOLDEN_RATE_HZ, n, durationS));
};
