import { LogMelFrame, sensorKey, topicName } from '@earshot/contracts';
import { canonicalFrontEnd, type LogMelFrame as Features, type ScoredSound } from '@earshot/core/classification';
import type { IncomingRecord, OutgoingRecord } from '@earshot/platform/kafka';
import { encodeActivity, encodeWindow } from '@earshot/platform/records';
import type { Decoded } from '@earshot/platform/stage-runner';

/** A features record as the stage takes it. */
export const decodeFeatures = (record: IncomingRecord): Decoded<Features> => {
  if (record.value === null) return { kind: 'dlq', reason: 'invalid', cause: 'no value' };
  const message = LogMelFrame.decode(record.value);
  const { tenantId, sensorId, melBands, frameCount, logMel, levels, discontinuity } = message;
  if (record.key !== sensorKey(tenantId, sensorId) || tenantId === '' || sensorId === '')
    return { kind: 'dlq', reason: 'invalid', cause: `key "${record.key}" is not its sensor "${tenantId}/${sensorId}"` };
  if (!discontinuity && frameCount > 0 && melBands !== canonicalFrontEnd.melBands)
    return { kind: 'dlq', reason: 'unsupported', cause: `${melBands} mel bands, not ${canonicalFrontEnd.melBands}` };
  const { bootId, secondIndex, timeUs, frontEndId, firstFrameIndex, receivedTimeUs } = message;
  const laeqDb = levels === undefined || Number.isNaN(levels.laeqDb) ? null : levels.laeqDb;
  return {
    kind: 'input',
    input: {
      ...{ tenantId, sensorId, bootId, secondIndex, timeUs, frontEndId, firstFrameIndex, frameCount },
      ...{ frames: logMel, laeqDb, calibrationId: levels?.calibrationId ?? '', discontinuity, receivedTimeUs },
    },
  };
};

/** What a model said, as a record of the topic that its task and role have. */
export const encodeScored =
  (namespace: string) =>
  (scored: ScoredSound): OutgoingRecord => {
    const isLive = scored.role === 'live';
    if (scored.kind === 'window') {
      const { window } = scored;
      return {
        topic: topicName(isLive ? 'classifications' : 'classificationsShadow', namespace),
        key: sensorKey(window.tenantId, window.sensorId),
        value: encodeWindow(window),
      };
    }
    const { activity } = scored;
    return {
      topic: topicName(isLive ? 'activity' : 'activityShadow', namespace),
      key: sensorKey(activity.tenantId, activity.sensorId),
      value: encodeActivity(activity),
    };
  };
