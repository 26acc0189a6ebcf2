import type { Calibration } from '@earshot/contracts';

import { isoOf } from '../query/time.js';
import type { CalibrationJson, NewCalibration } from '../schemas/calibrations.js';

/** dB SPL of 1 Pa: 20 lg(1 / 20 µPa). */
const ONE_PASCAL_DB = 20 * Math.log10(1 / 20e-6);
/** A full-scale sine lies this far below full-scale RMS (a square wave). */
const SINE_BELOW_RMS_DB = 10 * Math.log10(2);

/** Rounded to what decibels that were typed in can carry. */
const rounded = (value: number): number => Math.round(value * 1e6) / 1e6;

/** dB SPL of full-scale RMS of a microphone that gives this much (full-scale sine = 0 dBFS) for a sine of 1 Pa RMS. */
export const fullScaleOf = (sensitivityDbfsPerPa: number): number =>
  rounded(ONE_PASCAL_DB + SINE_BELOW_RMS_DB - sensitivityDbfsPerPa);

/** The ledger as fleet gave it (all versions), highest version first. `nowUs` decides which one is in force. */
export const calibrationsJson = (calibrations: readonly Calibration[], nowUs: number): CalibrationJson[] => {
  const inForce = calibrations
    .filter(({ effectiveFromUs }) => effectiveFromUs <= nowUs)
    .sort((a, b) => a.effectiveFromUs - b.effectiveFromUs || a.version - b.version)
    .at(-1);
  return calibrations
    .toSorted((a, b) => b.version - a.version)
    .map((one) => ({
      id: one.calibrationId,
      sensorId: one.sensorId,
      version: one.version,
      fullScaleDb: one.fullScaleDb,
      method: one.method,
      effectiveFrom: one.effectiveFromUs === 0 ? null : isoOf(one.effectiveFromUs),
      createdAt: isoOf(one.createdUs),
      previousFullScaleDb: one.previousFullScaleDb ?? null,
      driftDb: one.previousFullScaleDb === undefined ? null : rounded(one.fullScaleDb - one.previousFullScaleDb),
      driftAlarm: one.driftAlarm,
      calibratorLevelDb: one.calibratorLevelDb ?? null,
      performedBy: one.performedBy,
      note: one.note,
      inForce: one.version === inForce?.version,
    }));
};

/** What fleet reads of it; id, version, previous value and drift are fleet's. */
export const calibrationToAdd = (
  tenantId: string,
  sensorId: string,
  body: NewCalibration,
  nowUs: number,
): Calibration => ({
  tenantId,
  sensorId,
  calibrationId: '',
  version: 0,
  fullScaleDb: body.fullScaleDb ?? fullScaleOf(body.sensitivityDbfsPerPa ?? Number.NaN),
  method: body.method ?? (body.fullScaleDb === undefined ? 'sensitivity' : 'manual'),
  effectiveFromUs: body.effectiveFrom === undefined ? nowUs : (body.effectiveFrom ?? 0),
  createdUs: 0,
  previousFullScaleDb: undefined,
  calibratorLevelDb: body.calibratorLevelDb,
  performedBy: body.performedBy,
  note: body.note,
  driftAlarm: false,
});
