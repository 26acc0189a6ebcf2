import { sensorKey, type Calibration } from '@earshot/contracts';

/** A stretch of event time in which one calibration is in force: from `fromUs` to the next segment's, microseconds. */
export interface CalibrationSegment {
  readonly fromUs: number;
  readonly version: number;
  readonly calibrationId: string;
  /** dB SPL of full-scale RMS. */
  readonly fullScaleDb: number;
}

/** Which calibration is in force when, of all sensors, as the calibrations topic says. */
export interface Ledger {
  put(calibration: Calibration): void;
  /** In order of time, each start once: of two from the same time the higher version is in force. */
  segments(tenantId: string, sensorId: string): readonly CalibrationSegment[];
  /** undefined: before the first calibration. */
  at(tenantId: string, sensorId: string, timeUs: number): CalibrationSegment | undefined;
}

export const createLedger = (): Ledger => {
  const bySensor = new Map<string, readonly CalibrationSegment[]>();
  const of = (tenantId: string, sensorId: string): readonly CalibrationSegment[] =>
    bySensor.get(sensorKey(tenantId, sensorId)) ?? [];
  return {
    put: ({ tenantId, sensorId, calibrationId, version, fullScaleDb, effectiveFromUs: fromUs }) => {
      const before = of(tenantId, sensorId);
      if (before.some((one) => one.fromUs === fromUs && one.version > version)) return;
      const segments = [
        ...before.filter((one) => one.fromUs !== fromUs),
        { fromUs, version, calibrationId, fullScaleDb },
      ];
      bySensor.set(
        sensorKey(tenantId, sensorId),
        segments.sort((a, b) => a.fromUs - b.fromUs),
      );
    },
    segments: of,
    at: (tenantId, sensorId, timeUs) => of(tenantId, sensorId).findLast(({ fromUs }) => fromUs <= timeUs),
  };
};
