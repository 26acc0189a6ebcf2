import { readdirSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { AudioError, decodeAudio } from '@earshot/platform/audio';
import { UserError } from '../../process/wait.js';
import { shuffled, type Random } from '../random.js';
import type { Clip, ClipSource } from './clip.js';
import { resample } from './resample.js';

const AUDIO = /\.(wav|flac|ogg|oga|opus)$/i;

export const isFolder = (folder: string): boolean =>
  statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;

/** Every recording in the folder and below, in the order of their paths. */
export const findRecordings = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && AUDIO.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();

/** Files named `<fold>-…` of the given folds; all when none is given. */
export const ofFolds = (files: readonly string[], folds: readonly number[]): string[] =>
  files.filter((file) => folds.length === 0 || folds.includes(Number(/^(\d+)-/.exec(path.basename(file))?.[1] ?? NaN)));

interface Decoded {
  readonly samples: Float32Array;
  readonly sampleRateHz: number;
}

/** Samples kept decoded, of all files together (256 MiB of floats). */
const MAX_CACHED_SAMPLES = 2 ** 26;
const MAX_CLIP_S = 900;

/** Decoded recordings, first channel; the last used are kept. */
export class RecordingLibrary {
  private readonly cache = new Map<string, Promise<Decoded>>();
  private readonly sizes = new Map<string, number>();

  /** Rejects with `AudioError` or the file system's error. */
  load(file: string, sampleRateHz?: number): Promise<Decoded> {
    const key = `${sampleRateHz ?? 'own'} ${file}`;
    const known = this.cache.get(key);
    const decoded = known ?? this.decode(file, sampleRateHz);
    this.cache.delete(key);
    this.cache.set(key, decoded);
    if (known === undefined)
      decoded.then(
        ({ samples }) => this.keep(key, samples.length),
        () => this.cache.delete(key),
      );
    return decoded;
  }

  private async decode(file: string, sampleRateHz: number | undefined): Promise<Decoded> {
    const audio = await decodeAudio(await readFile(file), { maxSeconds: MAX_CLIP_S });
    const samples = audio.channels[0] ?? new Float32Array();
    if (sampleRateHz === undefined || sampleRateHz === audio.sampleRateHz)
      return { samples, sampleRateHz: audio.sampleRateHz };
    return { samples: resample(samples, audio.sampleRateHz, sampleRateHz), sampleRateHz };
  }

  private keep(key: string, samples: number): void {
    this.sizes.set(key, samples);
    let total = [...this.sizes.values()].reduce((sum, size) => sum + size, 0);
    for (const oldest of this.cache.keys()) {
      if (total <= MAX_CACHED_SAMPLES || oldest === key) return;
      total -= this.sizes.get(oldest) ?? 0;
      this.sizes.delete(oldest);
      this.cache.delete(oldest);
    }
  }
}

export interface RecordingSourceOptions {
  readonly library: RecordingLibrary;
  readonly files: readonly string[];
  /** undefined: in their order, again and again. */
  readonly random?: Random;
  /** Of the file names in what was played. */
  readonly root: string;
  readonly warn: (message: string) => void;
}

/** Recordings one after another, all at the rate of the first. Labels are the names of their folders. */
export const createRecordingSource = async (options: RecordingSourceOptions): Promise<ClipSource> => {
  const { library, files, random, root, warn } = options;
  let order: string[] = [];
  let failed = 0;
  const nextFile = (): string => {
    if (order.length === 0) order = random === undefined ? [...files] : shuffled(files, random);
    return order.shift() ?? '';
  };
  const load = async (sampleRateHz?: number): Promise<{ file: string; decoded: Decoded }> => {
    for (;;) {
      const file = nextFile();
      try {
        const decoded = await library.load(file, sampleRateHz);
        failed = 0;
        return { file, decoded };
      } catch (error) {
        if (!(error instanceof AudioError)) throw error;
        warn(`${file} is left out: ${error.message}`);
        failed += 1;
        if (failed >= files.length) throw new UserError(`None of the ${files.length} recordings can be decoded.`);
      }
    }
  };
  const clipOf = ({ file, decoded: { samples } }: { file: string; decoded: Decoded }): Clip => ({
    name: path.relative(root, file),
    samples,
    marks: [{ label: path.basename(path.dirname(file)), from: 0, to: samples.length }],
  });
  const first = await load();
  let waiting: Clip | undefined = clipOf(first);
  const { sampleRateHz } = first.decoded;
  return {
    sampleRateHz,
    next: async () => {
      const ready = waiting;
      waiting = undefined;
      return ready ?? clipOf(await load(sampleRateHz));
    },
  };
};
