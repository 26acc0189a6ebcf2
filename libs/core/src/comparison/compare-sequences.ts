import { createRaiseAlerts, RuleBook, type AlertRule } from '../alerting/index.js';
import { PROBABILITY_CODES, type SoundActivity } from '../classification/index.js';
import { createDetectEvents, ruleOfLabel, type DetectionRule, type SoundEvent } from '../detection/index.js';
import { emitted, runStage } from '../stage/index.js';
import { alertDifference, eventDifference } from './differences.js';
import { LabelTally } from './label-tally.js';
import type { ComparedAlert, ComparedEvent, Comparison, LabelRate, SequenceRules } from './types.js';

/** One step of one sensor. */
interface Step {
  readonly activity: SoundActivity;
  readonly codes: Uint8Array;
}

type Steps = ReadonlyMap<number, Step>;

const sensorOf = ({ tenantId, sensorId }: SoundActivity): string => `${tenantId}/${sensorId}`;

const stepsBySensor = (all: readonly SoundActivity[]): ReadonlyMap<string, Steps> => {
  const sensors = new Map<string, Map<number, Step>>();
  for (const activity of all) {
    const { timeUs, stepMs, steps, labels, probabilities } = activity;
    const mine = sensors.get(sensorOf(activity)) ?? new Map<number, Step>();
    sensors.set(sensorOf(activity), mine);
    for (let step = 0; step < steps; step += 1)
      mine.set(timeUs + step * stepMs * 1000, {
        activity,
        codes: probabilities.slice(step * labels.length, (step + 1) * labels.length),
      });
  }
  return sensors;
};

const seconds = (sensors: ReadonlyMap<string, Steps>): number => {
  let totalMs = 0;
  for (const steps of sensors.values()) for (const { activity } of steps.values()) totalMs += activity.stepMs;
  return totalMs / 1000;
};

/**
 * What would have changed with model b in the place of a: over the steps that both told, the events of each by its own rule
 * and the alerts that follow from them. a, b: all that the models told, in any order; breaks and repetitions do not matter.
 */
export const compareSequences = (
  a: readonly SoundActivity[],
  b: readonly SoundActivity[],
  rules: SequenceRules,
): Comparison => {
  const [stepsA, stepsB] = [stepsBySensor(a), stepsBySensor(b)];
  const tally = new LabelTally();
  const [eventsA, eventsB, alertsA, alertsB] = [[], [], [], []] as [
    ComparedEvent[],
    ComparedEvent[],
    ComparedAlert[],
    ComparedAlert[],
  ];
  let [sensors, commonMs] = [0, 0];
  for (const [sensor, mine] of stepsA) {
    const other = stepsB.get(sensor);
    const times = [...mine.keys()].filter((timeUs) => other?.has(timeUs) === true).sort((x, y) => x - y);
    if (other === undefined || times.length === 0) continue;
    sensors += 1;
    for (const timeUs of times) {
      const [one, two] = [mine.get(timeUs), other.get(timeUs)];
      if (one === undefined || two === undefined) continue;
      commonMs += one.activity.stepMs;
      tally.add(probabilitiesOf(one), probabilitiesOf(two), thresholdOf(rules.a), thresholdOf(rules.b));
    }
    const [phasesA, phasesB] = [phasesOf(mine, times, rules.a), phasesOf(other, times, rules.b)];
    eventsA.push(...closedOf(sensor, phasesA));
    eventsB.push(...closedOf(sensor, phasesB));
    alertsA.push(...alertsOf(sensor, phasesA, rules.alertRules));
    alertsB.push(...alertsOf(sensor, phasesB, rules.alertRules));
  }
  const commonS = commonMs / 1000;
  return {
    sensors,
    commonS,
    a: { scoredS: seconds(stepsA), rates: ratesOf(eventsA, commonS) },
    b: { scoredS: seconds(stepsB), rates: ratesOf(eventsB, commonS) },
    agreement: tally.agreement,
    labels: tally.labels,
    events: eventDifference(eventsA, eventsB),
    alerts: alertDifference(alertsA, alertsB),
  };
};

const probabilitiesOf = ({ activity, codes }: Step): ReadonlyMap<string, number> =>
  new Map(activity.labels.map((label, index) => [label, (codes[index] ?? 0) / PROBABILITY_CODES]));

const thresholdOf = (rule: DetectionRule) => (label: string) => ruleOfLabel(rule, label).onThreshold;

/** Phases of the events in the given steps. Where a step is missing the stream is broken there. */
const phasesOf = (steps: Steps, times: readonly number[], rule: DetectionRule): readonly SoundEvent[] => {
  const detect = createDetectEvents({ ruleFor: () => rule, updateEveryS: 1, floorDb: null });
  const single = times.flatMap((timeUs): readonly SoundActivity[] => {
    const step = steps.get(timeUs);
    return step === undefined ? [] : [{ ...step.activity, timeUs, steps: 1, probabilities: step.codes }];
  });
  return runStage(detect, '', single);
};

const closedOf = (sensor: string, phases: readonly SoundEvent[]): readonly ComparedEvent[] =>
  phases
    .filter(({ phase }) => phase === 'close')
    .map(({ label, onsetUs, offsetUs, confidence }) => ({ sensor, label, onsetUs, offsetUs, confidence }));

const alertsOf = (
  sensor: string,
  phases: readonly SoundEvent[],
  rules: readonly AlertRule[],
): readonly ComparedAlert[] => {
  const book = new RuleBook();
  for (const rule of rules) book.put({ ...rule, effectiveFromUs: 0 });
  const stage = createRaiseAlerts(book);
  const inputs = phases.map(({ id, tenantId, sensorId, phase, label, onsetUs, offsetUs, confidence }) => ({
    ...{ kind: 'event' as const, tenantId, sensorId, eventId: id, phase, label, onsetUs, offsetUs, confidence },
    receivedTimeUs: 0,
  }));
  return emitted(stage.step(stage.init(sensor), inputs).outcomes)
    .filter(({ state }) => state === 'raised')
    .map(({ ruleId, ruleName, raisedUs }) => ({ sensor, ruleId, ruleName, raisedUs }));
};

const ratesOf = (events: readonly ComparedEvent[], commonS: number): readonly LabelRate[] =>
  [...new Set(events.map(({ label }) => label))].sort().map((label) => {
    const mine = events.filter((event) => event.label === label);
    const insideS = mine.reduce((sum, { onsetUs, offsetUs }) => sum + (offsetUs - onsetUs) / 1e6, 0);
    return { label, count: mine.length, perHour: (3600 * mine.length) / commonS, timeShare: insideS / commonS };
  });
