import { type Calibration, sensorKey } from '@earshot/contracts';
import type { CalibrationInForce } from '@earshot/core/features';

/** Calibrations of all sensors by event time. */
export interface Calibrations {
  put(calibration: Calibration): void;
  /** The latest that is in force at `timeUs`; null: none. Of two from the same time the higher version. */
  at(sensor: string, timeUs: number): CalibrationInForce | null;
}

interface Effective extends CalibrationInForce {
  readonly fromUs: number;
}

export const createCalibrations = (): Calibrations => {
  const bySensor = new Map<string, readonly Effective[]>();
  return {
    put: ({ tenantId, sensorId, calibrationId, version, fullScaleDb, effectiveFromUs }) => {
      const key = sensorKey(tenantId, sensorId);
      const others = (bySensor.get(key) ?? []).filter((one) => one.calibrationId !== calibrationId);
      const all = [...others, { calibrationId, version, fullScaleDb, fromUs: effectiveFromUs }];
      bySensor.set(
        key,
        all.sort((a, b) => a.fromUs - b.fromUs || a.version - b.version),
      );
    },
    at: (sensor, timeUs) => {
      const found = bySensor.get(sensor)?.findLast(({ fromUs }) => fromUs <= timeUs);
      if (found === undefined) return null;
      const { calibrationId, version, fullScaleDb } = found;
      return { calibrationId, version, fullScaleDb };
    },
  };
};
