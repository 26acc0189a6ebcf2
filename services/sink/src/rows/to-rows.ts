import {
  AlertState,
  AnomalyState,
  Condition,
  EventPhase,
  namesOfFlags,
  type Alert,
  type Anomaly,
  type Classification,
  type SoundEvent,
  type SoundLevels,
} from '@earshot/contracts';
import type { IncomingRecord } from '@earshot/platform/kafka';

import { withCalibration, withoutUnmeasured } from '../calibrations/shift-levels.js';
import { commonColumns, dateTimeOf, orNull } from './fields.js';
import type { StoredRow } from './stored-row.js';

/** Natural key (tenant, sensor, time, boot); the higher calibration version counts. */
export const levelsRow = (message: SoundLevels, record: IncomingRecord): StoredRow => {
  const levels = withoutUnmeasured(message);
  const common = commonColumns(record, levels.receivedTimeUs, levels.calibrationVersion);
  return {
    table: 'levels_1s_rows',
    naturalKey: JSON.stringify([levels.tenantId, levels.sensorId, levels.timeUs, levels.bootId]),
    rowVersion: common.row_version,
    columns: {
      tenant_id: levels.tenantId,
      sensor_id: levels.sensorId,
      time: dateTimeOf(levels.timeUs),
      boot_id: levels.bootId,
      second_index: levels.secondIndex,
      duration_ms: levels.durationMs,
      sample_rate_hz: levels.sampleRateHz,
      laeq_db: orNull(levels.laeqDb),
      lceq_db: orNull(levels.lceqDb),
      lzeq_db: orNull(levels.lzeqDb),
      lafmax_db: orNull(levels.lafmaxDb),
      lcpeak_db: orNull(levels.lcpeakDb),
      lafmin_db: orNull(levels.lafminDb),
      lasmax_db: orNull(levels.lasmaxDb),
      laimax_db: orNull(levels.laimaxDb),
      dc_db: orNull(levels.dcDb),
      laf_125ms_db: levels.laf125msDb.map(orNull),
      laeq_125ms_db: levels.laeq125msDb.map(orNull),
      third_octave_db: levels.thirdOctaveDb.map(orNull),
      full_scale_db: levels.fullScaleDb,
      calibration_id: levels.calibrationId,
      calibration_version: levels.calibrationVersion,
      clipped_share: levels.clippedShare,
      flags: namesOfFlags(levels.flags),
      ...common,
    },
    heard: { endUs: levels.timeUs + levels.durationMs * 1000, receivedUs: levels.receivedTimeUs },
    touch: { tenantId: levels.tenantId, sensorId: levels.sensorId, timeUs: levels.timeUs },
    calibrated: (calibration) => levelsRow(withCalibration(levels, calibration), record),
  };
};

/** Natural key (tenant, sensor, time, id). */
export const classificationRow = (value: Classification, record: IncomingRecord): StoredRow => {
  const common = commonColumns(record, value.receivedTimeUs, 0);
  const top = value.classes.reduce((best, entry) => (entry.probability > best.probability ? entry : best), {
    label: '',
    probability: 0,
  });
  return {
    table: 'classifications_rows',
    naturalKey: JSON.stringify([value.tenantId, value.sensorId, value.timeUs, value.id]),
    rowVersion: common.row_version,
    columns: {
      tenant_id: value.tenantId,
      sensor_id: value.sensorId,
      time: dateTimeOf(value.timeUs),
      id: value.id,
      boot_id: value.bootId,
      window_ms: value.windowMs,
      hop_ms: value.hopMs,
      model_id: value.modelId,
      model_version: value.modelVersion,
      top_label: top.label,
      top_probability: top.probability,
      probabilities: Object.fromEntries(value.classes.map((entry) => [entry.label, entry.probability])),
      laeq_db: orNull(value.laeqDb),
      calibration_id: value.calibrationId,
      first_frame_index: value.firstFrameIndex,
      discontinuity: value.discontinuity,
      ...common,
    },
    heard: { endUs: value.timeUs + value.windowMs * 1000, receivedUs: value.receivedTimeUs },
    touch: { tenantId: value.tenantId, sensorId: value.sensorId, timeUs: value.timeUs },
  };
};

const phases: Readonly<Partial<Record<EventPhase, string>>> = {
  [EventPhase.EVENT_PHASE_OPEN]: 'open',
  [EventPhase.EVENT_PHASE_UPDATE]: 'update',
  [EventPhase.EVENT_PHASE_CLOSE]: 'close',
};
export const phaseName = (phase: EventPhase): string | undefined => phases[phase];

/** Natural key (tenant, sensor, onset, id), which the id alone decides; the higher revision counts. */
export const eventRow = (event: SoundEvent, record: IncomingRecord): StoredRow => {
  const common = commonColumns(record, event.receivedTimeUs, event.revision);
  return {
    table: 'events_rows',
    naturalKey: JSON.stringify([event.tenantId, event.sensorId, event.onsetUs, event.id]),
    rowVersion: common.row_version,
    columns: {
      tenant_id: event.tenantId,
      sensor_id: event.sensorId,
      id: event.id,
      phase: phaseName(event.phase),
      label: event.label,
      onset: dateTimeOf(event.onsetUs),
      offset: dateTimeOf(event.offsetUs),
      confidence: event.confidence,
      laeq_db: orNull(event.laeqDb),
      laeq_max_db: orNull(event.laeqMaxDb),
      calibration_id: event.calibrationId,
      model_id: event.modelId,
      model_version: event.modelVersion,
      boot_id: event.bootId,
      revision: event.revision,
      ...common,
    },
    heard: { endUs: event.offsetUs, receivedUs: event.receivedTimeUs },
    touch: { tenantId: event.tenantId, sensorId: event.sensorId, timeUs: event.onsetUs },
  };
};

const anomalyStates: Readonly<Partial<Record<AnomalyState, string>>> = {
  [AnomalyState.ANOMALY_STATE_LEARNING]: 'learning',
  [AnomalyState.ANOMALY_STATE_NORMAL]: 'normal',
  [AnomalyState.ANOMALY_STATE_ANOMALOUS]: 'anomalous',
};
export const anomalyStateName = (state: AnomalyState): string | undefined => anomalyStates[state];

/** Verdicts from before there were conditions: as their state says. */
const conditionName = ({ condition, state }: Anomaly): string => {
  switch (condition) {
    case Condition.CONDITION_ACCEPTABLE:
      return 'acceptable';
    case Condition.CONDITION_MONITOR:
      return 'monitor';
    case Condition.CONDITION_ALARM:
      return 'alarm';
    case Condition.CONDITION_DANGER:
      return 'danger';
    case Condition.CONDITION_UNSPECIFIED:
    case Condition.UNRECOGNIZED:
      return state === AnomalyState.ANOMALY_STATE_ANOMALOUS ? 'alarm' : 'acceptable';
  }
};

/** Natural key (tenant, sensor, time, id). */
export const anomalyRow = (anomaly: Anomaly, record: IncomingRecord): StoredRow => {
  const common = commonColumns(record, anomaly.receivedTimeUs, 0);
  return {
    table: 'anomalies_rows',
    naturalKey: JSON.stringify([anomaly.tenantId, anomaly.sensorId, anomaly.timeUs, anomaly.id]),
    rowVersion: common.row_version,
    heard: { endUs: anomaly.timeUs + anomaly.durationMs * 1000, receivedUs: anomaly.receivedTimeUs },
    columns: {
      tenant_id: anomaly.tenantId,
      sensor_id: anomaly.sensorId,
      time: dateTimeOf(anomaly.timeUs),
      id: anomaly.id,
      boot_id: anomaly.bootId,
      duration_ms: anomaly.durationMs,
      score: orNull(anomaly.score),
      threshold: orNull(anomaly.threshold),
      state: anomalyStateName(anomaly.state),
      condition: conditionName(anomaly),
      warm_up: anomaly.warmUp,
      maturity: anomaly.maturity,
      explanation: anomaly.explanation.map((band) => ({
        frequency_hz: band.frequencyHz,
        deviation_db: band.deviationDb,
      })),
      findings: anomaly.findings.map((finding) => ({
        fault: finding.fault,
        frequency_hz: finding.frequencyHz,
        order: finding.order,
        prominence_db: finding.prominenceDb,
        excess_db: finding.excessDb,
      })),
      shaft_hz: anomaly.shaftHz > 0 ? anomaly.shaftHz : null,
      detector_id: anomaly.detectorId,
      episode_onset: anomaly.episodeOnsetUs === 0 ? null : dateTimeOf(anomaly.episodeOnsetUs),
      worst_time: anomaly.worstTimeUs === 0 ? null : dateTimeOf(anomaly.worstTimeUs),
      ...common,
    },
  };
};

const alertStates: Readonly<Partial<Record<AlertState, string>>> = {
  [AlertState.ALERT_STATE_RAISED]: 'raised',
  [AlertState.ALERT_STATE_RESOLVED]: 'resolved',
};
export const alertStateName = (state: AlertState): string | undefined => alertStates[state];

/** Natural key (tenant, sensor, raised, id), which the id alone decides; the higher revision counts. */
export const alertRow = (alert: Alert, record: IncomingRecord): StoredRow => {
  const common = commonColumns(record, alert.receivedTimeUs, alert.revision);
  return {
    table: 'alerts_rows',
    naturalKey: JSON.stringify([alert.tenantId, alert.sensorId, alert.raisedUs, alert.id]),
    rowVersion: common.row_version,
    heard: {
      endUs: alert.resolvedUs === 0 ? alert.raisedUs : alert.resolvedUs,
      receivedUs: alert.receivedTimeUs,
    },
    columns: {
      tenant_id: alert.tenantId,
      sensor_id: alert.sensorId,
      id: alert.id,
      rule_id: alert.ruleId,
      rule_name: alert.ruleName,
      state: alertStateName(alert.state),
      severity: alert.severity,
      raised_time: dateTimeOf(alert.raisedUs),
      resolved_time: alert.resolvedUs === 0 ? null : dateTimeOf(alert.resolvedUs),
      message: alert.message,
      value: orNull(alert.value),
      limit: orNull(alert.limit),
      cause_id: alert.causeId,
      revision: alert.revision,
      ...common,
    },
  };
};
