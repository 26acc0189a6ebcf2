import type { Alert, AlertRule } from './types.js';

/** FNV-1a, 32 bit, as 8 hexadecimal digits. */
export const fnv1a = (text: string): string => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
};

export const raise = (
  rule: AlertRule,
  at: { readonly sensorId: string; readonly raisedUs: number; readonly receivedTimeUs: number },
  what: { readonly message: string; readonly value: number; readonly limit: number; readonly causeId: string },
): Alert => ({
  id: `${rule.ruleId}.${rule.version}.${at.sensorId}.${at.raisedUs}`,
  tenantId: rule.tenantId,
  sensorId: at.sensorId,
  ruleId: rule.ruleId,
  ruleName: rule.name,
  severity: rule.severity,
  state: 'raised',
  raisedUs: at.raisedUs,
  resolvedUs: 0,
  ...what,
  revision: 0,
  receivedTimeUs: at.receivedTimeUs,
});

export const resolve = (alert: Alert, resolvedUs: number, receivedTimeUs: number, message: string): Alert => ({
  ...alert,
  state: 'resolved',
  resolvedUs: Math.max(alert.raisedUs, resolvedUs),
  message,
  revision: 1,
  receivedTimeUs,
});
