import { setImmediate as turn } from 'node:timers/promises';

import { AudioFrame, sensorKey, topicName } from '@earshot/contracts';
import { cutClip, type Clip, type ClipFrame, type ClipSpan } from '@earshot/core/clips';
import { decodeFrameBody, frameBits } from '@earshot/platform/audio-frame';
import type { ClickHouse } from '@earshot/platform/clickhouse';
import {
  KafkaUnavailableError,
  readRange,
  type IncomingRecord,
  type Kafka,
  type RangeEnd,
} from '@earshot/platform/kafka';
import type { Logger } from '@earshot/platform/telemetry';

import { ApiError } from '../http/errors.js';
import type { OfSensor } from '../store/levels.js';
import { receivedRangeOf, spanText, type ReceivedRange } from './heard-range.js';
import { RecentClips } from './recent-clips.js';
import { Slots } from './slots.js';

/** A clip, and the bits that a file needs to hold it without loss. */
export interface HeardClip extends Clip {
  readonly bits: 16 | 24;
}

/** What sensors sent, as long as the audio topics keep it. */
export interface HeardSound {
  /**
   * The sound of a span of at most a minute; zeros where nothing was heard.
   * @throws ApiError not_found (nothing was heard, levels only), gone (no longer kept), unavailable (not read in time).
   */
  hear(sensor: OfSensor, span: ClipSpan): Promise<HeardClip>;
}

/** A record is written after its frame was received: so much later when doors hold it or the broker is slow, ms. */
const WRITTEN_WITHIN_MS = 30_000;
/** Frames may overtake each other by so much and are still found, µs. */
const DISORDER_US = 3e6;
/** Of the values of one partition that one clip may cost, all its sensors together. */
const MAX_BYTES = 256 * 1024 * 1024;
const TIMEOUT_MS = 15_000;
const AT_ONCE = 2;
const WAITING = 20;
/** Decoded between two turns of the event loop. */
const FRAMES_PER_TURN = 4;

const startUs = (frame: AudioFrame): number => frame.anchorTimeUs + (frame.firstSampleIndex / frame.sampleRateHz) * 1e6;

const decodeAll = async (
  frames: readonly AudioFrame[],
): Promise<{ readonly clipFrames: readonly ClipFrame[]; readonly bits: 16 | 24 }> => {
  const clipFrames: ClipFrame[] = [];
  let bits: 16 | 24 = 16;
  for (const [index, frame] of frames.entries()) {
    if (index % FRAMES_PER_TURN === 0) await turn();
    const body = decodeFrameBody(frame);
    // What the stages could not use is a gap here too.
    if (body.kind !== 'samples') continue;
    const { bootId, anchorTimeUs, firstSampleIndex, sampleRateHz } = frame;
    clipFrames.push({ bootId, anchorTimeUs, firstSampleIndex, sampleRateHz, samples: body.samples });
    if ((frameBits(frame) ?? 0) > 16) bits = 24;
  }
  return { clipFrames, bits };
};

export const createHeardSound = (deps: {
  readonly kafka: Kafka;
  readonly namespace: string;
  readonly clickhouse: ClickHouse;
  readonly logger: Logger;
}): HeardSound => {
  const { kafka, namespace, clickhouse, logger } = deps;
  const slots = new Slots(AT_ONCE, WAITING, 'a clip');
  const recent = new RecentClips<HeardClip>();
  const topics = [topicName('audio', namespace), topicName('audioBackfill', namespace)];

  const framesOf = async (key: string, span: ClipSpan, range: ReceivedRange): Promise<readonly AudioFrame[]> => {
    const frames: AudioFrame[] = [];
    const take = ({ value }: IncomingRecord): 'more' | 'enough' => {
      const frame = decoded(value);
      if (frame === undefined || frame.sampleRateHz === 0) return 'more';
      const fromUs = startUs(frame);
      if (fromUs < span.toUs && fromUs + (frame.sampleCount / frame.sampleRateHz) * 1e6 > span.fromUs)
        frames.push(frame);
      return fromUs > span.toUs + DISORDER_US && frames.length > 0 ? 'enough' : 'more';
    };
    const end = await answered(
      readRange(kafka, {
        ...{ topics, key, maxBytes: MAX_BYTES, timeoutMs: TIMEOUT_MS, logger },
        fromMs: range.fromMs - 1_000,
        toMs: range.toMs + WRITTEN_WITHIN_MS,
        onRecord: take,
      }),
    );
    if (end !== 'whole')
      throw new ApiError(
        'unavailable',
        `the sound could not be found in time (${end === 'bytes' ? 'too much to read' : 'the broker is slow'}), try again`,
        5,
      );
    return frames;
  };

  const read = async (sensor: OfSensor, span: ClipSpan): Promise<HeardClip> => {
    const range = await receivedRangeOf(clickhouse, sensor, span);
    const frames = await framesOf(sensorKey(sensor.tenantId, sensor.sensorId), span, range);
    const { clipFrames, bits } = await decodeAll(frames);
    const clip = cutClip(clipFrames, span);
    if (clip === null)
      throw new ApiError(
        'gone',
        `the sound of ${sensor.sensorId} from ${spanText(span)} is no longer there: sound is kept for about two hours`,
      );
    return { ...clip, bits };
  };

  return {
    hear: async (sensor, span) => {
      const name = JSON.stringify([sensor.tenantId, sensor.sensorId, span.fromUs, span.toUs]);
      const known = recent.get(name);
      if (known !== undefined) return known;
      const clip = await slots.run(() => read(sensor, span));
      // One with holes may be whole when it is asked for again.
      if (clip.coveredSamples === clip.samples.length) recent.put(name, clip);
      return clip;
    },
  };
};

/** A broker that does not answer is no bug: the client may try again. */
const answered = async (reading: Promise<RangeEnd>): Promise<RangeEnd> => {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof KafkaUnavailableError)) throw error;
    throw new ApiError('unavailable', 'the broker that keeps the sound does not answer, try again', 5);
  }
};

/** undefined: not a frame; the stages put it among the dead letters. */
const decoded = (value: Uint8Array | null): AudioFrame | undefined => {
  if (value === null) return undefined;
  try {
    return AudioFrame.decode(value);
  } catch {
    return undefined;
  }
};
