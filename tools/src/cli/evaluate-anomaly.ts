import { parseArgs } from 'node:util';
import { createRealFft } from '@earshot/platform/fft';
import { callersPath } from '../analyze/options.js';
import { measureCost, type DetectorCost } from '../evaluate-anomaly/cost.js';
import { evaluateFalseAlarms, falseAlarmsOf, type FalseAlarms } from '../evaluate-anomaly/false-alarms.js';
import { evaluateForest, type ForestResult } from '../evaluate-anomaly/forest.js';
import { evaluateMachines, type MachinesResult } from '../evaluate-anomaly/machines.js';
import { UserError } from '../process/wait.js';

const usage = `Usage: earshot evaluate-anomaly [PART...] [options]

Judges the anomaly detector, offline. Parts (default: all):
  forest     chainsaw, helicopter and crackling fire mixed into the forest day, learned on its other half; wants --recordings
  machines   imbalance and bearing faults of generated machines over varying load
  cost       CPU time and state of one generated sensor over two hours
  days       false alarms on generated sensor-days: street, yard, park, plant; the first day of each is for learning

  --recordings DIR   folder with forest-day/ and esc10/
  --seed N           draws everything that is drawn (default 1)
  --judged HALF      which half hours of the forest day are judged: even or odd (default odd)
  --folds LIST       esc10 folds that the events are from (default 3,4,5)
  --rounds N         times that events are drawn anew for the forest day (default 3)
  --snr-db X         of the events in the forest day (default 0)
  --machines N       generated machines (default 8)
  --learn-s N        healthy seconds that each is learned from (default 900)
  --judge-s N        seconds of each judged spell (default 180)
  --fault-db X       fault to machine (default -10)
  --sensors N        sensors per kind of place (default 2)
  --days N           judged days of each (default 4)
  --json             one JSON document, else a short table
`;

const parts = ['forest', 'machines', 'cost', 'days'] as const;
type Part = (typeof parts)[number];
const isPart = (text: string): text is Part => (parts as readonly string[]).includes(text);

const options = {
  recordings: { type: 'string' },
  seed: { type: 'string', default: '1' },
  judged: { type: 'string', default: 'odd' },
  folds: { type: 'string', default: '3,4,5' },
  rounds: { type: 'string', default: '3' },
  'snr-db': { type: 'string', default: '0' },
  machines: { type: 'string', default: '8' },
  'learn-s': { type: 'string', default: '900' },
  'judge-s': { type: 'string', default: '180' },
  'fault-db': { type: 'string', default: '-10' },
  sensors: { type: 'string', default: '2' },
  days: { type: 'string', default: '4' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const COST_S = 7200;

interface Report {
  forest?: ForestResult;
  machines?: MachinesResult;
  cost?: DetectorCost;
  days?: FalseAlarms;
}

const number = (name: string, text: string, low: number, high: number): number => {
  const value = Number(text);
  if (text.trim() === '' || !(value >= low && value <= high))
    throw new UserError(`--${name} ${text}: expected ${low} to ${high}`);
  return value;
};

const whole = (name: string, text: string, low: number, high: number): number => {
  const value = number(name, text, low, high);
  if (!Number.isInteger(value)) throw new UserError(`--${name} ${text}: expected a whole number`);
  return value;
};

/** `earshot evaluate-anomaly`: answers the exit status. */
export const run = async (argv: readonly string[]): Promise<number> => {
  const { values, positionals } = parseArgs({ args: [...argv], allowPositionals: true, options });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const unknown = positionals.find((part) => !isPart(part));
  if (unknown !== undefined) throw new UserError(`${unknown}: expected ${parts.join(', ')}`);
  const wanted = positionals.length === 0 ? parts : positionals.filter(isPart);
  const seed = whole('seed', values.seed, 0, 2 ** 31);
  const fft = await createRealFft(1024);
  const report: Report = {};
  if (wanted.includes('forest')) {
    if (values.recordings === undefined) throw new UserError('forest wants --recordings');
    if (values.judged !== 'even' && values.judged !== 'odd')
      throw new UserError(`--judged ${values.judged}: even or odd`);
    report.forest = await evaluateForest(
      {
        recordings: callersPath(values.recordings),
        ...{ seed, judged: values.judged, rounds: whole('rounds', values.rounds, 1, 100) },
        folds: values.folds.split(',').map((fold) => whole('folds', fold, 1, 5)),
        snrDb: number('snr-db', values['snr-db'], -30, 60),
      },
      fft,
    );
  }
  if (wanted.includes('machines')) {
    const machines = {
      ...{ seed, machines: whole('machines', values.machines, 1, 1000) },
      learnS: whole('learn-s', values['learn-s'], 130, 86_400),
      judgeS: whole('judge-s', values['judge-s'], 30, 86_400),
      faultDb: number('fault-db', values['fault-db'], -60, 20),
    };
    report.machines = evaluateMachines(machines, fft, await createRealFft(8192));
  }
  if (wanted.includes('cost')) report.cost = measureCost(seed, COST_S);
  if (wanted.includes('days')) {
    const sensorsPerPlace = whole('sensors', values.sensors, 1, 1000);
    const sensors = evaluateFalseAlarms({
      ...{ seed, sensorsPerPlace, days: whole('days', values.days, 1, 365) },
      onSensor: ({ place, alarms }) => process.stderr.write(`${place}: alarms per day ${alarms.join(', ')}\n`),
    });
    report.days = falseAlarmsOf(sensors);
  }
  process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : tableOf(report));
  return 0;
};

const tableOf = ({ forest, machines, cost, days }: Report): string => {
  const lines: string[] = [];
  if (forest !== undefined) {
    lines.push(`forest: ${forest.falseAlarms} false alarms in ${forest.judgedRecordings} recordings as they are`);
    for (const unit of ['seconds', 'verdicts'] as const)
      for (const [label, { auc, pauc, positives }] of Object.entries(forest[unit]))
        lines.push(
          `  ${unit.padEnd(8)} ${label.padEnd(14)} AUC ${auc.toFixed(3)}  pAUC(0.1) ${pauc.toFixed(3)}  of ${positives}`,
        );
    for (const [label, share] of Object.entries(forest.foundShare))
      lines.push(`  alarmed  ${label.padEnd(14)} ${(100 * share).toFixed(0)} % of the recordings with one`);
  }
  if (machines !== undefined) {
    lines.push(
      `machines: ${machines.falseAlarms} false alarms in ${machines.healthyS} healthy seconds of ${machines.machines}`,
    );
    for (const [fault, one] of Object.entries(machines.faults))
      lines.push(
        `  ${fault.padEnd(10)} AUC ${one.auc.toFixed(3)}, lowest ${one.worstAuc.toFixed(3)}; found in ${one.found} of ${machines.machines}, ` +
          `named within one bin at once in ${one.namedAtOnce}, in ${(100 * one.namedShare).toFixed(0)} % of the anomalous verdicts`,
      );
  }
  if (cost !== undefined)
    lines.push(
      `cost: ${cost.cpuUsPerS.toFixed(0)} us of CPU per second of a sensor, state at most ${cost.stateBytes} bytes`,
    );
  if (days !== undefined) {
    lines.push(
      `days: ${days.alarms} false alarms in ${days.sensorDays} judged sensor-days (${days.perDay.toFixed(2)} a day; at most ` +
        `${days.upperPerDay.toFixed(2)} at 95 %); on the first day, while new: ${days.firstDayAlarms} on ${days.sensors} sensors`,
    );
  }
  return `${lines.join('\n')}\n`;
};
