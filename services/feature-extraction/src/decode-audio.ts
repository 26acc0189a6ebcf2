import { AudioFrame, sensorKey } from '@earshot/contracts';
import type { AudioInput, CalibrationInForce } from '@earshot/core/features';
import { decodeFrameBody } from '@earshot/platform/audio-frame';
import type { IncomingRecord } from '@earshot/platform/kafka';
import type { Decoded, DecodeFailure } from '@earshot/platform/stage-runner';

const invalid = (cause: string): DecodeFailure => ({ kind: 'dlq', reason: 'invalid', cause });

/** The calibration in force for a sensor (`tenant/sensor`) at an event time; null: none. */
export type CalibrationAt = (sensor: string, timeUs: number) => CalibrationInForce | null;

/** A record of an audio topic as the stage takes it, or why it can't be used. */
export const createDecodeAudio =
  (calibrationAt: CalibrationAt, lane: 'live' | 'backfill') =>
  (record: IncomingRecord): Decoded<AudioInput> => {
    if (record.value === null) return invalid('no value');
    const frame = AudioFrame.decode(record.value);
    const { tenantId, sensorId, bootId, sequence, anchorTimeUs, firstSampleIndex, sampleRateHz, sampleCount } = frame;
    if (tenantId === '' || sensorId === '' || record.key !== sensorKey(tenantId, sensorId)) {
      return invalid(`key "${record.key}" is not its sensor "${tenantId}/${sensorId}"`);
    }
    const body = decodeFrameBody(frame);
    if (body.kind === 'dlq') return body;
    const timeUs = body.kind === 'silent' ? body.sinceUs : anchorTimeUs + (firstSampleIndex / sampleRateHz) * 1e6;
    return {
      kind: 'input',
      input: {
        ...{ tenantId, sensorId, bootId, sequence, anchorTimeUs, firstSampleIndex, sampleRateHz, sampleCount },
        ...{ receivedTimeUs: frame.receivedTimeUs, body, lane },
        calibration: calibrationAt(record.key, timeUs),
      },
    };
  };
