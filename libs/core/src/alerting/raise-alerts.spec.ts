import { describe, expect, it } from '@jest/globals';
import { checkChunkingLaw, checkReplayLaw } from '@earshot/testing/laws';
import fc from 'fast-check';
import { emitted } from '../stage/index.js';
import { createRaiseAlerts, RuleBook } from './index.js';
import type { Alert, AlertInput, AlertRule, AnomalyInterval, Condition, EventPhaseSeen, LevelSecond } from './index.js';

const T0 = 1_780_000_000e6;
const at = (second: number): number => T0 + second * 1e6;
const who = { tenantId: 'demo', sensorId: 'gate-1' };

const rule = (condition: Condition, changes: Partial<AlertRule> = {}): AlertRule => ({
  tenantId: 'demo',
  ruleId: 'r1',
  version: 1,
  name: 'Loud',
  sensorIds: [],
  severity: 'warning',
  condition,
  enabled: true,
  deleted: false,
  effectiveFromUs: 0,
  ...changes,
});
const loud: Condition = { kind: 'level', quantity: 'laeq', aboveDb: 70, forS: 3, resolveAfterS: 2 };
const barks: Condition = { kind: 'event', label: 'dog', minConfidence: 0.6, minDurationS: 1 };
const odd: Condition = { kind: 'anomaly', forS: 10, minCondition: 'alarm' };

const level = (second: number, laeq: number | null, changes: Partial<LevelSecond> = {}): LevelSecond => ({
  kind: 'level',
  ...who,
  timeUs: at(second),
  durationMs: 1000,
  levelsDb: { laeq, lceq: laeq, lzeq: laeq, lafmax: laeq, lcpeak: laeq },
  calibrated: true,
  receivedTimeUs: at(second) + 1.2e6,
  ...changes,
});
const levels = (...values: readonly (number | null | undefined)[]): LevelSecond[] =>
  values.flatMap((value, second) => (value === undefined ? [] : [level(second, value)]));

const event = (
  eventId: string,
  phase: EventPhaseSeen['phase'],
  onset: number,
  offset: number,
  confidence = 0.9,
): EventPhaseSeen => ({
  kind: 'event',
  ...who,
  eventId,
  phase,
  label: 'dog',
  onsetUs: at(onset),
  offsetUs: at(offset),
  confidence,
  receivedTimeUs: at(offset) + 1e6,
});

const anomaly = (second: number, state: AnomalyInterval['state'], episode = 0): AnomalyInterval => ({
  kind: 'anomaly',
  ...who,
  anomalyId: `a${second}`,
  timeUs: at(second),
  durationMs: 5000,
  state,
  dangerous: false,
  finding: null,
  score: 4,
  threshold: 2,
  episodeOnsetUs: episode === 0 ? 0 : at(episode),
  receivedTimeUs: at(second) + 6e6,
});

const book = (...rules: readonly AlertRule[]): RuleBook => {
  const rules_ = new RuleBook();
  for (const one of rules) rules_.put(one);
  return rules_;
};
const run = (rules: RuleBook, inputs: readonly AlertInput[]): readonly Alert[] => {
  const stage = createRaiseAlerts(rules);
  return emitted(stage.step(stage.init('demo/gate-1'), inputs).outcomes);
};
const brief = (alerts: readonly Alert[]): readonly (readonly [string, number])[] =>
  alerts.map(({ state, raisedUs, resolvedUs }) => [state, ((state === 'raised' ? raisedUs : resolvedUs) - T0) / 1e6]);

describe('level rules', () => {
  it('raise once and resolve once', () => {
    const alerts = run(book(rule(loud)), levels(60, 71, 72, 73, 74, 75, 60, 60, 60, 60));
    expect(brief(alerts)).toEqual([
      ['raised', 4],
      ['resolved', 8],
    ]);
    expect(alerts[0]).toMatchObject({ revision: 0, resolvedUs: 0, severity: 'warning', limit: 70, causeId: '' });
    expect(alerts[0]?.value).toBeCloseTo(72.08, 1);
    expect(alerts[0]?.message).toBe('LAeq of sensor gate-1 has been above 70.0 dB SPL for 3 s (72.1 dB SPL).');
    expect(alerts[1]).toMatchObject({ id: alerts[0]?.id, revision: 1, raisedUs: at(4) });
    expect(alerts[1]?.message).toBe('LAeq of sensor gate-1 is no longer above 70.0 dB SPL; it was for 5 s.');
  });

  it('says re full scale without a calibration', () => {
    const condition: Condition = { ...loud, aboveDb: -30 };
    const inputs = levels(-20, -20, -20).map((one) => ({ ...one, calibrated: false }));
    expect(run(book(rule(condition)), inputs)[0]?.message).toBe(
      'LAeq of sensor gate-1 has been above −30.0 dB re full scale for 3 s (−20.0 dB re full scale).',
    );
  });

  it.each<[string, (number | null | undefined)[]]>([
    ['a second at the limit', [80, 80, 70, 80, 80]],
    ['a second without energy', [80, 80, null, 80, 80]],
    ['a missing second', [80, 80, undefined, 80, 80]],
  ])('start again after %s', (_name, values) => {
    expect(run(book(rule(loud)), levels(...values))).toEqual([]);
  });

  it('stay raised through a dip shorter than resolve_after_s', () => {
    const alerts = run(book(rule(loud)), levels(80, 80, 80, 60, 80, 60, 80, 60, 60));
    expect(brief(alerts)).toEqual([
      ['raised', 3],
      ['resolved', 9],
    ]);
  });

  it('count missing seconds as not above: resolved when the sensor is heard again', () => {
    const alerts = run(book(rule(loud)), [...levels(80, 80, 80), level(3600, 80)]);
    expect(brief(alerts)).toEqual([
      ['raised', 3],
      ['resolved', 5],
    ]);
  });

  it('use the maximum for maxima', () => {
    const condition: Condition = { ...loud, quantity: 'lafmax' };
    expect(run(book(rule(condition)), levels(71, 90, 72))[0]?.value).toBe(90);
  });

  it('pass over seconds that come again, late, or from a wrong clock', () => {
    const whole = levels(80, 80, 80, 80, 60, 60, 60);
    const stage = createRaiseAlerts(book(rule(loud)));
    const future = level(90_000, 80, { receivedTimeUs: at(5) });
    const { outcomes } = stage.step(stage.init('k'), [
      ...whole.slice(0, 4),
      ...whole.slice(0, 3),
      future,
      ...whole.slice(4),
    ]);
    expect(brief(emitted(outcomes))).toEqual(brief(run(book(rule(loud)), whole)));
    expect(outcomes.filter(({ kind }) => kind === 'drop')).toHaveLength(4);
  });
});

describe('event rules', () => {
  it('raise on the first phase that is long and sure enough, resolve on close', () => {
    const alerts = run(book(rule(barks)), [
      event('e1', 'open', 10, 10.5),
      event('e1', 'update', 10, 12, 0.5),
      event('e1', 'update', 10, 13, 0.7),
      event('e1', 'update', 10, 14, 0.9),
      event('e1', 'close', 10, 15, 0.9),
      event('e1', 'close', 10, 15, 0.9),
    ]);
    expect(brief(alerts)).toEqual([
      ['raised', 11],
      ['resolved', 15],
    ]);
    expect(alerts[0]).toMatchObject({ causeId: 'e1', limit: 0.6, message: 'Sensor gate-1 hears dog (70 % sure).' });
  });

  it('raise and resolve at once when only the close qualifies', () => {
    expect(brief(run(book(rule(barks)), [event('e1', 'close', 10, 12)]))).toEqual([
      ['raised', 11],
      ['resolved', 12],
    ]);
  });

  it('tell apart events that begin together, and leave others alone', () => {
    const inputs = [
      event('e1', 'open', 1, 3),
      event('e2', 'open', 1, 3),
      { ...event('e3', 'open', 1, 3), label: 'siren' },
    ];
    const alerts = run(book(rule(barks)), inputs);
    expect(alerts).toHaveLength(2);
    expect(new Set(alerts.map(({ id }) => id)).size).toBe(2);
  });

  it('do not take an event that began before the rule', () => {
    const young = rule(barks, { effectiveFromUs: at(5) });
    expect(run(book(young), [event('e1', 'open', 4, 6), event('e1', 'close', 4, 9)])).toEqual([]);
  });

  it('keep an open alert when an event that began before the rule passes by', () => {
    const young = rule(barks, { effectiveFromUs: at(5) });
    const inputs = [event('e1', 'open', 6, 8), event('e0', 'update', 4, 9), event('e1', 'close', 6, 10)];
    expect(brief(run(book(young), inputs))).toEqual([
      ['raised', 7],
      ['resolved', 10],
    ]);
  });
});

describe('anomaly rules', () => {
  it('raise after for_s from the onset of the episode, resolve when normal', () => {
    const inputs = [
      anomaly(0, 'learning'),
      anomaly(5, 'anomalous', 7),
      anomaly(10, 'anomalous', 7),
      anomaly(15, 'anomalous', 7),
      anomaly(20, 'normal'),
      anomaly(25, 'normal'),
    ];
    const alerts = run(book(rule(odd)), inputs);
    expect(brief(alerts)).toEqual([
      ['raised', 17],
      ['resolved', 25],
    ]);
    expect(alerts[0]?.message).toBe('Sensor gate-1 has sounded unusual for 13 s (score 4.0, limit 2.0).');
  });

  it('that ask for danger wait for it, and name the fault that a machine shows', () => {
    const finding = { fault: 'bpfo', frequencyHz: 87.24, prominenceDb: 14.2 };
    const dangerous = (second: number): AnomalyInterval => ({
      ...anomaly(second, 'anomalous', 7),
      dangerous: true,
      finding,
    });
    const inputs = [anomaly(5, 'anomalous', 7), ...[10, 15, 20].map(dangerous), anomaly(25, 'anomalous', 7)];
    const alerts = run(book(rule({ kind: 'anomaly', forS: 10, minCondition: 'danger' })), inputs);
    expect(brief(alerts)).toEqual([
      ['raised', 20],
      ['resolved', 30],
    ]);
    expect(alerts[0]?.message).toBe(
      'Sensor gate-1 has sounded unusual for 10 s (score 4.0, limit 2.0); BPFO line at 87.2 Hz (+14 dB over its surroundings).',
    );
  });

  it('do not add up what lies on two sides of a long silence', () => {
    expect(run(book(rule(odd)), [anomaly(0, 'anomalous'), anomaly(60, 'anomalous')])).toEqual([]);
  });
});

describe('rules in event time', () => {
  const v2 = rule({ ...loud, aboveDb: 90 }, { version: 2, effectiveFromUs: at(5) });

  it('resolve at the time a new version takes effect, which then goes by its own limit', () => {
    const alerts = run(book(rule(loud), v2), levels(80, 80, 80, 80, 80, 80, 95, 95, 95, 95));
    expect(brief(alerts)).toEqual([
      ['raised', 3],
      ['resolved', 5],
      ['raised', 9],
    ]);
    expect(alerts[1]?.message).toBe('Rule Loud was changed.');
  });

  it.each([
    ['disabled', { enabled: false }],
    ['deleted', { deleted: true, enabled: false }],
  ])('resolve when %s', (word, changes) => {
    const alerts = run(
      book(rule(loud), rule(loud, { ...changes, version: 2, effectiveFromUs: at(4) })),
      levels(80, 80, 80, 80, 80, 80),
    );
    expect(brief(alerts)).toEqual([
      ['raised', 3],
      ['resolved', 4],
    ]);
    expect(alerts[1]?.message).toBe(`Rule Loud was ${word}.`);
  });

  it('apply old versions to old event times, whenever they are read', () => {
    const early = levels(80, 80, 80);
    expect(run(book(rule(loud), v2), early)).toEqual(run(book(rule(loud)), early));
  });

  it('leave open alerts alone until the next version, when the old one is no longer known', () => {
    const before = createRaiseAlerts(book(rule(loud)));
    const { state } = before.step(before.init('k'), levels(80, 80, 80));
    const after = createRaiseAlerts(book(v2));
    const outcomes = after.step(state, [level(3, 60), level(4, 60), level(5, 60)]).outcomes;
    expect(brief(emitted(outcomes))).toEqual([['resolved', 5]]);
  });

  it('resolve what belongs to a rule nobody knows any more', () => {
    const before = createRaiseAlerts(book(rule(loud)));
    const { state } = before.step(before.init('k'), levels(80, 80, 80));
    const after = createRaiseAlerts(book());
    expect(brief(emitted(after.step(state, [level(3, 80)]).outcomes))).toEqual([['resolved', 3]]);
  });

  it('watch only the sensors that are named, and only the tenant', () => {
    const inputs = levels(80, 80, 80);
    expect(run(book(rule(loud, { sensorIds: ['other'] })), inputs)).toEqual([]);
    expect(run(book(rule(loud, { tenantId: 'other' })), inputs)).toEqual([]);
    expect(run(book(rule(loud, { sensorIds: ['gate-1', 'other'] })), inputs)).toHaveLength(1);
  });
});

describe('laws', () => {
  const rules = book(
    rule(loud),
    rule({ ...loud, forS: 1, resolveAfterS: 1 }, { ruleId: 'r2', effectiveFromUs: at(4) }),
    rule({ ...loud, forS: 2 }, { ruleId: 'r2', version: 2, effectiveFromUs: at(20) }),
    rule(barks, { ruleId: 'r3' }),
    rule({ ...barks, minConfidence: 0.9 }, { ruleId: 'r3', version: 2, effectiveFromUs: at(15) }),
    rule(odd, { ruleId: 'r4', effectiveFromUs: at(3) }),
    rule(barks, { ruleId: 'r1', version: 2, effectiveFromUs: at(25) }),
  );
  const someLevels = fc
    .array(fc.option(fc.constantFrom(60, 72, 80, 95, null), { nil: undefined, freq: 8 }), { maxLength: 40 })
    .map((values) => levels(...values));
  const someEvents = fc
    .array(
      fc.record({
        onset: fc.nat(30),
        length: fc.integer({ min: 1, max: 8 }),
        confidence: fc.constantFrom(0.3, 0.7, 0.95),
      }),
      { maxLength: 6 },
    )
    .map((all) =>
      all
        .flatMap(({ onset, length, confidence }, index) => [
          event(`e${index}`, 'open', onset, onset + 0.5, confidence),
          event(`e${index}`, 'update', onset, onset + length / 2, confidence),
          event(`e${index}`, 'close', onset, onset + length, confidence),
        ])
        .sort((a, b) => a.offsetUs - b.offsetUs),
    );
  const someAnomalies = fc
    .array(fc.constantFrom('learning', 'normal', 'anomalous', 'anomalous'), { maxLength: 10 })
    .map((states) => states.map((state, index) => anomaly(index * 5, state)));
  const topics = fc.tuple(someLevels, someEvents, someAnomalies);
  const interleave = (kinds: readonly (readonly AlertInput[])[], order: readonly number[]): readonly AlertInput[] => {
    const queues = kinds.map((kind) => [...kind]);
    const mixed: AlertInput[] = [];
    for (let index = 0; queues.some(({ length }) => length > 0); index += 1) {
      const open = queues.filter(({ length }) => length > 0);
      const next = open[(order[index % order.length] ?? 0) % open.length]?.shift();
      if (next !== undefined) mixed.push(next);
    }
    return mixed;
  };
  const orders = fc.array(fc.nat(2), { minLength: 1, maxLength: 20 });
  const inputs = fc.tuple(topics, orders).map(([kinds, order]) => interleave(kinds, order));

  it('chunking', () => checkChunkingLaw(createRaiseAlerts(rules), inputs));
  it('replay', () => checkReplayLaw(createRaiseAlerts(rules), inputs));

  it('any interleaving that keeps the order of each topic gives the same alerts', () => {
    let alertsSeen = 0;
    fc.assert(
      fc.property(topics, orders, orders, (kinds, one, other) => {
        const sorted = (alerts: readonly Alert[]): readonly Alert[] =>
          [...alerts].sort((a, b) => `${a.id}${a.revision}`.localeCompare(`${b.id}${b.revision}`));
        const first = sorted(run(rules, interleave(kinds, one)));
        alertsSeen += first.length;
        expect(sorted(run(rules, interleave(kinds, other)))).toEqual(first);
      }),
      { numRuns: 200 },
    );
    expect(alertsSeen).toBeGreaterThan(200);
  });

  it('every alert is raised once and resolved at most once, in that order', () => {
    fc.assert(
      fc.property(inputs, (all) => {
        const alerts = run(rules, all);
        for (const alertId of new Set(alerts.map(({ id }) => id))) {
          const life = alerts.filter(({ id }) => id === alertId);
          expect(life.map(({ state }) => state)).toEqual(['raised', 'resolved'].slice(0, life.length));
          expect(life.map(({ revision }) => revision)).toEqual([0, 1].slice(0, life.length));
        }
      }),
      { numRuns: 200 },
    );
  });
});
