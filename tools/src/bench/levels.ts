import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import {
  bandsOfRate,
  createLevelMeter,
  energyMeanDb,
  maxDb,
  type LevelDb,
  type SecondLevels,
} from '@earshot/core/levels';
import type { Figures } from './baseline/figures.js';
import { withFolder } from './measure.js';
import { noise } from './noise.js';
import { findPython, startReference } from './reference.js';
import { spreadOf, type Spread } from './spread.js';

/** Sound of one run; long enough for the clock of CPU time. */
const SECONDS = 20;
const RATES_HZ = [16_000, 48_000];
const WARM_UP_RUNS = 3;

export interface LevelsRow {
  readonly rateHz: number;
  readonly engine: 'earshot' | 'pyoctaveband-stream' | 'pyoctaveband-file';
  /** Seconds of sound per second of CPU (user and system) on one core. */
  readonly timesRealTime: Spread;
  /** Median of Earshot's over this one's. */
  readonly ratio: number | null;
  /** CPU time of each run, s. */
  readonly cpuRunsS: readonly number[];
  readonly laeqDb: LevelDb;
  readonly lafMaxDb: LevelDb;
}

export interface LevelsBench {
  readonly bench: 'levels';
  readonly runs: number;
  readonly secondsOfSound: number;
  readonly rows: readonly LevelsRow[];
  /** Why the reference did not run; null: it did. */
  readonly referenceAbsent: string | null;
}

const answer = z.object({
  cpuS: z.number().positive(),
  chunks: z.array(z.object({ laeqDb: z.number(), lafMaxDb: z.number() })),
});

interface Run {
  readonly cpuS: number;
  readonly laeqDb: LevelDb;
  readonly lafMaxDb: LevelDb;
}

const summarised = (cpuS: number, chunks: readonly Pick<SecondLevels, 'laeqDb' | 'lafMaxDb'>[]): Run => ({
  cpuS,
  laeqDb: energyMeanDb(chunks.map(({ laeqDb }) => laeqDb)),
  lafMaxDb: maxDb(chunks.map(({ lafMaxDb }) => lafMaxDb)),
});

const earshotOf = (samples: Float32Array, rateHz: number): (() => Run) => {
  const meter = createLevelMeter(rateHz);
  return () => {
    const state = meter.rest();
    const before = process.cpuUsage();
    const seconds: SecondLevels[] = [];
    for (let from = 0; from < samples.length; from += rateHz) {
      meter.push(state, samples, from, from + rateHz, 0);
      seconds.push(meter.take(state));
    }
    const { user, system } = process.cpuUsage(before);
    return summarised((user + system) / 1e6, seconds);
  };
};

const referenceOf = (python: string, file: string, rateHz: number) => {
  const highest = bandsOfRate(rateHz).findLast(({ valid }) => valid)?.midHz ?? 1000;
  const args = [file, String(rateHz), String(Math.round(highest))];
  const reference = startReference(python, 'levels_reference.py', args, answer);
  return {
    run: async (how: 'stream' | 'file'): Promise<Run> => {
      const { cpuS, chunks } = await reference.ask(how);
      return summarised(cpuS, chunks);
    },
    stop: () => reference.stop(),
  };
};

const rowOf = (rateHz: number, engine: LevelsRow['engine'], runs: readonly Run[], ours: readonly Run[]): LevelsRow => {
  const timesRealTime = spreadOf(runs.map(({ cpuS }) => SECONDS / cpuS));
  const own = spreadOf(ours.map(({ cpuS }) => SECONDS / cpuS));
  const [first] = runs;
  return {
    rateHz,
    engine,
    timesRealTime,
    ratio: engine === 'earshot' ? null : own.median / timesRealTime.median,
    cpuRunsS: runs.map(({ cpuS }) => cpuS),
    laeqDb: first?.laeqDb ?? null,
    lafMaxDb: first?.lafMaxDb ?? null,
  };
};

const benchRate = (rateHz: number, runs: number, python: string | null): Promise<readonly LevelsRow[]> =>
  withFolder(async (folder) => {
    const samples = noise(SECONDS * rateHz);
    const earshot = earshotOf(samples, rateHz);
    const ours: Run[] = [];
    const stream: Run[] = [];
    const whole: Run[] = [];
    const file = join(folder, 'samples.f32');
    await writeFile(file, Buffer.from(samples.buffer));
    const reference = python === null ? null : referenceOf(python, file, rateHz);
    try {
      for (let i = 0; i < WARM_UP_RUNS; i++) earshot();
      await reference?.run('stream');
      await reference?.run('file');
      // Taken in turn, so that what else the machine does hits all of them.
      for (let i = 0; i < runs; i++) {
        ours.push(earshot());
        if (reference === null) continue;
        stream.push(await reference.run('stream'));
        whole.push(await reference.run('file'));
      }
    } finally {
      await reference?.stop();
    }
    const rows = [rowOf(rateHz, 'earshot', ours, ours)];
    if (reference === null) return rows;
    return [
      ...rows,
      rowOf(rateHz, 'pyoctaveband-stream', stream, ours),
      rowOf(rateHz, 'pyoctaveband-file', whole, ours),
    ];
  });

/**
 * All levels and bands of one sensor, second by second, beside PyOctaveBand with the same work in Python. `runs`: at least 5, each engine in turn.
 * Earshot also measures time weighting I, the C peak between samples, DC and flags, which the reference does not.
 */
export const benchLevels = async (runs: number, withReference: boolean): Promise<LevelsBench> => {
  const { python, referenceAbsent } = await findPython(withReference);
  const rows: LevelsRow[] = [];
  for (const rateHz of RATES_HZ) rows.push(...(await benchRate(rateHz, runs, python)));
  return { bench: 'levels', runs, secondsOfSound: SECONDS, rows, referenceAbsent };
};

/** How much faster than each reference, run by run. */
export const levelsFigures = ({ rows }: LevelsBench): Figures =>
  Object.fromEntries(
    rows
      .filter(({ engine }) => engine !== 'earshot')
      .map(({ rateHz, engine, cpuRunsS }) => {
        const own = rows.find((row) => row.rateHz === rateHz && row.engine === 'earshot')?.cpuRunsS ?? [];
        const runs = cpuRunsS.map((cpuS, i) => cpuS / (own[i] ?? NaN));
        return [`${rateHz / 1000} kHz: faster than ${engine}`, { better: 'higher', runs } as const];
      }),
  );

const shown = (level: LevelDb): string => (level === null ? '' : level.toFixed(2));

export const levelsTable = ({ rows, runs, secondsOfSound, referenceAbsent }: LevelsBench): string => {
  const lines = rows.map(({ rateHz, engine, timesRealTime: { median, min, max }, ratio, laeqDb, lafMaxDb }) => {
    const cells = [
      `${rateHz / 1000} kHz`,
      engine,
      `${median.toFixed(0)} ×`,
      `${min.toFixed(0)}–${max.toFixed(0)}`,
      ratio === null ? '' : `${ratio.toFixed(1)} ×`,
      shown(laeqDb),
      shown(lafMaxDb),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    `All levels and third octaves of one sensor, one core: ${runs} runs in turn of ${secondsOfSound} s of sound, median and spread.`,
    '',
    '| rate | engine | × real time | spread | Earshot is faster by | LAeq | LAFmax |',
    '|---|---|---|---|---|---|---|',
    ...lines,
    ...(referenceAbsent === null ? [] : ['', `The reference did not run: ${referenceAbsent}`]),
    '',
  ].join('\n');
};
