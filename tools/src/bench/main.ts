import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchDrain } from './capacity/drain.js';
import { benchLive } from './capacity/live.js';
import { drainTable, liveTable } from './capacity/tables.js';
import { benchLevels, levelsTable } from './levels.js';

const usage = `npm run bench -- <levels | capacity> [options]

  --runs N         measured runs; 5 or more (levels 7, capacity 5)
  --json           one line of JSON instead of the table
  --out DIR        where <bench>.json and <bench>.md go (.earshot/bench)

levels: all levels of one sensor beside PyOctaveBand
  --no-reference   Earshot alone

capacity: sound of many sensors through a whole stack of its own: doors, Kafka, every stage, ClickHouse
  --sensors N      (200)
  --seconds N      of sound per sensor and run (30)
  --protocol P     mqtt or grpc (mqtt)
  --seed N         of the sound (1)
  --live           in real time instead, for --minutes; exit status 1 when lag or latency are too large
  --minutes N      (10)
`;

const wholeOf = (name: string, text: string, min: number, max: number): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max)
    throw new Error(`--${name} ${text}: a whole number from ${min} to ${max}`);
  return value;
};

const kinds = ['levels', 'capacity'] as const;

const parse = () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    allowNegative: true,
    options: {
      runs: { type: 'string' },
      reference: { type: 'boolean', default: true },
      json: { type: 'boolean', default: false },
      out: { type: 'string', default: '.earshot/bench' },
      sensors: { type: 'string', default: '200' },
      seconds: { type: 'string', default: '30' },
      protocol: { type: 'string', default: 'mqtt' },
      seed: { type: 'string', default: '1' },
      live: { type: 'boolean', default: false },
      minutes: { type: 'string', default: '10' },
    },
  });
  const kind = kinds.find((one) => one === positionals[0]);
  if (positionals.length !== 1 || kind === undefined) throw new Error(`which bench? There are: ${kinds.join(', ')}`);
  const protocol = (['mqtt', 'grpc'] as const).find((one) => one === values.protocol);
  if (protocol === undefined) throw new Error(`--protocol ${values.protocol}: mqtt or grpc`);
  return {
    ...{ kind, protocol, json: values.json, out: values.out, live: values.live, reference: values.reference },
    runs: wholeOf('runs', values.runs ?? (kind === 'levels' ? '7' : '5'), 1, 1000),
    sensors: wholeOf('sensors', values.sensors, 1, 5000),
    seconds: wholeOf('seconds', values.seconds, 1, 3600),
    minutes: wholeOf('minutes', values.minutes, 1, 1440),
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
}

const benches: Readonly<Record<Options['kind'], (options: Options) => Promise<Told>>> = {
  levels: async ({ runs, reference }) => {
    const report = await benchLevels(runs, reference);
    return { report, table: levelsTable(report), line: report };
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
    return { report, table: drainTable(report), line };
  },
};

try {
  const options = parse();
  const { name = options.kind, report, table, line } = await benches[options.kind](options);
  await mkdir(options.out, { recursive: true });
  await writeFile(join(options.out, `${name}.json`), `${JSON.stringify(report, null, 1)}\n`);
  await writeFile(join(options.out, `${name}.md`), table);
  process.stdout.write(options.json ? `${JSON.stringify(line)}\n` : table);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  process.exitCode = 2;
}
