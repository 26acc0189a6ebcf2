import type { ComparedAlert, ComparedEvent, Difference } from './types.js';

/** Pairs each of `a` with the first of `b` that is not paired yet and the same. */
const pair = <T>(a: readonly T[], b: readonly T[], isSame: (a: T, b: T) => boolean): Difference<T> => {
  const left = new Set(b);
  const onlyA = a.filter((one) => {
    for (const other of left)
      if (isSame(one, other)) {
        left.delete(other);
        return false;
      }
    return true;
  });
  return { same: a.length - onlyA.length, onlyA, onlyB: [...left] };
};

/** Events are the same when their common time is at least half of their time together. */
export const eventDifference = (a: readonly ComparedEvent[], b: readonly ComparedEvent[]): Difference<ComparedEvent> =>
  pair(a, b, (one, other) => {
    if (one.sensor !== other.sensor || one.label !== other.label) return false;
    const common = Math.min(one.offsetUs, other.offsetUs) - Math.max(one.onsetUs, other.onsetUs);
    const together = Math.max(one.offsetUs, other.offsetUs) - Math.min(one.onsetUs, other.onsetUs);
    return common >= together / 2;
  });

const SAME_ALERT_US = 2e6;

/** Alerts are the same when one rule raised them for one sensor within two seconds. */
export const alertDifference = (a: readonly ComparedAlert[], b: readonly ComparedAlert[]): Difference<ComparedAlert> =>
  pair(
    a,
    b,
    (one, other) =>
      one.sensor === other.sensor &&
      one.ruleId === other.ruleId &&
      Math.abs(one.raisedUs - other.raisedUs) <= SAME_ALERT_US,
  );
