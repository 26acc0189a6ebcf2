import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchDrain } from './capacity/drain.js';
import { benchLive } from './capacity/live.js';
import { drainTable, liveTable } from './capacity/tables.js';
import { benchLatency } from './latency/latency.js';
import { latencyTable } from './latency/tables.js';
import { compareWithBaseline, saveBaseline } from './baseline/baseline.js';
import { comparisonTable, type Comparison } from './baseline/compare.js';
import type { Figures } from './baseline/figures.js';
import { benchDsp, dspTable } from './dsp.js';
import { benchInference, inferenceTable } from './inference.js';
import { benchLevels, levelsFigures, levelsTable } from './levels.js';
import { benchPipeline, pipelineTable } from './pipeline.js';
import { ratioFigures } from './rows.js';

const usage = `npm run bench -- <levels | dsp | inference | pipeline | capacity | latency> [options]

  --runs N         measured runs; 5 or more (7, capacity 5, latency 100)
  --json           one line of JSON instead of the table
  --out DIR        where <bench>.json and <bench>.md go (.earshot/bench)
  --no-reference   Earshot alone (all but capacity)
  --baseline       held against tools/bench/baseline/<bench>.json; status 1 when a figure is more than 10 % worse
                   at 95 % confidence, 2 when one could not be measured
  --save-baseline  writes that file

levels: all levels of one sensor beside PyOctaveBand
dsp: log-mel beside librosa and meyda, the FFT beside fft.js
inference: the models through our ONNX adapter beside Python's onnxruntime
pipeline: features, levels and inference together beside plain Python

capacity: sound of many sensors through a whole stack of its own: doors, Kafka, every stage, ClickHouse
  --sensors N      (200)
  --seconds N      of sound per sensor and run (60)
  --protocol P     mqtt or grpc (mqtt)
  --seed N         of the sound (1)
  --live           in real time instead, for --minutes; exit status 1 when lag or latency are too large
  --minutes N      (10)

latency: the API over a year of many sensors, and the console's live page, on a stack of its own
  --rows N         windows of 15 min; the other tables follow (100000000)
  --runs N         requests of each kind (100)
  --sensors N      with a year of hours, on the live page (1000)
  --seconds N      that the live page is watched (20)
`;

const wholeOf = (name: string, text: string, min: number, max: number): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max)
    throw new Error(`--${name} ${text}: a whole number from ${min} to ${max}`);
  return value;
};

const kinds = ['levels', 'dsp', 'inference', 'pipeline', 'capacity', 'latency'] as const;
const defaults = { runs: '7', sensors: '200', seconds: '60' } as const;
const defaultsOf: Readonly<Partial<Record<(typeof kinds)[number], Partial<Record<keyof typeof defaults, string>>>>> = {
  capacity: { runs: '5' },
  latency: { runs: '100', sensors: '1000', seconds: '20' },
};

const parse = () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    allowNegative: true,
    options: {
      runs: { type: 'string' },
      reference: { type: 'boolean', default: true },
      baseline: { type: 'boolean', default: false },
      'save-baseline': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      out: { type: 'string', default: '.earshot/bench' },
      sensors: { type: 'string' },
      seconds: { type: 'string' },
      rows: { type: 'string', default: '100000000' },
      protocol: { type: 'string', default: 'mqtt' },
      seed: { type: 'string', default: '1' },
      live: { type: 'boolean', default: false },
      minutes: { type: 'string', default: '10' },
    },
  });
  const kind = kinds.find((one) => one === positionals[0]);
  if (positionals.length !== 1 || kind === undefined) throw new Error(`which bench? There are: ${kinds.join(', ')}`);
  const own = { ...defaults, ...defaultsOf[kind] };
  const protocol = (['mqtt', 'grpc'] as const).find((one) => one === values.protocol);
  if (protocol === undefined) throw new Error(`--protocol ${values.protocol}: mqtt or grpc`);
  return {
    ...{ kind, protocol, json: values.json, out: values.out, live: values.live, reference: values.reference },
    ...{ baseline: values.baseline, saveBaseline: values['save-baseline'] },
    runs: wholeOf('runs', values.runs ?? own.runs, 1, 1000),
    sensors: wholeOf('sensors', values.sensors ?? own.sensors, 1, 5000),
    seconds: wholeOf('seconds', values.seconds ?? own.seconds, 1, 3600),
    minutes: wholeOf('minutes', values.minutes, 1, 1440),
    rows: wholeOf('rows', values.rows, 100_000, 1e9),
    seed: wholeOf('seed', values.seed, 0, 2 ** 31),
  } as const;
};

type Options = ReturnType<typeof parse>;

const begin = performance.now();
const say = (text: string): void => {
  process.stderr.write(`[${((performance.now() - begin) / 1000).toFixed(0).padStart(4)} s] ${text}\n`);
};

interface Told {
  /** Of the files; absent: the bench's. */
  readonly name?: string;
  readonly report: object;
  readonly table: string;
  /** What --json ends with. */
  readonly line: object;
  /** What a baseline keeps, and the raw runs behind it; absent: the bench has no baseline. */
  readonly figures?: Figures;
  readonly timings?: object;
}

const benches: Readonly<Record<Options['kind'], (options: Options) => Promise<Told>>> = {
  levels: async ({ runs, reference }) => {
    const report = await benchLevels(runs, reference);
    const timings = Object.fromEntries(report.rows.map((row) => [`${row.rateHz} Hz ${row.engine}, s`, row.cpuRunsS]));
    return { report, table: levelsTable(report), line: report, figures: levelsFigures(report), timings };
  },
  dsp: async ({ runs, reference }) => {
    const report = await benchDsp(runs, reference);
    const figures = ratioFigures([...report.logMel, ...report.fft]);
    return { report, table: dspTable(report), line: report, figures, timings: report.timings };
  },
  inference: async ({ runs, reference }) => {
    const report = await benchInference(runs, reference);
    const { rows, timings } = report;
    return { report, table: inferenceTable(report), line: report, figures: ratioFigures(rows), timings };
  },
  pipeline: async ({ runs, reference }) => {
    const report = await benchPipeline(runs, reference);
    const { rows, timings } = report;
    return { report, table: pipelineTable(report), line: report, figures: ratioFigures(rows), timings };
  },
  capacity: async (options) => {
    if (options.live) {
      const report = await benchLive({ ...options, say });
      if (report.problems.length > 0) process.exitCode = 1;
      return { name: 'live', report, table: liveTable(report), line: report };
    }
    const report = await benchDrain({ ...options, say });
    const { sensorSecondsPerCoreSecond, perProcess, sensors } = report;
    const line = { sensorSecondsPerCoreSecond: sensorSecondsPerCoreSecond.median, perProcess, sensors };
    const figures: Figures = {
      'sensor-seconds per core-second': { better: 'higher', runs: report.perRun },
    };
    return { report, table: drainTable(report), line, figures, timings: { perProcess } };
  },
  latency: async (options) => {
    const report = await benchLatency({ ...options, requests: options.runs, say });
    return { report, table: latencyTable(report), line: report };
  },
};

/** Saves or compares as asked; what is added to the table and to the line. */
const withBaseline = async (options: Options, told: Told): Promise<Told> => {
  const { kind } = options;
  if (!options.baseline && !options.saveBaseline) return told;
  if (told.figures === undefined) throw new Error(`${kind} has no figures for a baseline`);
  if (options.baseline && options.saveBaseline) throw new Error('--baseline or --save-baseline, not both');
  const { referenceAbsent = null } = told.report as { readonly referenceAbsent?: string | null };
  if (options.saveBaseline && referenceAbsent !== null)
    throw new Error(`no baseline without the reference: ${referenceAbsent}`);
  if (options.saveBaseline) say(`Baseline: ${await saveBaseline(kind, told.figures, told.timings ?? {})}`);
  if (!options.baseline) return told;
  const comparisons = await compareWithBaseline(kind, told.figures);
  const has = (verdict: Comparison['verdict']): boolean => comparisons.some((one) => one.verdict === verdict);
  // What could not be measured is no regression, but nothing to rely on either.
  if (has('worse') || has('missing')) process.exitCode = has('worse') ? 1 : 2;
  const table = `${told.table}\n${comparisonTable(comparisons)}`;
  return { ...told, table, line: { ...told.line, baseline: comparisons } };
};

try {
  const options = parse();
  const {
    name = options.kind,
    report,
    table,
    line,
  } = await withBaseline(options, await benches[options.kind](options));
  await mkdir(options.out, { recursive: true });
  await writeFile(join(options.out, `${name}.json`), `${JSON.stringify(report, null, 1)}\n`);
  await writeFile(join(options.out, `${name}.md`), table);
  process.stdout.write(options.json ? `${JSON.stringify(line)}\n` : table);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  process.exitCode = 2;
}
