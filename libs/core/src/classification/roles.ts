import type { ModelKey } from './models.js';

/** Which models of one task are in force from an event time on, until the next picture. */
export interface RolePicture {
  readonly effectiveFromUs: number;
  /** null: none. */
  readonly live: ModelKey | null;
  readonly shadow: readonly ModelKey[];
}

/** Ascending in effective time. */
export type RoleHistory = readonly RolePicture[];

/** Frames of a stream on the time axis. */
export interface FrameTimes {
  /** First frame of the stream. */
  readonly fromFrame: number;
  timeUs(frame: number): number;
  /** The first frame that does not begin before `timeUs`. */
  frameAt(timeUs: number): number;
}

export const pictureAt = (history: RoleHistory, timeUs: number): RolePicture | undefined =>
  history.findLast(({ effectiveFromUs }) => effectiveFromUs <= timeUs);

export const modelsOf = (picture: RolePicture | undefined): readonly ModelKey[] =>
  picture === undefined ? [] : picture.live === null ? picture.shadow : [picture.live, ...picture.shadow];

export type Role = 'live' | 'shadow' | 'none';

/**
 * A model's role at a frame of a stream, by the frame's own time. A live model takes over with its first unit (window or
 * block) that begins at or after the promotion; until then the one before it goes on. So, whatever their units, every frame
 * has exactly one live model.
 *
 * startOf: frame at which a model's first unit in this stream begins; undefined: it is not at work.
 */
export const roleAt = (
  history: RoleHistory,
  times: FrameTimes,
  startOf: (key: ModelKey) => { readonly firstFrame: number; readonly hopFrames: number } | undefined,
  key: ModelKey,
  frame: number,
): Role => {
  if (liveAt(history, times, startOf, frame) === key) return 'live';
  return modelsOf(pictureAt(history, times.timeUs(frame))).includes(key) ? 'shadow' : 'none';
};

const liveAt = (
  history: RoleHistory,
  times: FrameTimes,
  startOf: Parameters<typeof roleAt>[2],
  frame: number,
): ModelKey | null => {
  const timeUs = times.timeUs(frame);
  const beginUs = times.timeUs(times.fromFrame);
  for (let index = history.length - 1; index >= 0; index -= 1) {
    const picture = history[index];
    if (picture === undefined || picture.effectiveFromUs > timeUs) continue;
    const start = picture.live === null ? undefined : startOf(picture.live);
    const from = Math.max(times.fromFrame, times.frameAt(picture.effectiveFromUs));
    if (picture.live === null) return null;
    if (start !== undefined && Math.max(start.firstFrame, nextOnGrid(from, start.hopFrames)) <= frame)
      return picture.live;
    if (picture.effectiveFromUs <= beginUs) return null;
  }
  return null;
};

export const nextOnGrid = (frame: number, hopFrames: number): number => Math.ceil(frame / hopFrames) * hopFrames;
