import {
  AlertState,
  AnomalyState,
  Condition,
  EventPhase,
  namesOfFlags,
  type Alert,
  type Anomaly,
  type Classification,
  type LogMelFrame,
  type MachineFinding,
  type SoundEvent,
  type SoundLevels,
} from '@earshot/contracts';

import { isoOf, isoOrNull } from '../query/time.js';
import { anomaly as anomalySchema } from '../schemas/sound.js';
import type { AlertJson, AnomalyJson, ClassificationJson, LiveLevelJson, SoundEventJson } from '../schemas/sound.js';

const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** Float32 on the wire: three decimals are finer than any level is known. */
const db = (value: number): number | null => (Number.isFinite(value) ? Math.round(value * 1000) / 1000 : null);

/** Levels written before these were measured have 0 in all of them: not available. */
const acousticsOf = (
  levels: SoundLevels,
): Pick<LiveLevelJson, 'lafminDb' | 'lasmaxDb' | 'laimaxDb' | 'dcDb' | 'flags'> => {
  const { lafminDb, lasmaxDb, laimaxDb, dcDb } = levels;
  const isMeasured = [lafminDb, lasmaxDb, laimaxDb, dcDb].some((value) => value !== 0);
  const measured = (value: number): number | null => (isMeasured ? db(value) : null);
  return {
    lafminDb: measured(lafminDb),
    lasmaxDb: measured(lasmaxDb),
    laimaxDb: measured(laimaxDb),
    dcDb: measured(dcDb),
    flags: namesOfFlags(levels.flags),
  };
};

export const liveLevelOf = (levels: SoundLevels): LiveLevelJson => ({
  sensorId: levels.sensorId,
  time: isoOf(levels.timeUs),
  durationMs: levels.durationMs,
  laeqDb: db(levels.laeqDb),
  lceqDb: db(levels.lceqDb),
  lzeqDb: db(levels.lzeqDb),
  lafmaxDb: db(levels.lafmaxDb),
  lcpeakDb: db(levels.lcpeakDb),
  ...acousticsOf(levels),
  calibrationId: levels.calibrationId === '' ? null : levels.calibrationId,
  fullScaleDb: levels.calibrationId === '' ? null : levels.fullScaleDb,
  laf125msDb: levels.laf125msDb.map(db),
});

export const thirdOctavesOf = (levels: SoundLevels): (number | null)[] => levels.thirdOctaveDb.map(db);

export const classificationOf = (value: Classification): ClassificationJson => {
  const classes = value.classes
    .map(({ label, probability }) => ({ label, probability }))
    .sort((a, b) => b.probability - a.probability);
  return {
    id: value.id,
    sensorId: value.sensorId,
    time: isoOf(value.timeUs),
    durationMs: value.windowMs,
    modelId: value.modelId,
    modelVersion: value.modelVersion,
    top: classes[0] ?? null,
    classes,
    laeqDb: db(value.laeqDb),
    discontinuity: value.discontinuity,
  };
};

const phases: Readonly<Partial<Record<EventPhase, SoundEventJson['phase']>>> = {
  [EventPhase.EVENT_PHASE_OPEN]: 'open',
  [EventPhase.EVENT_PHASE_UPDATE]: 'update',
  [EventPhase.EVENT_PHASE_CLOSE]: 'close',
};

/** undefined: not a phase that people can see. */
export const eventOf = (event: SoundEvent): SoundEventJson | undefined => {
  const phase = phases[event.phase];
  return phase === undefined
    ? undefined
    : {
        id: event.id,
        sensorId: event.sensorId,
        phase,
        label: event.label,
        onset: isoOf(event.onsetUs),
        offset: isoOf(event.offsetUs),
        durationS: (event.offsetUs - event.onsetUs) / 1e6,
        confidence: event.confidence,
        laeqDb: db(event.laeqDb),
        laeqMaxDb: db(event.laeqMaxDb),
        calibrationId: event.calibrationId === '' ? null : event.calibrationId,
        modelId: event.modelId,
        modelVersion: event.modelVersion,
        revision: event.revision,
      };
};

const faults = anomalySchema.shape.findings.element.shape.fault.options;
const isFault = (fault: string): fault is (typeof faults)[number] => (faults as readonly string[]).includes(fault);

const anomalyStates: Readonly<Partial<Record<AnomalyState, AnomalyJson['state']>>> = {
  [AnomalyState.ANOMALY_STATE_LEARNING]: 'learning',
  [AnomalyState.ANOMALY_STATE_NORMAL]: 'normal',
  [AnomalyState.ANOMALY_STATE_ANOMALOUS]: 'anomalous',
};

const conditions: Readonly<Partial<Record<Condition, AnomalyJson['condition']>>> = {
  [Condition.CONDITION_ACCEPTABLE]: 'acceptable',
  [Condition.CONDITION_MONITOR]: 'monitor',
  [Condition.CONDITION_ALARM]: 'alarm',
  [Condition.CONDITION_DANGER]: 'danger',
};

const findingOf = ({ fault, ...finding }: MachineFinding): AnomalyJson['findings'][number] => ({
  ...finding,
  fault: isFault(fault) ? fault : 'line',
});

export const anomalyOf = (anomaly: Anomaly): AnomalyJson | undefined => {
  const state = anomalyStates[anomaly.state];
  return state === undefined
    ? undefined
    : {
        id: anomaly.id,
        sensorId: anomaly.sensorId,
        time: isoOf(anomaly.timeUs),
        durationMs: anomaly.durationMs,
        score: orNull(anomaly.score),
        threshold: orNull(anomaly.threshold),
        state,
        warmUp: anomaly.warmUp,
        explanation: anomaly.explanation.map(({ frequencyHz, deviationDb }) => ({ frequencyHz, deviationDb })),
        detectorId: anomaly.detectorId,
        episodeOnset: isoOrNull(anomaly.episodeOnsetUs),
        condition: conditions[anomaly.condition] ?? (state === 'anomalous' ? 'alarm' : 'acceptable'),
        worstTime: isoOrNull(anomaly.worstTimeUs),
        maturity: anomaly.maturity,
        findings: anomaly.findings.map(findingOf),
        shaftHz: anomaly.shaftHz > 0 ? anomaly.shaftHz : null,
      };
};

export const alertOf = (alert: Alert): AlertJson | undefined =>
  alert.state === AlertState.ALERT_STATE_RAISED || alert.state === AlertState.ALERT_STATE_RESOLVED
    ? {
        id: alert.id,
        sensorId: alert.sensorId,
        ruleId: alert.ruleId,
        ruleName: alert.ruleName,
        state: alert.state === AlertState.ALERT_STATE_RAISED ? 'raised' : 'resolved',
        severity: alert.severity,
        raisedAt: isoOf(alert.raisedUs),
        resolvedAt: isoOrNull(alert.resolvedUs),
        message: alert.message,
        value: orNull(alert.value),
        limit: orNull(alert.limit),
        causeId: alert.causeId === '' ? null : alert.causeId,
        revision: alert.revision,
      }
    : undefined;

/** Hop of the canonical front end: 320 samples at 16 kHz. */
const HOP_MS = 20;

/** A machine's long spectra; null: the frame has none. */
export const machineOf = (frame: LogMelFrame) => {
  const { machine } = frame;
  if (machine === undefined) return null;
  const base64 = (bytes: Uint8Array): string =>
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  return {
    sensorId: frame.sensorId,
    time: isoOf(frame.timeUs),
    binHz: machine.binHz,
    shaftHz: machine.shaftHz > 0 ? machine.shaftHz : null,
    lines: machine.lines,
    spectrumBase64: base64(machine.spectrum),
    envelopeBase64: base64(machine.envelope),
  };
};

export const spectrogramOf = (frame: LogMelFrame) => ({
  sensorId: frame.sensorId,
  time: isoOf(frame.timeUs),
  frontEndId: frame.frontEndId,
  firstFrameIndex: frame.firstFrameIndex,
  frameCount: frame.frameCount,
  melBands: frame.melBands,
  hopMs: HOP_MS,
  discontinuity: frame.discontinuity,
  dataBase64: Buffer.from(frame.logMel.buffer, frame.logMel.byteOffset, frame.logMel.byteLength).toString('base64'),
});
