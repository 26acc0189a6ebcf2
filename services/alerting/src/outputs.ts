import { Alert as AlertMessage, AlertState, topicName } from '@earshot/contracts';
import type { Alert } from '@earshot/core/alerting';
import type { OutgoingRecord } from '@earshot/platform/kafka';

export const toAlertMessage = ({ state, ...alert }: Alert): AlertMessage => ({
  ...alert,
  state: state === 'raised' ? AlertState.ALERT_STATE_RAISED : AlertState.ALERT_STATE_RESOLVED,
});

export const alertRecord = (alert: Alert, namespace: string): OutgoingRecord => ({
  topic: topicName('alerts', namespace),
  key: `${alert.tenantId}/${alert.id}`,
  value: AlertMessage.encode(toAlertMessage(alert)).finish(),
});
