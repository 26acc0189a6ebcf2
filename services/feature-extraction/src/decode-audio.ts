import { AudioFrame, sensorKey } from '@earshot/contracts';
import type { AudioInput, CalibrationInForce } from '@earshot/core/features';
import type { MachineSettings } from '@earshot/core/machine';
import { decodeFrameBody } from '@earshot/platform/audio-frame';
import type { IncomingRecord } from '@earshot/platform/kafka';
import type { Decoded, DecodeFailure } from '@earshot/platform/stage-runner';

const invalid = (cause: string): DecodeFailure => ({ kind: 'dlq', reason: 'invalid', cause });

/** The calibration in force for a sensor (`tenant/sensor`) at an event time; null: none. */
export type CalibrationAt = (sensor: string, timeUs: number) => CalibrationInForce | null;

/** What a sensor's registry record asks for at an event time; null: no machine. */
export type MachineAt = (sensor: string, timeUs: number) => MachineSettings | null;

/** What is in force for a sensor at an event time. */
export interface InForceAt {
  readonly calibrationAt: CalibrationAt;
  readonly machineAt: MachineAt;
}

/** A record of an audio topic as the stage takes it, or why it can't be used. */
export const createDecodeAudio =
  ({ calibrationAt, machineAt }: InForceAt, lane: 'live' | 'backfill') =>
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
        machine: machineAt(record.key, timeUs),
      },
    };
  };
