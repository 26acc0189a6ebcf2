/** A rule as its form holds it (all text), and its way to and from the api's form. Pure. */
import type { LevelQuantity, Rule, RuleBody, RuleCondition, Severity } from '../../api/types.js';
import { formatDb, formatDuration, formatLabel, formatPercent } from '../../lib/format.js';

export interface RuleDraft {
  readonly name: string;
  readonly kind: RuleCondition['kind'];
  readonly quantity: LevelQuantity;
  readonly aboveDb: string;
  readonly forS: string;
  readonly resolveAfterS: string;
  readonly label: string;
  readonly minConfidence: string;
  readonly minDurationS: string;
  readonly anomalyForS: string;
  readonly minCondition: 'alarm' | 'danger';
  readonly severity: Severity;
  readonly everySensor: boolean;
  readonly sensorIds: readonly string[];
  readonly webhookUrl: string;
  readonly enabled: boolean;
}

export type DraftProblems = Partial<Record<keyof RuleDraft, string>>;

export const NEW_RULE: RuleDraft = {
  name: '',
  kind: 'level',
  quantity: 'laeq',
  aboveDb: '',
  forS: '10',
  resolveAfterS: '30',
  label: '',
  minConfidence: '0.7',
  minDurationS: '0',
  anomalyForS: '30',
  minCondition: 'alarm',
  severity: 'warning',
  everySensor: true,
  sensorIds: [],
  webhookUrl: '',
  enabled: true,
};

export const QUANTITY_NAMES: Readonly<Record<LevelQuantity, string>> = {
  laeq: 'LAeq',
  lceq: 'LCeq',
  lzeq: 'LZeq',
  lafmax: 'LAFmax',
  lcpeak: 'LCpeak',
};

export function draftOf(rule: Rule): RuleDraft {
  const { condition } = rule;
  const common = {
    ...NEW_RULE,
    name: rule.name,
    kind: condition.kind,
    severity: rule.severity,
    everySensor: rule.sensorIds.length === 0,
    sensorIds: rule.sensorIds,
    webhookUrl: rule.webhookUrl ?? '',
    enabled: rule.enabled,
  };
  switch (condition.kind) {
    case 'level':
      return {
        ...common,
        quantity: condition.quantity,
        aboveDb: String(condition.aboveDb),
        forS: String(condition.forS),
        resolveAfterS: String(condition.resolveAfterS),
      };
    case 'event':
      return {
        ...common,
        label: condition.label,
        minConfidence: String(condition.minConfidence),
        minDurationS: String(condition.minDurationS),
      };
    case 'anomaly':
      return { ...common, anomalyForS: String(condition.forS), minCondition: condition.minCondition };
  }
}

/** The body for the api, or what is wrong with which field. */
export function checkDraft(draft: RuleDraft): { readonly body: RuleBody } | { readonly problems: DraftProblems } {
  const problems: Partial<Record<keyof RuleDraft, string>> = {};
  const number = (field: keyof RuleDraft, limits: { low: number; high: number; whole?: boolean }): number => {
    const text = String(draft[field]).trim().replace(',', '.').replace('−', '-');
    const value = text === '' ? NaN : Number(text);
    if (!(value >= limits.low && value <= limits.high) || (limits.whole === true && !Number.isInteger(value))) {
      const kind = limits.whole === true ? 'A whole number' : 'A number';
      problems[field] = `${kind} from ${formatNumber(limits.low)} to ${formatNumber(limits.high)}.`;
    }
    return value;
  };
  if (draft.name.trim() === '') problems.name = 'A name is needed.';
  if (!draft.everySensor && draft.sensorIds.length === 0) problems.sensorIds = 'Choose at least one sensor.';
  if (draft.webhookUrl.trim() !== '' && !isWebUrl(draft.webhookUrl.trim())) {
    problems.webhookUrl = 'A whole address beginning with http:// or https://.';
  }
  const condition = conditionOf(draft, number);
  if (condition.kind === 'event' && condition.label === '') problems.label = 'Choose a label.';
  if (Object.keys(problems).length > 0) return { problems };
  return {
    body: {
      name: draft.name.trim(),
      sensorIds: draft.everySensor ? [] : draft.sensorIds,
      severity: draft.severity,
      condition,
      webhookUrl: draft.webhookUrl.trim() === '' ? null : draft.webhookUrl.trim(),
      enabled: draft.enabled,
    },
  };
}

type ReadNumber = (field: keyof RuleDraft, limits: { low: number; high: number; whole?: boolean }) => number;

const LONGEST_S = 86_400;

function conditionOf(draft: RuleDraft, number: ReadNumber): RuleCondition {
  switch (draft.kind) {
    case 'level':
      return {
        kind: 'level',
        quantity: draft.quantity,
        aboveDb: number('aboveDb', { low: -200, high: 200 }),
        forS: number('forS', { low: 1, high: LONGEST_S, whole: true }),
        resolveAfterS: number('resolveAfterS', { low: 1, high: LONGEST_S, whole: true }),
      };
    case 'event':
      return {
        kind: 'event',
        label: draft.label.trim(),
        minConfidence: number('minConfidence', { low: 0, high: 1 }),
        minDurationS: number('minDurationS', { low: 0, high: LONGEST_S }),
      };
    case 'anomaly':
      return {
        kind: 'anomaly',
        forS: number('anomalyForS', { low: 1, high: LONGEST_S, whole: true }),
        minCondition: draft.minCondition,
      };
  }
}

/** One sentence, e.g. `LAeq above 55.0 dB for 10 s; resolves after 30 s`. */
export function describeCondition(condition: RuleCondition): string {
  switch (condition.kind) {
    case 'level': {
      const quantity = QUANTITY_NAMES[condition.quantity];
      const hold = formatDuration(condition.forS);
      return `${quantity} above ${formatDb(condition.aboveDb)} dB for ${hold}; resolves after ${formatDuration(condition.resolveAfterS)}`;
    }
    case 'event': {
      const least = condition.minDurationS > 0 ? ` for at least ${formatDuration(condition.minDurationS)}` : '';
      return `Event “${formatLabel(condition.label)}” at ${formatPercent(condition.minConfidence)} or more${least}`;
    }
    case 'anomaly':
      return `${condition.minCondition === 'danger' ? 'In danger' : 'Anomalous'} for ${formatDuration(condition.forS)}`;
  }
}

function isWebUrl(text: string): boolean {
  return /^https?:$/.test(URL.parse(text)?.protocol ?? '');
}

function formatNumber(value: number): string {
  return value.toLocaleString('en').replace('-', '−');
}
