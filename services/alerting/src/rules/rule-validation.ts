import { ID_PATTERN, ID_RULE, type Rule } from '@earshot/contracts';
import { levelQuantities, severities } from '@earshot/core/alerting';
import { isQuantity, isSeverity } from '@earshot/platform/records';

const DAY_S = 86_400;
const MAX_SENSORS = 1_000;

type Problems = readonly string[];

const ok = (fine: boolean, problem: string): Problems => (fine ? [] : [problem]);
const within = (name: string, value: number, from: number, to: number, unit: string): Problems =>
  ok(value >= from && value <= to, `${name} ${value}: ${from} to ${to}${unit}`);
const id = (name: string, value: string): Problems =>
  ok(ID_PATTERN.test(value), `${name} ${JSON.stringify(value)}: ${ID_RULE}`);

const conditionProblems = (rule: Rule): Problems => {
  switch (rule.condition?.$case) {
    case 'level': {
      const { quantity, aboveDb, forS, resolveAfterS } = rule.condition.value;
      return [
        ...ok(
          isQuantity(quantity),
          `condition.level.quantity ${JSON.stringify(quantity)}: one of ${levelQuantities.join(', ')}`,
        ),
        ...within('condition.level.above_db', aboveDb, -300, 300, ' dB'),
        ...within('condition.level.for_s', forS, 1, DAY_S, ' s'),
        ...within('condition.level.resolve_after_s', resolveAfterS, 0, DAY_S, ' s (0: 10 s)'),
      ];
    }
    case 'event': {
      const { label, minConfidence, minDurationS } = rule.condition.value;
      return [
        ...ok(label.length > 0 && label.length <= 100, 'condition.event.label: 1 to 100 characters'),
        ...within('condition.event.min_confidence', minConfidence, 0, 1, ''),
        ...within('condition.event.min_duration_s', minDurationS, 0, DAY_S, ' s'),
      ];
    }
    case 'anomaly': {
      const { forS, minCondition } = rule.condition.value;
      return [
        ...within('condition.anomaly.for_s', forS, 0, DAY_S, ' s'),
        ...ok(
          ['', 'alarm', 'danger'].includes(minCondition),
          `condition.anomaly.min_condition ${JSON.stringify(minCondition)}: alarm or danger`,
        ),
      ];
    }
    case undefined:
      return ['condition is missing: level, event or anomaly'];
  }
};

const urlProblems = (url: string): Problems => {
  if (url === '') return [];
  if (url.length > 2_000) return ['webhook_url: at most 2000 characters'];
  if (!URL.canParse(url)) return ['webhook_url: not a URL'];
  const { protocol, username, password } = new URL(url);
  return [
    ...ok(protocol === 'https:' || protocol === 'http:', `webhook_url ${protocol}: http or https`),
    ...ok(username === '' && password === '', 'webhook_url: without user name and password'),
  ];
};

/** What is wrong with a rule that somebody wants to put, every mistake at once. */
export const ruleProblems = (rule: Rule): Problems => [
  ...id('tenant_id', rule.tenantId),
  ...(rule.ruleId === '' ? [] : id('rule_id', rule.ruleId)),
  ...ok(rule.name.trim().length > 0 && rule.name.length <= 200, 'name: 1 to 200 characters'),
  ...ok(rule.sensorIds.length <= MAX_SENSORS, `sensor_ids: at most ${MAX_SENSORS}; none means all sensors`),
  ...rule.sensorIds.slice(0, MAX_SENSORS).flatMap((sensorId) => id('sensor_ids', sensorId)),
  ...ok(
    rule.severity === '' || isSeverity(rule.severity),
    `severity ${JSON.stringify(rule.severity)}: one of ${severities.join(', ')}`,
  ),
  ...conditionProblems(rule),
  ...urlProblems(rule.webhookUrl),
];
