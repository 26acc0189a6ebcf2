import { levelFlagNames } from '@earshot/contracts';
import { z } from 'zod';

import { sensorId } from '../query/parameters.js';
import { components, time } from './parts.js';
import { classProbability } from './sound.js';

const text = (most: number) => z.string().max(most);
const latitude = z.number().min(-90).max(90).nullable();
const longitude = z.number().min(-180).max(180).nullable();

const hour = z.int().min(0).max(23);
const dayPeriods = z
  .strictObject({ dayFromH: hour, eveningFromH: hour, nightFromH: hour })
  .refine((hours) => hours.dayFromH < hours.eveningFromH && hours.eveningFromH < hours.nightFromH, {
    error: 'expected dayFromH < eveningFromH < nightFromH',
  });
const excludedFlags = z.array(z.enum(levelFlagNames));

const shaftHz = z.number().min(2).max(150);
const faultOrder = z.number().positive().max(30).nullable();
const machine = z
  .strictObject({
    minShaftHz: shaftHz.describe("range in which the shaft's speed is looked for; equal: it is known"),
    maxShaftHz: shaftHz,
    bpfoOrder: faultOrder.default(null).describe("as the others: multiple of the shaft's speed; null: not known"),
    bpfiOrder: faultOrder.default(null),
    bsfOrder: faultOrder.default(null),
    ftfOrder: faultOrder.default(null),
  })
  .refine((range) => range.minShaftHz <= range.maxShaftHz, { error: 'expected minShaftHz <= maxShaftHz' });
const baseline = z.strictObject({
  learnFrom: time.describe('what is normal is learned anew from this event time on'),
  learnForS: z
    .int()
    .min(30)
    .max(2_592_000)
    .nullable()
    .default(null)
    .describe("seconds of sound to learn from; null: the detector's own warm-up"),
});

export const sensor = z
  .object({
    id: z.string(),
    name: z.string(),
    state: z.enum(['active', 'retired']),
    online: z.boolean(),
    placement: z.object({ site: z.string(), description: z.string(), latitude, longitude }),
    fullScaleDb: z.number().nullable().describe('dB SPL of full-scale RMS; null: levels stay re full scale'),
    timeZone: z.string(),
    dayPeriods: z
      .object({ dayFromH: z.int(), eveningFromH: z.int(), nightFromH: z.int() })
      .describe("whole hours of the site's clock"),
    excludedFlags: z.array(z.string()).describe('seconds with one of these flags do not count in windows and days'),
    maxDriftDb: z.number().describe('a calibration further than this from the one before raises the drift alarm'),
    exceedanceLimitDb: z
      .number()
      .nullable()
      .describe('windows count how often LAF rises above it, dB SPL; null: they do not'),
    machine: machine.nullable().describe('long spectra and fault lines are made of it; null: not a machine'),
    baseline: baseline.nullable().describe('the last wish to learn anew; null: none'),
    calibrated: z.boolean(),
    sampleRateHz: z.int().nullable(),
    lastSeen: time.nullable(),
    lastReceived: time.nullable(),
    gapSeconds: z.number(),
    gapCount: z.int(),
    createdAt: time,
    updatedAt: time,
    version: z.int(),
  })
  .register(components, {
    id: 'Sensor',
    examples: [
      {
        id: 'gate-1',
        name: 'North gate',
        state: 'active',
        online: true,
        placement: { site: 'Harbour', description: 'lamp post 12', latitude: 53.54, longitude: 9.98 },
        fullScaleDb: 120,
        timeZone: 'Europe/Berlin',
        dayPeriods: { dayFromH: 7, eveningFromH: 19, nightFromH: 23 },
        excludedFlags: ['overload'],
        maxDriftDb: 0.5,
        exceedanceLimitDb: 85,
        machine: { minShaftHz: 20, maxShaftHz: 30, bpfoOrder: 3.58, bpfiOrder: 5.42, bsfOrder: null, ftfOrder: null },
        baseline: null,
        calibrated: true,
        sampleRateHz: 44_100,
        lastSeen: '2026-11-22T10:00:00.000Z',
        lastReceived: '2026-11-22T10:00:00.412Z',
        gapSeconds: 0,
        gapCount: 0,
        createdAt: '2026-11-20T08:00:00.000Z',
        updatedAt: '2026-11-20T08:00:00.000Z',
        version: 1,
      },
    ],
  });

const placementInput = z.strictObject({
  site: text(200).optional(),
  description: text(2000).optional(),
  latitude: latitude.optional(),
  longitude: longitude.optional(),
});
const fullScaleInput = z.number().min(-200).max(300).nullable();
const knownZone = (zone: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
};
const zoneInput = z.string().refine(knownZone, 'expected an IANA time zone, e.g. Europe/Paris or UTC');

export const sensorPatch = z
  .strictObject({
    name: text(200).optional(),
    placement: placementInput.optional(),
    fullScaleDb: fullScaleInput.optional(),
    timeZone: zoneInput.optional(),
    dayPeriods: dayPeriods.optional(),
    excludedFlags: excludedFlags.optional(),
    maxDriftDb: z.number().positive().max(20).optional(),
    exceedanceLimitDb: z.number().min(0).max(200).nullable().optional(),
    machine: machine.nullable().optional(),
    baseline: baseline.nullable().optional(),
  })
  .register(components, { id: 'SensorPatch', examples: [{ name: 'North gate', fullScaleDb: 120 }] });

export const newSensor = z
  .strictObject({
    id: sensorId,
    ...sensorPatch.shape,
    sensorKey: z
      .string()
      .regex(/^sk_[A-Za-z0-9_-]{16,128}$/, 'expected sk_ and 16 to 128 of A-Z a-z 0-9 _ -')
      .optional()
      .describe('left out: one is generated'),
  })
  .register(components, {
    id: 'NewSensor',
    examples: [
      { id: 'gate-1', name: 'North gate', placement: { site: 'Harbour' }, fullScaleDb: 120, timeZone: 'Europe/Berlin' },
    ],
  });

export const createdSensor = z
  .object({ sensor, sensorKey: z.string().describe('shown this once') })
  .register(components, { id: 'CreatedSensor' });

export const rotatedKey = z.object({ sensorKey: z.string() }).register(components, { id: 'RotatedKey' });

const forS = z.int().min(1).max(86_400);
const condition = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('level'),
    quantity: z.enum(['laeq', 'lceq', 'lzeq', 'lafmax', 'lcpeak']),
    aboveDb: z.number().min(-300).max(300),
    forS,
    resolveAfterS: forS,
  }),
  z.strictObject({
    kind: z.literal('event'),
    label: z.string().min(1).max(200),
    minConfidence: z.number().min(0).max(1),
    minDurationS: z.number().min(0).max(86_400),
  }),
  z.strictObject({
    kind: z.literal('anomaly'),
    forS,
    minCondition: z.enum(['alarm', 'danger']).default('alarm').describe('alarm: any anomaly'),
  }),
]);

export const ruleBody = z
  .strictObject({
    name: z.string().min(1).max(200),
    condition,
    sensorIds: z.array(sensorId).max(1000).default([]),
    severity: z.enum(['info', 'warning', 'critical']).default('warning'),
    webhookUrl: z
      .url({ protocol: /^https?$/, error: 'expected an http or https URL' })
      .nullable()
      .default(null),
    enabled: z.boolean().default(true),
  })
  .register(components, {
    id: 'RuleBody',
    examples: [
      { name: 'Night limit', condition: { kind: 'level', quantity: 'laeq', aboveDb: 55, forS: 10, resolveAfterS: 30 } },
    ],
  });

export const rule = z
  .object({
    id: z.string(),
    name: z.string(),
    sensorIds: z.array(z.string()),
    severity: z.string(),
    condition,
    webhookUrl: z.string().nullable(),
    enabled: z.boolean(),
    version: z.int(),
    effectiveFrom: time,
    createdAt: time,
    updatedAt: time,
  })
  .register(components, { id: 'Rule' });

export const classified = z
  .object({
    modelId: z.string(),
    modelVersion: z.string(),
    sampleRateHz: z.int(),
    durationS: z.number(),
    classes: z.array(classProbability),
    windows: z.array(z.object({ startS: z.number(), durationS: z.number(), classes: z.array(classProbability) })),
  })
  .register(components, { id: 'Classified' });

export type SensorJson = z.infer<typeof sensor>;
export type SensorPatch = z.output<typeof sensorPatch>;
export type NewSensor = z.output<typeof newSensor>;
export type RuleBody = z.output<typeof ruleBody>;
export type RuleJson = z.infer<typeof rule>;
