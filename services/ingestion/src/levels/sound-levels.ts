import type { SoundLevels } from '@earshot/contracts';
import type { CsvSecond } from '@earshot/core/levels-csv';
import type { SensorRef } from '../access/sensors.js';

/**
 * What stands on levels that a sensor measured itself: it sends dB SPL, so they count as calibrated; by what, it alone
 * knows. Full-scale level 0 and version 0 go with it: there is nothing that a later calibration could shift.
 */
export const SENSOR_CALIBRATION_ID = 'sensor';

/**
 * One boot for all files of a sensor, whose anchor is the Unix epoch: the second of the clock is the index. So the same rows
 * sent again, in whatever file, are the same seconds.
 */
export const CSV_BOOT_ID = 'levels-csv';

const orNaN = (level: number | null): number => level ?? Number.NaN;

/** A second as it stands on the levels topic. What the file does not tell is NaN or empty, never made up. */
export const toSoundLevels = (sensor: SensorRef, second: CsvSecond, receivedTimeUs: number): SoundLevels => ({
  tenantId: sensor.tenantId,
  sensorId: sensor.sensorId,
  bootId: CSV_BOOT_ID,
  secondIndex: second.unixSecond,
  timeUs: second.timeMs * 1000,
  durationMs: second.durationMs,
  sampleRateHz: 0,
  laeqDb: second.laeqDb,
  lceqDb: Number.NaN,
  lzeqDb: orNaN(second.lzeqDb),
  lafmaxDb: Number.NaN,
  lcpeakDb: Number.NaN,
  laf125msDb: [],
  laeq125msDb: [...second.laeq125msDb],
  thirdOctaveDb: second.thirdOctaveDb.map(orNaN),
  fullScaleDb: 0,
  calibrationId: SENSOR_CALIBRATION_ID,
  calibrationVersion: 0,
  clippedShare: 0,
  receivedTimeUs,
  lafminDb: Number.NaN,
  lasmaxDb: Number.NaN,
  laimaxDb: Number.NaN,
  dcDb: Number.NaN,
  flags: [],
});
