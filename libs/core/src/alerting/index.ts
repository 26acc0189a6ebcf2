export { createRaiseAlerts, type AlertingState } from './raise-alerts.js';
export { RuleBook, type RuleSource } from './rule-book.js';
export {
  levelQuantities,
  severities,
  type Alert,
  type AlertInput,
  type AlertRule,
  type AnomalyInterval,
  type Condition,
  type EventPhaseSeen,
  type LevelQuantity,
  type LevelSecond,
  type Severity,
} from './types.js';
