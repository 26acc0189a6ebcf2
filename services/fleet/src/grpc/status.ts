import { SensorState, sensorKey, type Sensor, type SensorStatus } from '@earshot/contracts';
import { gapsOf, isOnline } from '@earshot/core/fleet';
import type { PresenceTable } from '../presence/presence-table.js';

export type DescribeSensor = (sensor: Sensor) => SensorStatus;

/** What fleet answers about a sensor: its record and its presence at the time of asking. The key's hash stays here. */
export const createDescribeSensor =
  (deps: { readonly table: PresenceTable; readonly silentAfterUs: number; nowUs(): number }): DescribeSensor =>
  (sensor) => {
    const presence = deps.table.get(sensorKey(sensor.tenantId, sensor.sensorId));
    const nowUs = deps.nowUs();
    if (presence === undefined) {
      return {
        sensor: withoutHash(sensor),
        lastSeenUs: 0,
        lastReceivedUs: 0,
        online: false,
        gapSeconds: 0,
        gapCount: 0,
        sampleRateHz: 0,
        calibrated: sensor.fullScaleDb !== undefined,
      };
    }
    return {
      sensor: withoutHash(sensor),
      lastSeenUs: presence.lastSeenUs,
      lastReceivedUs: presence.lastReceivedUs,
      online: sensor.state !== SensorState.SENSOR_STATE_RETIRED && isOnline(presence, nowUs, deps.silentAfterUs),
      ...gapsOf(presence, nowUs),
      sampleRateHz: presence.sampleRateHz,
      calibrated: sensor.fullScaleDb !== undefined || presence.calibrated,
    };
  };

/** Hashes are for the doors, which read the topic; nobody who asks needs them. */
export const withoutHash = (sensor: Sensor): Sensor => ({ ...sensor, keySha256: '' });
