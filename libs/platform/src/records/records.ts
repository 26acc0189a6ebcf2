import { Classification, sensorKey, SoundActivity as ActivityMessage } from '@earshot/contracts';
import type { ScoredWindow, SoundActivity } from '@earshot/core/classification';
import type { IncomingRecord } from '../kafka/index.js';
import type { Decoded } from '../stage-runner/index.js';

/** What models say, as records hold it. Levels without energy are NaN there and null here. */

const invalid = (cause: string): Decoded<never> => ({ kind: 'dlq', reason: 'invalid', cause });

/** Why a record can't be of this sensor; undefined: it can. */
const foreign = (
  record: IncomingRecord,
  { tenantId, sensorId }: { readonly tenantId: string; readonly sensorId: string },
): Decoded<never> | undefined =>
  record.key !== sensorKey(tenantId, sensorId) || tenantId === '' || sensorId === ''
    ? invalid(`key "${record.key}" is not its sensor "${tenantId}/${sensorId}"`)
    : undefined;

export const encodeActivity = ({ laeqDb, labels, probabilities, ...same }: SoundActivity): Uint8Array =>
  ActivityMessage.encode({
    ...same,
    labels: [...labels],
    probabilities: Buffer.from(probabilities),
    laeqDb: laeqDb ?? NaN,
  }).finish();

export const decodeActivity = (record: IncomingRecord): Decoded<SoundActivity> => {
  if (record.value === null) return invalid('no value');
  const { laeqDb, probabilities, ...same } = ActivityMessage.decode(record.value);
  const other = foreign(record, same);
  if (other !== undefined) return other;
  if (!same.discontinuity && (same.stepMs === 0 || same.steps === 0))
    return invalid(`${same.steps} steps of ${same.stepMs} ms`);
  const expected = same.steps * same.labels.length;
  if (!same.discontinuity && probabilities.length !== expected)
    return invalid(`${probabilities.length} probabilities: expected ${expected}`);
  return {
    kind: 'input',
    input: { ...same, probabilities: Uint8Array.from(probabilities), laeqDb: Number.isNaN(laeqDb) ? null : laeqDb },
  };
};

export const encodeWindow = ({ labels, probabilities, laeqDb, ...same }: ScoredWindow): Uint8Array =>
  Classification.encode({
    ...same,
    classes: labels.map((label, index) => ({ label, probability: probabilities[index] ?? 0 })),
    laeqDb: laeqDb ?? NaN,
  }).finish();

export const decodeWindow = (record: IncomingRecord): Decoded<ScoredWindow> => {
  if (record.value === null) return invalid('no value');
  const { classes, laeqDb, ...same } = Classification.decode(record.value);
  const other = foreign(record, same);
  if (other !== undefined) return other;
  const wrong = classes.find(({ probability }) => !(probability >= 0 && probability <= 1));
  if (wrong !== undefined) return invalid(`probability ${wrong.probability} of ${wrong.label}`);
  return {
    kind: 'input',
    input: {
      ...same,
      labels: classes.map(({ label }) => label),
      probabilities: classes.map(({ probability }) => probability),
      laeqDb: Number.isNaN(laeqDb) ? null : laeqDb,
    },
  };
};
