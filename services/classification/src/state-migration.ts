import type { ScoringState } from '@earshot/core/classification';

/** What is used of layout 1: one classifier's windows. */
interface WindowsState extends Omit<ScoringState, 'stream'> {
  readonly stream: {
    readonly latest: NonNullable<ScoringState['stream']>['latest'];
  } | null;
}

/**
 * Streams go on: nothing is seen twice and nothing breaks. Models begin in them with the next record, as everything that
 * comes into force inside a stream does.
 */
export const migrateState = (version: number, stored: unknown): ScoringState => {
  if (version !== 1) throw new Error(`Classification has no state layout ${version}`);
  const { bootId, previousBootId, lastSecondIndex, lastTimeUs, lastBreakUs, stream } = stored as WindowsState;
  const position = { bootId, previousBootId, lastSecondIndex, lastTimeUs, lastBreakUs };
  if (stream === null) return { ...position, stream: null };
  const { latest } = stream;
  const end = latest.firstFrameIndex + latest.frameCount;
  const open = { latest, fromFrame: end, keptFrom: end, kept: new Uint8Array(0), levels: [], models: [] };
  return { ...position, stream: open };
};
