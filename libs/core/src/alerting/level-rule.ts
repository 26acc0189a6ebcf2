import { raise, resolve } from './alert-life.js';
import { levelRaised, levelResolved } from './messages.js';
import type { Alert, AlertRule, LevelCondition, LevelSecond } from './types.js';

/** Seconds above the limit that follow each other. */
interface Run {
  readonly startUs: number;
  readonly endUs: number;
  /** Energy in it (for Leq quantities), relative to the limit: mean of 10^((L − limit)/10) × seconds. */
  readonly energyS: number;
  readonly maxDb: number;
}

/** Memory of one level rule for one sensor; null: the last second was below and nothing is open. */
export interface LevelMemory {
  readonly run: Run;
  readonly open: Alert | null;
}

export interface LevelStep {
  readonly memory: LevelMemory | null;
  readonly alerts: readonly Alert[];
}

/** Seconds follow each other when they are no further apart than this; durations are met within 1 ms. */
const TOLERANCE_US = 0.5e6;
const ROUNDING_US = 1e3;

const extend = (run: Run | undefined, second: LevelSecond, valueDb: number, aboveDb: number): Run => {
  const endUs = second.timeUs + second.durationMs * 1000;
  const energyS = (second.durationMs / 1000) * 10 ** ((valueDb - aboveDb) / 10);
  return run === undefined
    ? { startUs: second.timeUs, endUs, energyS, maxDb: valueDb }
    : { startUs: run.startUs, endUs, energyS: run.energyS + energyS, maxDb: Math.max(run.maxDb, valueDb) };
};

const valueOf = (run: Run, { quantity, aboveDb }: LevelCondition): number =>
  quantity === 'lafmax' || quantity === 'lcpeak'
    ? run.maxDb
    : aboveDb + 10 * Math.log10(run.energyS / ((run.endUs - run.startUs) / 1e6));

/** One second of a sensor, for one rule version in force. Seconds are in order of time. */
export const stepLevelRule = (
  rule: AlertRule,
  condition: LevelCondition,
  before: LevelMemory | null,
  second: LevelSecond,
): LevelStep => {
  const valueDb = second.levelsDb[condition.quantity];
  const above = valueDb !== null && valueDb > condition.aboveDb;
  if (before?.open != null) {
    const dueUs = before.run.endUs + condition.resolveAfterS * 1e6;
    // Above again in time, and missing seconds count as not above.
    const overUs = above ? second.timeUs : second.timeUs + second.durationMs * 1000;
    if (overUs < dueUs - ROUNDING_US) {
      return {
        memory: above ? { ...before, run: extend(before.run, second, valueDb, condition.aboveDb) } : before,
        alerts: [],
      };
    }
    const aboveForS = (before.run.endUs - before.run.startUs) / 1e6;
    const message = levelResolved(condition, second.sensorId, second.calibrated, aboveForS);
    const resolved = resolve(before.open, dueUs, second.receivedTimeUs, message);
    const next = stepLevelRule(rule, condition, null, second);
    return { memory: next.memory, alerts: [resolved, ...next.alerts] };
  }
  if (!above) return { memory: null, alerts: [] };
  const follows = before !== null && second.timeUs - before.run.endUs <= TOLERANCE_US;
  const run = extend(follows ? before.run : undefined, second, valueDb, condition.aboveDb);
  const metUs = run.startUs + condition.forS * 1e6;
  if (run.endUs < metUs - ROUNDING_US) return { memory: { run, open: null }, alerts: [] };
  const value = valueOf(run, condition);
  const alert = raise(
    rule,
    { sensorId: second.sensorId, raisedUs: metUs, receivedTimeUs: second.receivedTimeUs },
    {
      message: levelRaised(condition, second.sensorId, value, second.calibrated),
      value,
      limit: condition.aboveDb,
      causeId: '',
    },
  );
  return { memory: { run, open: alert }, alerts: [alert] };
};
