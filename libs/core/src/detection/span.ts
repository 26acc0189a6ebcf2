import type { SoundActivity } from '../classification/index.js';
import { energyMeanDb, type LevelSum } from './level-sum.js';
import type { EventPhase, SoundEvent } from './types.js';

/** What a label's event has gathered so far; reported from the moment it is long enough. */
export interface Span {
  readonly label: string;
  readonly onsetUs: number;
  /** End of the last step at or above the off threshold. */
  readonly evidenceToUs: number;
  /** Whether that step is the latest one. Else the end waits for the merge gap. */
  readonly active: boolean;
  readonly confidence: number;
  readonly levels: LevelSum;
  /** Levels since `evidenceToUs`, which count when the event goes on within the merge gap. */
  readonly gapLevels: LevelSum;
  /** Revision of the next phase; 0: not reported yet. */
  readonly nextRevision: number;
  /** `evidenceToUs` of the last report. */
  readonly reportedToUs: number;
}

/** What events take from the stream that they are heard in. */
export type StreamIdentity = Pick<
  SoundActivity,
  'tenantId' | 'sensorId' | 'bootId' | 'modelId' | 'modelVersion' | 'calibrationId'
>;

export const soundEvent = (
  stream: StreamIdentity,
  span: Span,
  phase: EventPhase,
  offsetUs: number,
  receivedTimeUs: number,
): SoundEvent => ({
  id: [
    stream.tenantId,
    stream.sensorId,
    stream.bootId,
    `${stream.modelId}@${stream.modelVersion}`,
    span.label,
    span.onsetUs,
  ].join('/'),
  tenantId: stream.tenantId,
  sensorId: stream.sensorId,
  bootId: stream.bootId,
  phase,
  label: span.label,
  onsetUs: span.onsetUs,
  offsetUs,
  confidence: span.confidence,
  laeqDb: energyMeanDb(span.levels),
  laeqMaxDb: span.levels.maxDb,
  calibrationId: stream.calibrationId,
  modelId: stream.modelId,
  modelVersion: stream.modelVersion,
  revision: span.nextRevision,
  receivedTimeUs,
});
