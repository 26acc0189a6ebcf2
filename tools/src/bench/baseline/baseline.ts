import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { benchFolder } from '../reference.js';
import { compareFigures, type Comparison } from './compare.js';
import type { Figures } from './figures.js';

const savedBaseline = z.object({
  bench: z.string(),
  /** What it was measured on; for readers. */
  machine: z.object({ cpu: z.string(), cores: z.number(), node: z.string() }),
  figures: z.record(
    z.string(),
    z.object({ better: z.enum(['higher', 'lower']), runs: z.array(z.number().positive()).min(3) }),
  ),
});

type Saved = z.infer<typeof savedBaseline>;

const fileOf = (folder: string, bench: string): string => join(folder, `${bench}.json`);

/** In the repository. */
const baselineFolder = join(benchFolder, 'baseline');

const rounded = (_key: string, value: unknown): unknown =>
  typeof value === 'number' ? Number(value.toPrecision(6)) : value;

/** An object as JSON, one property a line, so that a new baseline shows what it changes. */
const oneALine = (name: string, object: object): string => {
  const lines = Object.entries(object).map(
    ([key, value]) => ` ${JSON.stringify(key)}: ${JSON.stringify(value, rounded)}`,
  );
  return `"${name}": {\n${lines.join(',\n')}\n}`;
};

/**
 * Keeps figures as what later runs are held against; replaces those of before. `timings`: raw values of the runs, kept for readers.
 *
 * @returns the file.
 */
export const saveBaseline = async (
  bench: string,
  figures: Figures,
  timings: object,
  folder = baselineFolder,
): Promise<string> => {
  const machine = { cpu: cpus()[0]?.model ?? '', cores: availableParallelism(), node: process.version };
  const file = fileOf(folder, bench);
  await mkdir(folder, { recursive: true });
  const parts = [`"bench": "${bench}"`, `"machine": ${JSON.stringify(machine)}`];
  await writeFile(
    file,
    `{\n${[...parts, oneALine('figures', figures), oneALine('timings', timings)].join(',\n')}\n}\n`,
  );
  return file;
};

const readSaved = async (file: string): Promise<Saved> => {
  try {
    return savedBaseline.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    throw new Error(`${file}: not a baseline (--save-baseline makes one): ${String(error)}`, { cause: error });
  }
};

/** Figures of now against those that were saved. @throws Error when none were. */
export const compareWithBaseline = async (
  bench: string,
  figures: Figures,
  folder = baselineFolder,
): Promise<readonly Comparison[]> => compareFigures((await readSaved(fileOf(folder, bench))).figures, figures);
