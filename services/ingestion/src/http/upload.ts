import { ClockQuality, SensorFrame } from '@earshot/contracts';
import type { DlqReason } from '@earshot/core/stage';
import { AudioError, type AudioErrorCode, decodeAudio, type DecodedAudio } from '@earshot/platform/audio';
import type { SensorRef } from '../access/sensors.js';
import type { ByteGate } from '../byte-gate.js';
import type { IngestionMetrics } from '../metrics.js';
import type { FrameAcceptor } from '../pipeline.js';
import { refuse, type Refusal } from '../refusal.js';
import { Slots } from './slots.js';
import { identifyUpload, type UploadHeaders, type UploadIdentity } from './upload-identity.js';
import { cutFrames } from './cut.js';

/** A whole file, from its bytes to Kafka's acknowledgement of its last frame. */
export interface Upload {
  readonly sensor: SensorRef;
  readonly headers: UploadHeaders;
  readonly channel: number;
  readonly body: Uint8Array;
  readonly contentType: string;
}

export interface UploadReceipt {
  readonly bootId: string;
  readonly frames: number;
  readonly seconds: number;
  readonly firstSequence: number;
}

export type TakeUpload = (upload: Upload) => Promise<UploadReceipt | Refusal>;

export interface UploadDependencies {
  readonly acceptor: FrameAcceptor;
  readonly gate: ByteGate;
  readonly metrics: IngestionMetrics;
  readonly maxSeconds: number;
  /** Microseconds since the Unix epoch. */
  readonly nowUs: () => number;
}

const reasons: Readonly<Record<AudioErrorCode, DlqReason>> = {
  unrecognised_format: 'undecodable',
  corrupt: 'undecodable',
  truncated: 'undecodable',
  unsupported: 'unsupported',
  too_long: 'oversize',
  too_large: 'oversize',
  empty: 'invalid',
  bad_rate: 'invalid',
  bad_sample: 'invalid',
};

/** Decoded uploads in memory at once; more wait, and too many waiting are refused. */
const MAX_DECODED = 2;
const MAX_WAITING = 16;
/** Frames of one upload that wait for Kafka together. */
const WINDOW_FRAMES = 32;

/**
 * A file whose start nobody told ends when it is received: none of it lies in the future. What continues a boot keeps the
 * anchor that the boot has.
 */
export const dated = (identity: UploadIdentity, audio: DecodedAudio, receivedTimeUs: number): UploadIdentity =>
  identity.anchorTimeUs !== 0 || identity.firstSampleIndex > 0
    ? identity
    : {
        ...identity,
        anchorTimeUs: Math.round(receivedTimeUs - audio.durationS * 1e6),
        clockQuality: ClockQuality.CLOCK_QUALITY_RECEIVED,
      };

export const createTakeUpload = (dependencies: UploadDependencies): TakeUpload => {
  const { acceptor, gate, metrics, maxSeconds, nowUs } = dependencies;
  const slots = new Slots(MAX_DECODED, MAX_WAITING);

  const badAudio = async (upload: Upload, error: AudioError): Promise<Refusal> => {
    const refusal = refuse('bad_audio', `${error.code}: ${error.message}`);
    const { sensor, body, contentType } = upload;
    const verdict = await acceptor.keepBad({
      sensor,
      bytes: body,
      content: contentType,
      protocol: 'http',
      refusal,
      reason: reasons[error.code],
    });
    return verdict ?? refusal;
  };

  const decode = async ({ body, channel }: Upload): Promise<DecodedAudio> => {
    const audio = await decodeAudio(body, { maxSeconds });
    if (audio.channels[channel] === undefined)
      throw new AudioError(
        'unsupported',
        `channel ${channel} is not there: the file has ${audio.channels.length}, counted from 0`,
      );
    return audio;
  };

  const sendFrames = async (sensor: SensorRef, frames: Iterable<SensorFrame>): Promise<Refusal | number> => {
    let sent = 0;
    let window: Promise<Refusal | null>[] = [];
    const settle = async (): Promise<Refusal | undefined> => {
      const refusal = (await Promise.all(window)).find((verdict) => verdict !== null);
      sent += window.length;
      window = [];
      return refusal ?? undefined;
    };
    for (const frame of frames) {
      const encoded = SensorFrame.encode(frame).finish();
      window.push(acceptor.acceptFrame({ sensor, frame, encoded, protocol: 'http' }));
      if (window.length < WINDOW_FRAMES) continue;
      const refusal = await settle();
      if (refusal !== undefined) return refusal;
    }
    return (await settle()) ?? sent;
  };

  const take = async (upload: Upload): Promise<UploadReceipt | Refusal> => {
    const { sensor, headers, channel, body } = upload;
    const receivedTimeUs = nowUs();
    const identity = identifyUpload(headers, sensor, channel, body, receivedTimeUs);
    let audio: DecodedAudio;
    try {
      audio = await decode(upload);
    } catch (error) {
      if (error instanceof AudioError) return badAudio(upload, error);
      throw error;
    }
    const sent = await sendFrames(sensor, cutFrames(audio, channel, dated(identity, audio, receivedTimeUs)));
    if (typeof sent !== 'number') return sent;
    return { bootId: identity.bootId, frames: sent, seconds: audio.durationS, firstSequence: identity.firstSequence };
  };

  return async (upload) => {
    const taken = gate.isFull || slots.isFull ? undefined : await slots.run(() => take(upload));
    if (taken !== undefined) return taken;
    metrics.refusals.inc({ protocol: 'http', code: 'overloaded' });
    return refuse('overloaded', 'more sound is on its way into Kafka than may be held; send it again later');
  };
};
