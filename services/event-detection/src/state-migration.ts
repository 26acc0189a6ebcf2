import type { DetectionState } from '@earshot/core/detection';

/** What is used of layout 1: events were made of windows then. */
interface WindowsState {
  readonly latest: {
    readonly tenantId: string;
    readonly sensorId: string;
    readonly bootId: string;
    readonly modelId: string;
    readonly modelVersion: string;
    readonly calibrationId: string;
    readonly timeUs: number;
    readonly windowMs: number;
    readonly hopMs: number;
    readonly receivedTimeUs: number;
  } | null;
  readonly previousBootId: string | null;
  readonly spans: DetectionState['spans'];
}

/** Events that windows opened stay open; the first steps that come, of another model as they are, close them. */
export const migrateState = (version: number, stored: unknown): DetectionState => {
  if (version !== 1) throw new Error(`Event detection has no state layout ${version}`);
  const { latest, previousBootId, spans } = stored as WindowsState;
  const stream =
    latest === null
      ? null
      : {
          tenantId: latest.tenantId,
          sensorId: latest.sensorId,
          bootId: latest.bootId,
          modelId: latest.modelId,
          modelVersion: latest.modelVersion,
          calibrationId: latest.calibrationId,
          labels: [],
          stepUs: latest.hopMs * 1e3,
          endUs: latest.timeUs + latest.windowMs * 1e3,
          receivedTimeUs: latest.receivedTimeUs,
        };
  return { stream, seen: null, previousBootId, recent: [], spans };
};
