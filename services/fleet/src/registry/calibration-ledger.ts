import { sensorKey, type Calibration } from '@earshot/contracts';

/** Limit of drift of a sensor that names none, dB. */
export const DEFAULT_MAX_DRIFT_DB = 0.5;
/** Differences of decibels that were typed in have dust behind the last digit. */
const DUST_DB = 1e-9;

/** What is known of a calibration before it has its place in the ledger. */
export type NewCalibration = Pick<
  Calibration,
  'fullScaleDb' | 'method' | 'effectiveFromUs' | 'performedBy' | 'note'
> & { readonly calibratorLevelDb?: number | undefined };

export interface LedgerSensor {
  readonly tenantId: string;
  readonly sensorId: string;
  /** 0: DEFAULT_MAX_DRIFT_DB. */
  readonly maxDriftDb: number;
}

const later = (a: Calibration, b: Calibration): Calibration =>
  b.effectiveFromUs > a.effectiveFromUs || (b.effectiveFromUs === a.effectiveFromUs && b.version > a.version) ? b : a;

const latest = (calibrations: readonly Calibration[]): Calibration | undefined =>
  calibrations.length === 0 ? undefined : calibrations.reduce(later);

/**
 * Every calibration there ever was, by sensor (`tenant/sensor`). At an event time the one with the latest effective_from_us
 * up to it is in force, of equal ones the higher version. Nothing is removed: versions grow, and at any event time so does the
 * version in force.
 */
export class CalibrationLedger {
  private readonly bySensor = new Map<string, ReadonlyMap<number, Calibration>>();

  /** Taking in the same one again changes nothing. */
  apply(calibration: Calibration): void {
    const key = sensorKey(calibration.tenantId, calibration.sensorId);
    this.bySensor.set(key, new Map(this.bySensor.get(key)).set(calibration.version, calibration));
  }

  /** By version, oldest first. */
  of(key: string): readonly Calibration[] {
    return [...(this.bySensor.get(key)?.values() ?? [])].sort((a, b) => a.version - b.version);
  }

  inForce(key: string, timeUs: number): Calibration | undefined {
    return latest(this.of(key).filter(({ effectiveFromUs }) => effectiveFromUs <= timeUs));
  }

  /** The next entry of a sensor, with version, id, the value before it and whether it drifted too far; not yet taken in. */
  next(sensor: LedgerSensor, wanted: NewCalibration, nowUs: number): Calibration {
    const { tenantId, sensorId } = sensor;
    const all = this.of(sensorKey(tenantId, sensorId));
    const version = (all.at(-1)?.version ?? 0) + 1;
    const before = latest(all.filter(({ effectiveFromUs }) => effectiveFromUs < wanted.effectiveFromUs));
    const limitDb = sensor.maxDriftDb === 0 ? DEFAULT_MAX_DRIFT_DB : sensor.maxDriftDb;
    return {
      tenantId,
      sensorId,
      calibrationId: `${sensorId}.${version}`,
      version,
      ...wanted,
      createdUs: nowUs,
      previousFullScaleDb: before?.fullScaleDb,
      calibratorLevelDb: wanted.calibratorLevelDb,
      driftAlarm: before !== undefined && Math.abs(wanted.fullScaleDb - before.fullScaleDb) > limitDb + DUST_DB,
    };
  }
}
