import { dlq, drop, type Outcome } from '../stage/index.js';
import type { FrontEnd } from './front-end.js';
import type { LogMelFrame } from './types.js';

/** How far a sensor's records were seen. */
export interface StreamPosition {
  readonly bootId: string | null;
  /** The boot before: what still comes from it is late. */
  readonly previousBootId: string | null;
  /** Second and time of the latest frames of `bootId`; -1 before the first. */
  readonly lastSecondIndex: number;
  readonly lastTimeUs: number;
  readonly lastBreakUs: number | null;
}

const nothingHeard = { lastSecondIndex: -1, lastTimeUs: -1 };

export const startPosition: StreamPosition = {
  bootId: null,
  previousBootId: null,
  ...nothingHeard,
  lastBreakUs: null,
};

/** Why a record can't be used; undefined: it can. latestUs: time of the latest record of the stream; null: none is open. */
export const unusable = (
  frontEnd: FrontEnd,
  position: StreamPosition,
  latestUs: number | null,
  record: LogMelFrame,
): Outcome<never> | undefined => {
  if (record.bootId !== '' && record.bootId === position.previousBootId) return drop('late');
  if (record.discontinuity) {
    if (latestUs === null && record.timeUs === position.lastBreakUs) return drop('duplicate');
    const late = record.bootId === position.bootId && latestUs !== null && record.timeUs < latestUs;
    return late ? drop('late') : undefined;
  }
  if (record.frontEndId !== frontEnd.id)
    return dlq('unsupported', `front end ${record.frontEndId}: models want ${frontEnd.id}`);
  const expected = record.frameCount * frontEnd.melBands;
  if (record.frames.length !== expected || record.firstFrameIndex < 0)
    return dlq(
      'invalid',
      `${record.frames.length} codes for ${record.frameCount} frames from ${record.firstFrameIndex}: expected ${expected}`,
    );
  return record.bootId === position.bootId && wasThere(position, record) ? drop('duplicate') : undefined;
};

/** A second that a gap cuts has several records. */
const wasThere = (position: StreamPosition, record: LogMelFrame): boolean =>
  record.secondIndex < position.lastSecondIndex ||
  (record.secondIndex === position.lastSecondIndex && record.timeUs <= position.lastTimeUs);

/** The position after a usable record. */
export const pass = (before: StreamPosition, record: LogMelFrame): StreamPosition => {
  const { bootId, secondIndex, timeUs, discontinuity } = record;
  const position = discontinuity ? { ...before, lastBreakUs: timeUs } : before;
  if (bootId === '') return position;
  const reached = discontinuity ? nothingHeard : { lastSecondIndex: secondIndex, lastTimeUs: timeUs };
  if (bootId === position.bootId) return discontinuity ? position : { ...position, ...reached };
  return { ...position, bootId, previousBootId: position.bootId, ...reached };
};
