import { describe, expect, it } from '@jest/globals';
import type { Anomaly, Rule } from '../api/types.js';
import { matchRoute, sensorAddress } from '../routes.js';
import { checkDraft, describeCondition, draftOf, NEW_RULE } from './alerts/rule-draft.js';
import { DEFAULT_FILTER, filterSearch, parseFilter, queryRange } from './events/event-filter.js';
import { sensorIdProblem, suggestId } from './overview/sensor-id.js';
import { visibleRows } from './overview/virtual-grid.js';
import { anomalyEpisodes } from './sensor/anomaly-episodes.js';
import { BANDS_HEIGHT, layOutTrace, TRACE_WIDTH } from './sensor/anomaly-layout.js';
import { explainAnomaly } from './sensor/anomaly-text.js';

describe('routes', () => {
  it('leads each address to its page', () => {
    expect(matchRoute('/')).toEqual({ page: 'overview' });
    expect(matchRoute(sensorAddress('a b'))).toEqual({ page: 'sensor', id: 'a b' });
    expect(matchRoute('/alerts/')).toEqual({ page: 'alerts' });
    expect(matchRoute('/models')).toEqual({ page: 'models' });
    expect(matchRoute('/sensors/x/y')).toEqual({ page: 'unknown' });
    expect(matchRoute('/sensors/%zz')).toEqual({ page: 'sensor', id: '%zz' });
  });
});

describe('sensor ids', () => {
  it('makes a valid id of a name', () => {
    for (const name of ['Nördl. Tor 3', ' -- Zürich', 'x'.repeat(90)])
      expect(sensorIdProblem(suggestId(name))).toBeNull();
    expect(suggestId('North gate')).toBe('north-gate');
    expect(suggestId('門')).toBe('');
  });

  it.each(['', '-a', 'a b', 'ä', 'x'.repeat(65)])('refuses “%s”', (id) => {
    expect(sensorIdProblem(id)).not.toBeNull();
  });
});

describe('rules', () => {
  const rule: Rule = {
    id: 'r-1',
    name: 'Night limit',
    sensorIds: ['a'],
    severity: 'critical',
    condition: { kind: 'level', quantity: 'lafmax', aboveDb: -12.5, forS: 10, resolveAfterS: 30 },
    webhookUrl: 'https://example.org/hook',
    enabled: false,
    version: 1,
    effectiveFrom: '',
    createdAt: '',
    updatedAt: '',
  };

  it('come out of the form as they went in', () => {
    const conditions: Rule['condition'][] = [
      rule.condition,
      { kind: 'event', label: 'dog_bark', minConfidence: 0.7, minDurationS: 1.5 },
      { kind: 'anomaly', forS: 60, minCondition: 'danger' },
    ];
    for (const condition of conditions) {
      const { name, sensorIds, severity, webhookUrl, enabled } = rule;
      expect(checkDraft(draftOf({ ...rule, condition }))).toEqual({
        body: { name, sensorIds, severity, webhookUrl, enabled, condition },
      });
    }
  });

  it('name every field that is wrong', () => {
    const draft = { ...NEW_RULE, aboveDb: 'loud', forS: '1.5', everySensor: false, webhookUrl: 'ftp://x' };
    const checked = checkDraft(draft);
    expect('problems' in checked ? Object.keys(checked.problems).sort() : []).toEqual([
      'aboveDb',
      'forS',
      'name',
      'sensorIds',
      'webhookUrl',
    ]);
  });

  it('take a decimal comma and a typeset minus', () => {
    const checked = checkDraft({ ...NEW_RULE, name: 'n', aboveDb: '−12,5' });
    expect(checked).toMatchObject({ body: { condition: { aboveDb: -12.5 } } });
  });

  it('read as a sentence', () => {
    expect(describeCondition(rule.condition)).toBe('LAFmax above −12.5 dB for 10 s; resolves after 30 s');
  });
});

describe('event filter', () => {
  it('lives in the address and says only what differs', () => {
    const filter = { ...DEFAULT_FILTER, sensor: 'a', label: 'dog_bark', state: 'open', range: '7d' } as const;
    expect(parseFilter(filterSearch(filter))).toEqual(filter);
    expect(filterSearch(DEFAULT_FILTER)).toBe('');
    expect(parseFilter('?state=broken&range=9y')).toEqual(DEFAULT_FILTER);
  });

  it('asks for the range up to now', () => {
    expect(queryRange(DEFAULT_FILTER, 86_400_000)).toEqual({ from: '1970-01-01T00:00:00.000Z' });
    expect(queryRange({ ...DEFAULT_FILTER, range: 'custom', from: '2026-11-22T10:00:00Z' }, 0)).toEqual({
      from: '2026-11-22T10:00:00.000Z',
    });
  });
});

describe('virtual grid', () => {
  const shape = { leastColumnWidth: 288, rowHeight: 176, gap: 12 };

  it('keeps only what is near the window', () => {
    const view = visibleRows(shape, { width: 1392, top: -20_000, windowHeight: 900 });
    expect(view.columns).toBe(4);
    expect(view.endRow - view.firstRow).toBeLessThan(14);
    expect(view.firstRow * 188).toBeLessThan(20_000);
    expect(view.endRow * 188).toBeGreaterThan(20_900);
  });

  it('has one column on a phone', () => {
    expect(visibleRows(shape, { width: 328, top: 100, windowHeight: 800 }).columns).toBe(1);
    expect(visibleRows(shape, { width: 200, top: 100, windowHeight: 800 }).columns).toBe(1);
  });
});

describe('anomaly episodes', () => {
  const anomaly = (time: string, score: number, episodeOnset: string | null): Anomaly => ({
    id: time,
    sensorId: 's',
    time,
    durationMs: 10_000,
    score,
    threshold: 4,
    state: 'anomalous',
    warmUp: 1,
    explanation: [],
    detectorId: 'd',
    episodeOnset,
    condition: 'alarm',
    worstTime: time,
    maturity: 1,
    findings: [],
    shaftHz: null,
  });

  it('are one line each, with the highest score', () => {
    const found = anomalyEpisodes([anomaly('t3', 5, 't1'), anomaly('t2', 9, 't1'), anomaly('t7', 6, 't7')]);
    expect(found.map(({ onset, peak }) => [onset, peak.score])).toEqual([
      ['t7', 6],
      ['t1', 9],
    ]);
  });

  it('leave learning and normal verdicts out', () => {
    expect(anomalyEpisodes([{ ...anomaly('t', 9, null), state: 'normal' }])).toEqual([]);
  });
});

describe('anomaly trace', () => {
  const endMs = Date.parse('2026-06-01T12:00:00Z');
  const verdict = (secondsAgo: number, score: number): Anomaly => ({
    id: String(secondsAgo),
    sensorId: 's',
    time: new Date(endMs - 1000 * secondsAgo).toISOString(),
    durationMs: 5000,
    score,
    threshold: 2,
    state: score > 2 ? 'anomalous' : 'normal',
    warmUp: 1,
    explanation:
      score > 2
        ? [
            { frequencyHz: 50, deviationDb: -10 },
            { frequencyHz: 8000, deviationDb: 30 },
          ]
        : [],
    detectorId: 'd',
    episodeOnset: null,
    condition: score > 2 ? 'alarm' : 'acceptable',
    worstTime: null,
    maturity: 1,
    findings: [],
    shaftHz: null,
  });

  it('lays verdicts out in time and by score, the threshold between normal and unusual', () => {
    const { verdicts, thresholdY } = layOutTrace([verdict(10, 1), verdict(450, 4), verdict(2000, 9)], endMs);
    expect(verdicts.map(({ id }) => id)).toEqual(['450', '10']);
    expect(verdicts[0]?.x).toBeCloseTo(TRACE_WIDTH / 2);
    expect(verdicts[0]?.y).toBeLessThan(thresholdY);
    expect(verdicts[1]?.y).toBeGreaterThan(thresholdY);
  });

  it('shows the bands of an unusual verdict at their frequencies', () => {
    const { bands } = layOutTrace([verdict(10, 1), verdict(450, 4)], endMs);
    expect(bands.map(({ y, louder }) => [y, louder])).toEqual([
      [BANDS_HEIGHT, false],
      [0, true],
    ]);
    expect(bands[1]?.radius).toBeGreaterThan(bands[0]?.radius ?? Infinity);
  });

  it('is explained by a machine’s fault first', () => {
    const finding = { fault: 'bpfo', frequencyHz: 87.2, order: 3.6, prominenceDb: 20, excessDb: 14 };
    expect(explainAnomaly({ ...verdict(10, 4), findings: [finding] })).toBe(
      'Outer race (BPFO) at 87.2 Hz, 50 Hz 10 dB quieter, 8 kHz 30 dB louder',
    );
    expect(explainAnomaly({ ...verdict(10, 1), warmUp: 0.5 })).toBe('Baseline 50 % learned');
  });
});
