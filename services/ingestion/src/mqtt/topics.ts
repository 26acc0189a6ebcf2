import { ID_PATTERN } from '@earshot/contracts';
import type { SensorRef } from '../access/sensors.js';

const refOf = (tenantId: string | undefined, sensorId: string | undefined): SensorRef | undefined =>
  tenantId !== undefined && sensorId !== undefined && ID_PATTERN.test(tenantId) && ID_PATTERN.test(sensorId)
    ? { tenantId, sensorId }
    : undefined;

export const framesTopic = ({ tenantId, sensorId }: SensorRef): string => `earshot/${tenantId}/${sensorId}/frames`;
export const errorsTopic = ({ tenantId, sensorId }: SensorRef): string => `earshot/${tenantId}/${sensorId}/errors`;

/** The sensor whose frames a topic carries. */
export const sensorOfFramesTopic = (topic: string): SensorRef | undefined => {
  const parts = topic.split('/');
  return parts.length === 4 && parts[0] === 'earshot' && parts[3] === 'frames' ? refOf(parts[1], parts[2]) : undefined;
};

/** `<tenant>/<sensor>`. */
export const sensorOfUsername = (username: string): SensorRef | undefined => {
  const parts = username.split('/');
  return parts.length === 2 ? refOf(parts[0], parts[1]) : undefined;
};
