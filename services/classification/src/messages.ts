import { Classification, LogMelFrame, sensorKey, topicName } from '@earshot/contracts';
import { canonicalFrontEnd, type LogMelFrame as Features, type ScoredWindow } from '@earshot/core/classification';
import type { IncomingRecord, OutgoingRecord } from '@earshot/platform/kafka';
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

/** A scored window as a record of the classifications topic. */
export const encodeClassification =
  (namespace: string) =>
  (window: ScoredWindow): OutgoingRecord => {
    const { labels, probabilities, laeqDb, ...same } = window;
    const classes = labels.map((label, index) => ({ label, probability: probabilities[index] ?? 0 }));
    const message: Classification = { ...same, classes, laeqDb: laeqDb ?? NaN };
    return {
      topic: topicName('classifications', namespace),
      key: sensorKey(window.tenantId, window.sensorId),
      value: Classification.encode(message).finish(),
    };
  };
