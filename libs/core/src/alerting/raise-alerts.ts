import { drop, emit, type Outcome, type Stage } from '../stage/index.js';
import { stepAnomalyRule, type AnomalyMemory } from './anomaly-rule.js';
import { resolve } from './alert-life.js';
import { stepEventRule, type EventMemory } from './event-rule.js';
import { stepLevelRule, type LevelMemory } from './level-rule.js';
import { ruleEnded } from './messages.js';
import { versionAt, watches, type RuleSource } from './rule-book.js';
import type { Alert, AlertInput, AlertRule, Condition } from './types.js';

/** What one rule remembers, and the version it was made under. */
interface Kept<M> {
  readonly version: number;
  readonly ruleName: string;
  readonly memory: M;
}
type Shelf<M> = Readonly<Record<string, Kept<M>>>;

/**
 * State of one sensor. Each kind of input has a part of its own that no other kind reads or writes: so the alerts do not
 * depend on how the three topics arrive relative to each other.
 */
export interface AlertingState {
  readonly level: { readonly endUs: number; readonly rules: Shelf<LevelMemory> };
  readonly event: { readonly closed: readonly string[]; readonly rules: Shelf<Exclude<EventMemory, null>> };
  readonly anomaly: { readonly endUs: number; readonly rules: Shelf<AnomalyMemory> };
}

/** An input further ahead of its reception than this comes from a wrong clock. */
const FUTURE_US = 600e6;
const TOLERANCE_US = 0.5e6;
/** Closed events that are remembered, so that a phase that comes again raises nothing. */
const MAX_CLOSED = 32;

interface Advance<M> {
  readonly rules: Shelf<M>;
  readonly alerts: readonly Alert[];
}

interface Walk<M> {
  readonly source: RuleSource;
  readonly kind: Condition['kind'];
  readonly input: AlertInput;
  /** Event time that decides which version is in force. */
  readonly timeUs: number;
  /** Event time from which on the version has to have been in force. */
  readonly sinceUs: number;
  openOf(memory: M): readonly Alert[];
  step(rule: AlertRule, memory: M | null): { readonly memory: M | null; readonly alerts: readonly Alert[] };
}

/** Takes one input through every rule of its kind, in order of rule id. */
const walkRules = <M>(shelf: Shelf<M>, walk: Walk<M>): Advance<M> => {
  const { source, input, timeUs } = walk;
  const known = source.ruleIds(input.tenantId);
  const forgotten = Object.keys(shelf).filter((ruleId) => !known.includes(ruleId));
  const alerts: Alert[] = [];
  const rules: Record<string, Kept<M>> = {};
  for (const ruleId of [...known, ...forgotten]) {
    const versions = source.versions(input.tenantId, ruleId);
    let kept = shelf[ruleId];
    const at = versionAt(versions, timeUs);
    // Inputs overlap a little in time: a version once met is not left for an older one.
    const inForce = versions.find(({ version }) => version === Math.max(at?.version ?? 0, kept?.version ?? 0)) ?? at;
    if (kept !== undefined && kept.version !== inForce?.version) {
      // The version in force is not known any more, only one that comes later: nothing can be said until then.
      if (inForce === undefined && versions.length > 0) {
        rules[ruleId] = kept;
        continue;
      }
      alerts.push(...endOf(kept, versions, walk));
      kept = undefined;
    }
    if (inForce?.condition.kind !== walk.kind || !watches(inForce, input.sensorId)) continue;
    if (inForce.effectiveFromUs > walk.sinceUs) {
      if (kept !== undefined) rules[ruleId] = kept;
      continue;
    }
    const after = walk.step(inForce, kept?.memory ?? null);
    alerts.push(...after.alerts);
    if (after.memory !== null)
      rules[ruleId] = { version: inForce.version, ruleName: inForce.name, memory: after.memory };
  }
  return { rules, alerts };
};

/** The rule was changed, disabled or deleted: its open alerts end when that took effect. */
const endOf = <M>(kept: Kept<M>, versions: readonly AlertRule[], walk: Walk<M>): readonly Alert[] => {
  const successor = versions.find(({ version }) => version > kept.version);
  const message = ruleEnded(kept.ruleName, successor);
  return walk
    .openOf(kept.memory)
    .map((open) => resolve(open, successor?.effectiveFromUs ?? walk.timeUs, walk.input.receivedTimeUs, message));
};

const openOne = ({ open }: { readonly open: Alert | null }): readonly Alert[] => (open === null ? [] : [open]);

type Advanced = readonly [AlertingState, Outcome<Alert>];

const advance = (source: RuleSource, state: AlertingState, input: AlertInput): Advanced => {
  const timeUs = input.kind === 'event' ? input.offsetUs : input.timeUs;
  if (input.receivedTimeUs > 0 && timeUs > input.receivedTimeUs + FUTURE_US) return [state, drop('out-of-scope')];
  switch (input.kind) {
    case 'level': {
      if (timeUs < state.level.endUs - TOLERANCE_US) return [state, drop('late')];
      const { rules, alerts } = walkRules<LevelMemory>(state.level.rules, {
        source,
        kind: 'level',
        input,
        timeUs,
        sinceUs: timeUs,
        openOf: openOne,
        step: (rule, memory) =>
          rule.condition.kind === 'level'
            ? stepLevelRule(rule, rule.condition, memory, input)
            : { memory: null, alerts: [] },
      });
      return [{ ...state, level: { endUs: timeUs + input.durationMs * 1000, rules } }, emit(...alerts)];
    }
    case 'event': {
      if (state.event.closed.includes(input.eventId)) return [state, drop('duplicate')];
      const { rules, alerts } = walkRules<Exclude<EventMemory, null>>(state.event.rules, {
        source,
        kind: 'event',
        input,
        timeUs,
        // An event that began under an older version is not this one's.
        sinceUs: input.onsetUs,
        openOf: (memory) => Object.values(memory),
        step: (rule, memory) =>
          rule.condition.kind === 'event'
            ? stepEventRule(rule, rule.condition, memory, input)
            : { memory: null, alerts: [] },
      });
      const closed =
        input.phase === 'close' ? [...state.event.closed, input.eventId].slice(-MAX_CLOSED) : state.event.closed;
      return [{ ...state, event: { closed, rules } }, emit(...alerts)];
    }
    case 'anomaly': {
      if (timeUs < state.anomaly.endUs - TOLERANCE_US) return [state, drop('late')];
      const { rules, alerts } = walkRules<AnomalyMemory>(state.anomaly.rules, {
        source,
        kind: 'anomaly',
        input,
        timeUs,
        sinceUs: timeUs,
        openOf: openOne,
        step: (rule, memory) =>
          rule.condition.kind === 'anomaly'
            ? stepAnomalyRule(rule, rule.condition, memory, input)
            : { memory: null, alerts: [] },
      });
      return [{ ...state, anomaly: { endUs: timeUs + input.durationMs * 1000, rules } }, emit(...alerts)];
    }
  }
};

/**
 * Rules over levels, events and anomalies → alerts, raised once and resolved once. Rules are a side input, effective-dated
 * in event time. Inputs of one kind are in order; any interleaving of the kinds gives the same alerts.
 */
export const createRaiseAlerts = (source: RuleSource): Stage<AlertingState, AlertInput, Alert> => ({
  init: () => ({
    level: { endUs: 0, rules: {} },
    event: { closed: [], rules: {} },
    anomaly: { endUs: 0, rules: {} },
  }),
  step: (state, batch) => {
    let current = state;
    const outcomes = batch.map((input) => {
      const [next, outcome] = advance(source, current, input);
      current = next;
      return outcome;
    });
    return { state: current, outcomes };
  },
  // What is open at the end of a file stays open: nothing says that it is over.
  flush: () => [],
});
