import { compareClassifiers, compareSequences, type Comparison } from '@earshot/core/comparison';
import type { DetectionRule } from '@earshot/core/detection';
import type { Model } from '@earshot/contracts';
import type { ModelKey } from '@earshot/core/classification';
import { detectionRule } from '@earshot/platform/onnx';
import { z } from 'zod';
import { UserError } from '../process/wait.js';
import { formatTable } from '../stack/table.js';
import { activityOf, eventRules, knownModels, windowsOf, type Log, type LogRange } from './read-log.js';

export interface ComparedModels extends Comparison {
  readonly task: string;
  readonly from: string;
  readonly to: string;
  readonly models: { readonly a: string; readonly b: string };
}

/** `id@version`, or an id of which one version is known. */
export const resolveModel = (text: string, known: ReadonlyMap<ModelKey, unknown>): ModelKey => {
  if (known.has(text)) return text;
  const [one, ...others] = [...known.keys()].filter((key) => key.startsWith(`${text}@`));
  if (one !== undefined && others.length === 0) return one;
  throw new UserError(
    one === undefined
      ? `${text}: no such model; known are ${[...known.keys()].join(', ') || 'none'}`
      : `${text}: which version? There are ${[one, ...others].join(', ')}`,
  );
};

const ruleOf = (key: ModelKey, model: Model | undefined): DetectionRule => {
  try {
    return z.object({ detection: detectionRule }).parse(JSON.parse(model?.manifestJson ?? '')).detection;
  } catch {
    throw new UserError(`${key}: its manifest has no detection rule that can be used`);
  }
};

/** What would have changed with model b in the place of a, from the log. */
export const compareModels = async (log: Log, a: string, b: string, range: LogRange): Promise<ComparedModels> => {
  const known = await knownModels(log);
  const [keyA, keyB] = [resolveModel(a, known), resolveModel(b, known)];
  const [modelA, modelB] = [known.get(keyA), known.get(keyB)];
  const task = modelA?.task ?? '';
  if (task !== modelB?.task)
    throw new UserError(`${keyA} is for ${task}, ${keyB} for ${modelB?.task ?? ''}: only models of one task compare`);
  const head = {
    task,
    from: new Date(range.fromUs / 1000).toISOString(),
    to: new Date(range.toUs / 1000).toISOString(),
    models: { a: keyA, b: keyB },
  };
  if (task === 'audio-classification') {
    const windows = await windowsOf(log, [keyA, keyB], range);
    return { ...head, ...compareClassifiers(windows.get(keyA) ?? [], windows.get(keyB) ?? []) };
  }
  const rules = { a: ruleOf(keyA, modelA), b: ruleOf(keyB, modelB), alertRules: await eventRules(log) };
  const activity = await activityOf(log, [keyA, keyB], range);
  return { ...head, ...compareSequences(activity.get(keyA) ?? [], activity.get(keyB) ?? [], rules) };
};

const EXAMPLES = 10;
const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
const hours = (seconds: number): string => `${(seconds / 3600).toFixed(2)} h`;
const clock = (timeUs: number): string => new Date(timeUs / 1000).toISOString();

const examplesOf = <T>(title: string, all: readonly T[], line: (one: T) => string): readonly string[] =>
  all.length === 0
    ? []
    : [
        `${title}:`,
        ...all.slice(0, EXAMPLES).map((one) => `  ${line(one)}`),
        ...(all.length > EXAMPLES ? [`  … ${all.length - EXAMPLES} more (--json)`] : []),
      ];

/** For people. */
export const comparisonText = (found: ComparedModels): string => {
  const { a, b, models, events, alerts } = found;
  const rateOf = (rates: Comparison['a']['rates'], label: string) => rates.find((one) => one.label === label);
  const labels = [...new Set([...a.rates, ...b.rates, ...found.labels].map(({ label }) => label))].sort();
  const rows = labels.map((label) => {
    const [one, two] = [rateOf(a.rates, label), rateOf(b.rates, label)];
    const agreement = found.labels.find((each) => each.label === label)?.agreement ?? 1;
    return [
      label,
      ...[one, two].flatMap((rate) => [
        String(rate?.count ?? 0),
        (rate?.perHour ?? 0).toFixed(1),
        percent(rate?.timeShare ?? 0),
      ]),
      percent(agreement),
    ];
  });
  const what = found.task === 'audio-classification' ? 'windows' : 'events';
  return [
    `A ${models.a}, B ${models.b}: ${found.from} to ${found.to}`,
    `scored: A ${hours(a.scoredS)}, B ${hours(b.scoredS)}; by both ${hours(found.commonS)} of ${found.sensors} sensors`,
    ...(found.commonS === 0
      ? ['Nothing to compare: put one of them into shadow beside the other (models shadow)']
      : []),
    `agreement: ${percent(found.agreement)} of ${found.task === 'audio-classification' ? 'windows' : 'steps'}`,
    formatTable(['label', `A ${what}`, '/h', 'time', `B ${what}`, '/h', 'time', 'agreement'], rows),
    ...(events === null
      ? []
      : [
          `events: ${events.same} the same, ${events.onlyA.length} of A only, ${events.onlyB.length} of B only`,
          ...(['onlyA', 'onlyB'] as const).flatMap((side) =>
            examplesOf(
              `events of ${side === 'onlyA' ? 'A' : 'B'} only`,
              events[side],
              (one) =>
                `${clock(one.onsetUs)}  ${((one.offsetUs - one.onsetUs) / 1e6).toFixed(1)} s  ${one.sensor}  ${one.label} (${percent(one.confidence)})`,
            ),
          ),
        ]),
    ...(alerts === null
      ? []
      : [
          `alerts: ${alerts.same} the same, ${alerts.onlyA.length} of A only, ${alerts.onlyB.length} of B only`,
          ...(['onlyA', 'onlyB'] as const).flatMap((side) =>
            examplesOf(
              `alerts of ${side === 'onlyA' ? 'A' : 'B'} only`,
              alerts[side],
              (one) => `${clock(one.raisedUs)}  ${one.sensor}  ${one.ruleName}`,
            ),
          ),
        ]),
    '',
  ].join('\n');
};
