import { z } from 'zod';

import { timeInput } from '../query/parameters.js';
import { components, time } from './parts.js';

const method = z.enum(['sensitivity', 'calibrator', 'manual']);

export const calibration = z
  .object({
    id: z.string(),
    sensorId: z.string(),
    version: z.int(),
    fullScaleDb: z.number().describe('dB SPL of full-scale RMS'),
    method: z.string(),
    effectiveFrom: time.nullable().describe('null: from the beginning'),
    createdAt: time,
    previousFullScaleDb: z.number().nullable().describe('in force just before; null: none was'),
    driftDb: z.number().nullable().describe('this minus previous'),
    driftAlarm: z.boolean(),
    calibratorLevelDb: z.number().nullable(),
    performedBy: z.string(),
    note: z.string(),
    inForce: z.boolean().describe('it is the one in force now'),
  })
  .register(components, {
    id: 'Calibration',
    examples: [
      {
        id: 'gate-1.3',
        sensorId: 'gate-1',
        version: 3,
        fullScaleDb: 120.4,
        method: 'calibrator',
        effectiveFrom: '2026-11-22T10:00:00.000Z',
        createdAt: '2026-11-22T10:00:07.412Z',
        previousFullScaleDb: 120,
        driftDb: 0.4,
        driftAlarm: false,
        calibratorLevelDb: 94,
        performedBy: 'A. Meier, calibrator 4231-77',
        note: '',
        inForce: true,
      },
    ],
  });

export const newCalibration = z
  .strictObject({
    fullScaleDb: z.number().min(-200).max(300).optional().describe('dB SPL of full-scale RMS'),
    sensitivityDbfsPerPa: z
      .number()
      .min(-200)
      .max(20)
      .optional()
      .describe('dBFS of a sine of 1 Pa RMS, where a full-scale sine is 0 dBFS'),
    method: method.optional().describe('left out: manual, or sensitivity with sensitivityDbfsPerPa'),
    effectiveFrom: timeInput.nullable().optional().describe('null: from the beginning; left out: now'),
    calibratorLevelDb: z.number().min(60).max(140).optional(),
    performedBy: z.string().max(200).default(''),
    note: z.string().max(2000).default(''),
  })
  .refine((body) => (body.fullScaleDb === undefined) !== (body.sensitivityDbfsPerPa === undefined), {
    error: 'expected exactly one of fullScaleDb and sensitivityDbfsPerPa',
  })
  .register(components, {
    id: 'NewCalibration',
    examples: [
      { fullScaleDb: 120.4, method: 'calibrator', effectiveFrom: '2026-11-22T10:00:00.000Z', calibratorLevelDb: 94 },
      { sensitivityDbfsPerPa: -26, effectiveFrom: null, note: 'data sheet' },
    ],
  });

export const armCalibration = z
  .strictObject({
    calibratorLevelDb: z.union([z.literal(94), z.literal(114)]),
    timeoutS: z.int().min(10).max(3600).default(300),
    performedBy: z.string().max(200).default(''),
  })
  .register(components, { id: 'ArmCalibration', examples: [{ calibratorLevelDb: 94, performedBy: 'A. Meier' }] });

export const armed = z.object({ armedUntil: time }).register(components, { id: 'Armed' });

export type CalibrationJson = z.infer<typeof calibration>;
export type NewCalibration = z.output<typeof newCalibration>;
