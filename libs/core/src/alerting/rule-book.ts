import type { AlertRule } from './types.js';

/** What alerting knows of rules; versions of a rule are in ascending order. */
export interface RuleSource {
  /** Rule ids of a tenant in ascending order, deleted ones included. */
  ruleIds(tenantId: string): readonly string[];
  versions(tenantId: string, ruleId: string): readonly AlertRule[];
}

/** Versions kept of one rule. Older ones are needed only for event times before the newest took effect. */
const MAX_VERSIONS = 16;

/** The rules of all tenants with the versions seen. */
export class RuleBook implements RuleSource {
  private readonly tenants = new Map<string, Map<string, readonly AlertRule[]>>();
  private readonly ids = new Map<string, readonly string[]>();

  /** Takes in a version; one seen before replaces it. */
  put(rule: AlertRule): void {
    const rules = this.tenants.get(rule.tenantId) ?? new Map<string, readonly AlertRule[]>();
    const others = (rules.get(rule.ruleId) ?? []).filter(({ version }) => version !== rule.version);
    const versions = [...others, rule].sort((a, b) => a.version - b.version).slice(-MAX_VERSIONS);
    rules.set(rule.ruleId, versions);
    this.tenants.set(rule.tenantId, rules);
    this.ids.set(rule.tenantId, [...rules.keys()].sort());
  }

  ruleIds(tenantId: string): readonly string[] {
    return this.ids.get(tenantId) ?? [];
  }

  versions(tenantId: string, ruleId: string): readonly AlertRule[] {
    return this.tenants.get(tenantId)?.get(ruleId) ?? [];
  }

  latest(tenantId: string, ruleId: string): AlertRule | undefined {
    return this.versions(tenantId, ruleId).at(-1);
  }
}

/** The version in force at an event time, whether or not it is enabled. */
export const versionAt = (versions: readonly AlertRule[], timeUs: number): AlertRule | undefined =>
  versions.findLast(({ effectiveFromUs }) => effectiveFromUs <= timeUs);

/** Whether the version asks anything of this sensor. */
export const watches = (rule: AlertRule, sensorId: string): boolean =>
  rule.enabled && !rule.deleted && (rule.sensorIds.length === 0 || rule.sensorIds.includes(sensorId));
