import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchDrain } from './capacity/drain.js';
import { drainTable } from './capacity/tables.js';
import { benchLatency } from './latency/latency.js';
import { latencyTable } from './latency/tables.js';
import { benchLevels, levelsTable } from './levels.js';

const usage = `npm run bench -- <levels | capacity | latency> [options]

  --runs N         measured runs; 5 or more (levels 7, capacity 5, latency 100)
  --json           one line of JSON instead of the table
  --out DIR        where <bench>.json and <bench>.md go (.earshot/bench)

levels: all levels of one sensor beside PyOctaveBand
  --no-reference   Earshot alone

capacity: sound of many sensors through a whole stack of its own: doors, Kafka, every stage, ClickHouse
  --sensors N      (200)
  --seconds N      of sound per sensor and run (30)
  --protocol P     mqtt or grpc (mqtt)
  --seed N         of the sound (1)

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

const kinds = ['levels', 'capacity', 'latency'] as const;
const defaults = {
  levels: { runs: '7', sensors: '200', seconds: '30' },
  capacity: { runs: '5', sensors: '200', seconds: '30' },
  latency: { runs: '100', sensors: '1000', seconds: '20' },
} as const;

const parse = () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    allowNegative: true,
    options: {
      runs: { type: 'string' },
      reference: { type: 'boolean', default: true },
      json: { type: 'boolean', default: false },
      out: { type: 'string', default: '.earshot/bench' },
      sensors: { type: 'string' },
      seconds: { type: 'string' },
      rows: { type: 'string', default: '100000000' },
      protocol: { type: 'string', default: 'mqtt' },
      seed: { type: 'string', default: '1' },
    },
  });
  const kind = kinds.find((one) => one === positionals[0]);
  if (positionals.length !== 1 || kind === undefined) throw new Error(`which bench? There are: ${kinds.join(', ')}`);
  const protocol = (['mqtt', 'grpc'] as const).find((one) => one === values.protocol);
  if (protocol === undefined) throw new Error(`--protocol ${values.protocol}: mqtt or grpc`);
  return {
    ...{ kind, protocol, json: values.json, out: values.out, reference: values.reference },
    runs: wholeOf('runs', values.runs ?? defaults[kind].runs, 1, 1000),
    sensors: wholeOf('sensors', values.sensors ?? defaults[kind].sensors, 1, 5000),
    seconds: wholeOf('seconds', values.seconds ?? defaults[kind].seconds, 1, 3600),
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
  readonly report: object;
  readonly table: string;
  /** What --json ends with. */
  readonly line: object;
}

const benches: Readonly<Record<Options['kind'], (options: Options) => Promise<Told>>> = {
  levels: async ({ runs, reference }) => {
    const report = await benchLevels(runs, reference);
    return { report, table: levelsTable(report), line: report };
  },
  capacity: async (options) => {
    const report = await benchDrain({ ...options, say });
    const { sensorSecondsPerCoreSecond, perProcess, sensors } = report;
    const line = { sensorSecondsPerCoreSecond: sensorSecondsPerCoreSecond.median, perProcess, sensors };
    return { report, table: drainTable(report), line };
  },
  latency: async (options) => {
    const report = await benchLatency({ ...options, requests: options.runs, say });
    return { report, table: latencyTable(report), line: report };
  },
};

try {
  const options = parse();
  const { report, table, line } = await benches[options.kind](options);
  await mkdir(options.out, { recursive: true });
  await writeFile(join(options.out, `${options.kind}.json`), `${JSON.stringify(report, null, 1)}\n`);
  await writeFile(join(options.out, `${options.kind}.md`), table);
  process.stdout.write(options.json ? `${JSON.stringify(line)}\n` : table);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  process.exitCode = 2;
}
