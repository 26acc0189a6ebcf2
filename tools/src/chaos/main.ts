import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pageOf } from './page.js';
import { runChaos } from './run.js';
import { runStorms } from './storms.js';

const usage = `npm run chaos -- [options]

Kills, stops, cuts and rebalances a stack of its own while simulated sensors play, then compares everything with a run without faults.

  --minutes N   of sound under fire (default 20)
  --faults N    over that time (default 5 a minute)
  --sensors N   over MQTT, HTTP and gRPC together (default 84: 100,000 frames in 20 minutes)
  --seed N      of the faults and the sound (default 1)
  --out DIR     where chaos-<seed>.json and .html go (default .earshot/chaos)
  --json        one line of JSON instead of the summary

  --storms N    instead: N rebalances while sensors play, then N rounds of one message after idling; longest recoveries

Exit status 1 when something was lost, came twice or differs.
`;

const numberOf = (name: string, text: string, min: number, max: number): number => {
  const value = Number(text);
  if (!(value >= min && value <= max)) throw new Error(`--${name} ${text}: ${min} to ${max}`);
  return value;
};

const parse = () => {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '20' },
      faults: { type: 'string' },
      sensors: { type: 'string', default: '84' },
      seed: { type: 'string', default: '1' },
      out: { type: 'string', default: '.earshot/chaos' },
      json: { type: 'boolean', default: false },
      storms: { type: 'string' },
    },
  });
  const minutes = numberOf('minutes', values.minutes, 0.5, 600);
  return {
    minutes,
    faults: Math.round(numberOf('faults', values.faults ?? String(5 * minutes), 1, 100_000)),
    sensors: Math.round(numberOf('sensors', values.sensors, 3, 900)),
    seed: Math.round(numberOf('seed', values.seed, 0, 2 ** 31)),
    out: values.out,
    json: values.json,
    storms: values.storms === undefined ? null : Math.round(numberOf('storms', values.storms, 1, 1000)),
  };
};

const readOptions = () => {
  try {
    return parse();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return null;
  }
};

type Options = ReturnType<typeof parse>;
type Say = (text: string) => void;

const chaos = async (options: Options, say: Say): Promise<readonly string[]> => {
  const report = await runChaos({ ...options, say });
  const file = join(options.out, `chaos-${options.seed}`);
  await writeFile(`${file}.json`, `${JSON.stringify(report, null, 1)}\n`);
  await writeFile(`${file}.html`, pageOf(report));
  const { frames, faults, outputs, problems } = report;
  const told = problems.length === 0 ? 'nothing lost, nothing twice, all outputs equal' : problems.join('\n  ');
  const summary =
    `${faults.length} faults over ${frames.acknowledged} acknowledged frames, ${frames.stored} stored; ` +
    `outputs ${outputs.map(({ topic, distinct }) => `${topic} ${distinct}`).join(', ')}\n${told}\n${file}.html\n`;
  process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : summary);
  return problems;
};

const storms = async (rounds: number, { out, json }: Options, say: Say): Promise<readonly string[]> => {
  const report = await runStorms({ rounds, say });
  await writeFile(join(out, 'storms.json'), `${JSON.stringify(report, null, 1)}\n`);
  const { longestStandS, longestIdleS, stalls, idleStalls, problems } = report;
  const summary =
    `${rounds} rebalances: ${stalls} stalls, longest stand ${JSON.stringify(longestStandS)} s; ` +
    `${rounds} idle rounds: ${idleStalls} stalls, longest ${longestIdleS} s\n${problems.join('\n')}\n`;
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : summary);
  return problems;
};

const options = readOptions();
if (options === null) process.exitCode = 2;
else {
  const begin = performance.now();
  const say = (text: string): void => {
    process.stderr.write(`[${((performance.now() - begin) / 1000).toFixed(0).padStart(4)} s] ${text}\n`);
  };
  await mkdir(options.out, { recursive: true });
  const problems = options.storms === null ? await chaos(options, say) : await storms(options.storms, options, say);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
