import type { Rule } from '@earshot/contracts';
import {
  levelQuantities,
  severities,
  type AlertRule,
  type Condition,
  type LevelQuantity,
  type Severity,
} from '@earshot/core/alerting';

export const DEFAULT_RESOLVE_AFTER_S = 10;

export const isQuantity = (word: string): word is LevelQuantity =>
  (levelQuantities as readonly string[]).includes(word);
export const isSeverity = (word: string): word is Severity => (severities as readonly string[]).includes(word);

const toCondition = (rule: Rule): Condition | null => {
  switch (rule.condition?.$case) {
    case 'level': {
      const { quantity, aboveDb, forS, resolveAfterS } = rule.condition.value;
      if (!isQuantity(quantity)) return null;
      return { kind: 'level', quantity, aboveDb, forS, resolveAfterS: resolveAfterS || DEFAULT_RESOLVE_AFTER_S };
    }
    case 'event':
      return { kind: 'event', ...rule.condition.value };
    case 'anomaly':
      return {
        kind: 'anomaly',
        forS: rule.condition.value.forS,
        minCondition: rule.condition.value.minCondition === 'danger' ? 'danger' : 'alarm',
      };
    case undefined:
      return null;
  }
};

/** null: not a rule that this version understands. */
export const toAlertRule = (rule: Rule): AlertRule | null => {
  const condition = toCondition(rule);
  if (condition === null || !isSeverity(rule.severity)) return null;
  const { tenantId, ruleId, version, name, sensorIds, severity, enabled, deleted, effectiveFromUs } = rule;
  return { tenantId, ruleId, version, name, sensorIds, severity, enabled, deleted, effectiveFromUs, condition };
};
