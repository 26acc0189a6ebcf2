import { levelFlagNames } from '@earshot/contracts';
import { z } from 'zod';

import { components, db, time } from './parts.js';

const t0 = '2026-11-22T10:00:00.000Z';
const calibration = { calibrationId: z.string().nullable(), fullScaleDb: z.number().nullable() };
const fiveLevels = { laeqDb: db, lceqDb: db, lzeqDb: db, lafmaxDb: db, lcpeakDb: db };
const exampleLevels = { laeqDb: 54.1, lceqDb: 60.2, lzeqDb: 61, lafmaxDb: 57.9, lcpeakDb: 75.3 };
const absentDb = z.number().nullable().describe('dB, as laeqDb; null also when the sensor does not give it');
const flags = z.array(z.enum(levelFlagNames)).describe('what makes the second doubtful');
/** Of one second, beside the five levels. */
const acoustics = { lafminDb: absentDb, lasmaxDb: absentDb, laimaxDb: absentDb, dcDb: absentDb, flags };
const exampleAcoustics = { lafminDb: 51.2, lasmaxDb: 56, laimaxDb: 58.8, dcDb: 20.1, flags: ['overload' as const] };
const bands = z.array(z.number().nullable()).describe('index i: nominal third-octave band 25 Hz x 10^(i/10)');

export const secondLevel = z
  .object({
    time,
    durationMs: z.int(),
    ...fiveLevels,
    ...acoustics,
    ...calibration,
    clippedShare: z.number(),
    bootId: z.string(),
    secondIndex: z.int(),
    receivedTime: time,
    laf125msDb: z.array(z.number().nullable()).optional(),
    thirdOctaveDb: bands.optional(),
  })
  .register(components, {
    id: 'SecondLevel',
    examples: [
      {
        time: t0,
        durationMs: 1000,
        ...exampleLevels,
        ...exampleAcoustics,
        calibrationId: 'cal-1',
        fullScaleDb: 120,
        clippedShare: 0,
        bootId: 'b-17',
        secondIndex: 4711,
        receivedTime: '2026-11-22T10:00:01.102Z',
      },
    ],
  });

export const windowLevel = z
  .object({
    time,
    windowMs: z.int(),
    coveredMs: z.int(),
    completeness: z.number(),
    ...fiveLevels,
    laeDb: db.describe('sound exposure level of the covered time, re 1 s'),
    lafminDb: absentDb,
    lasmaxDb: absentDb,
    la1Db: db,
    la5Db: db,
    la10Db: db,
    la50Db: db,
    la90Db: db,
    la95Db: db,
    la99Db: db,
    exceedances: z
      .int()
      .nullable()
      .describe("how often LAF rose above the sensor's exceedanceLimitDb; null: no limit or no calibration"),
    excludedMs: z.int().describe('seconds left out for their flags; not in coveredMs'),
    ...calibration,
    classShares: z.record(z.string(), z.number()),
    eventCounts: z.record(z.string(), z.int()),
    revision: z.string().regex(/^\d+$/),
    computedAt: time,
  })
  .register(components, {
    id: 'WindowLevel',
    examples: [
      {
        time: t0,
        windowMs: 60_000,
        coveredMs: 59_000,
        completeness: 0.983333,
        ...exampleLevels,
        laeDb: 71.8,
        lafminDb: 47.9,
        lasmaxDb: 69.4,
        la1Db: 66,
        la5Db: 59.2,
        la10Db: 57,
        la50Db: 52.3,
        la90Db: 49.8,
        la95Db: 49.1,
        la99Db: 48.2,
        exceedances: 2,
        excludedMs: 0,
        calibrationId: 'cal-1',
        fullScaleDb: 120,
        classShares: { dog: 0.12 },
        eventCounts: { dog: 2 },
        revision: '281474976715367',
        computedAt: '2026-11-22T10:01:02.000Z',
      },
    ],
  });

export const classProbability = z.object({ label: z.string(), probability: z.number() });

export const classification = z
  .object({
    id: z.string(),
    sensorId: z.string(),
    time,
    durationMs: z.int(),
    modelId: z.string(),
    modelVersion: z.string(),
    top: classProbability.nullable(),
    classes: z.array(classProbability).describe('highest first'),
    laeqDb: db,
    discontinuity: z.boolean(),
  })
  .register(components, {
    id: 'Classification',
    examples: [
      {
        id: 'demo/gate-1/b-17/4700',
        sensorId: 'gate-1',
        time: t0,
        durationMs: 2000,
        modelId: 'esc10-cnn',
        modelVersion: '1',
        top: { label: 'dog', probability: 0.93 },
        classes: [{ label: 'dog', probability: 0.93 }],
        laeqDb: 61.2,
        discontinuity: false,
      },
    ],
  });

export const soundEvent = z
  .object({
    id: z.string(),
    sensorId: z.string(),
    phase: z.enum(['open', 'update', 'close']),
    label: z.string(),
    onset: time,
    offset: time,
    durationS: z.number(),
    confidence: z.number(),
    laeqDb: db,
    laeqMaxDb: db,
    calibrationId: z.string().nullable(),
    modelId: z.string(),
    modelVersion: z.string(),
    revision: z.int(),
  })
  .register(components, {
    id: 'SoundEvent',
    examples: [
      {
        id: 'demo/gate-1/b-17/dog/4700',
        sensorId: 'gate-1',
        phase: 'close',
        label: 'dog',
        onset: '2026-11-22T10:00:00.250Z',
        offset: '2026-11-22T10:00:02.750Z',
        durationS: 2.5,
        confidence: 0.97,
        laeqDb: 61.2,
        laeqMaxDb: 66,
        calibrationId: 'cal-1',
        modelId: 'esc10-cnn',
        modelVersion: '1',
        revision: 2,
      },
    ],
  });

const finding = z.object({
  fault: z
    .enum(['imbalance', 'misalignment', 'looseness', 'bpfo', 'bpfi', 'bsf', 'ftf', 'line'])
    .describe('1x, 2x, 3x of the shaft; rates of bearing faults; line: of unknown origin'),
  frequencyHz: z.number(),
  order: z.number().describe("multiple of the shaft's speed"),
  prominenceDb: z.number().describe('over its surroundings'),
  excessDb: z.number().describe('over what is normal at this speed and load'),
});

export const anomaly = z
  .object({
    id: z.string(),
    sensorId: z.string(),
    time,
    durationMs: z.int(),
    score: z.number().nullable(),
    threshold: z.number().nullable(),
    state: z.enum(['learning', 'normal', 'anomalous']),
    warmUp: z.number(),
    explanation: z.array(z.object({ frequencyHz: z.number(), deviationDb: z.number() })),
    detectorId: z.string(),
    episodeOnset: time.nullable(),
    condition: z
      .enum(['acceptable', 'monitor', 'alarm', 'danger'])
      .describe('in the spirit of the zones of ISO 20816, of what is normal for the sensor itself'),
    worstTime: time.nullable().describe('begin of the second with the highest score'),
    maturity: z.number().describe('below 1 the sensor is new: sounds that recur are still taken in as normal'),
    findings: z.array(finding).describe("faults that a machine's spectra show, the most unusual first"),
    shaftHz: z.number().nullable(),
  })
  .register(components, {
    id: 'Anomaly',
    examples: [
      {
        id: 'demo/gate-1/a/4700',
        sensorId: 'gate-1',
        time: t0,
        durationMs: 10_000,
        score: 3.2,
        threshold: 4,
        state: 'normal',
        warmUp: 1,
        explanation: [{ frequencyHz: 2000, deviationDb: 12.5 }],
        detectorId: 'logmel-subspace-v2',
        episodeOnset: null,
        condition: 'acceptable',
        worstTime: '2026-11-22T10:00:07.000Z',
        maturity: 1,
        findings: [{ fault: 'bpfo', frequencyHz: 87.2, order: 3.54, prominenceDb: 14, excessDb: 9.5 }],
        shaftHz: 24.6,
      },
    ],
  });

export const alert = z
  .object({
    id: z.string(),
    sensorId: z.string(),
    ruleId: z.string(),
    ruleName: z.string(),
    state: z.enum(['raised', 'resolved']),
    severity: z.string(),
    raisedAt: time,
    resolvedAt: time.nullable(),
    message: z.string(),
    value: z.number().nullable(),
    limit: z.number().nullable(),
    causeId: z.string().nullable(),
    revision: z.int(),
  })
  .register(components, {
    id: 'Alert',
    examples: [
      {
        id: 'demo/night-limit/gate-1/4700',
        sensorId: 'gate-1',
        ruleId: 'night-limit',
        ruleName: 'Night limit',
        state: 'raised',
        severity: 'warning',
        raisedAt: '2026-11-22T22:10:00.000Z',
        resolvedAt: null,
        message: 'LAeq of gate-1 above 55 dB for 10 s',
        value: 58.3,
        limit: 55,
        causeId: null,
        revision: 0,
      },
    ],
  });

export const liveLevel = z
  .object({
    sensorId: z.string(),
    time,
    durationMs: z.int(),
    ...fiveLevels,
    ...acoustics,
    ...calibration,
    laf125msDb: z.array(z.number().nullable()),
    thirdOctaveDb: bands.optional(),
  })
  .register(components, { id: 'LiveLevel' });

export const snapshot = z
  .object({
    time,
    sensors: z.array(
      z.object({
        sensorId: z.string(),
        level: liveLevel.nullable(),
        heard: z.object({ label: z.string(), probability: z.number(), time }).nullable(),
        openEvents: z.array(soundEvent),
        anomaly: anomaly.nullable(),
        openAlerts: z.array(alert),
      }),
    ),
  })
  .register(components, { id: 'Snapshot' });

export type SecondLevelJson = z.infer<typeof secondLevel>;
export type WindowLevelJson = z.infer<typeof windowLevel>;
export type ClassificationJson = z.infer<typeof classification>;
export type SoundEventJson = z.infer<typeof soundEvent>;
export type AnomalyJson = z.infer<typeof anomaly>;
export type AlertJson = z.infer<typeof alert>;
export type LiveLevelJson = z.infer<typeof liveLevel>;
export type SnapshotJson = z.infer<typeof snapshot>;
