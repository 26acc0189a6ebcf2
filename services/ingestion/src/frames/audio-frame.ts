import { ClockQuality, type AudioFrame, type SensorFrame } from '@earshot/contracts';
import type { SensorRef } from '../access/sensors.js';
import type { AnchorCache } from './anchors.js';

/** A good frame as it stands on the audio topic. */
export const toAudioFrame = (
  sensor: SensorRef,
  frame: SensorFrame,
  receivedTimeUs: number,
  anchors: AnchorCache,
): AudioFrame => {
  const clockless = frame.anchorTimeUs === 0;
  const boot = `${sensor.tenantId}/${sensor.sensorId}/${frame.bootId}`;
  return {
    tenantId: sensor.tenantId,
    sensorId: sensor.sensorId,
    bootId: frame.bootId,
    sequence: frame.sequence,
    anchorTimeUs: clockless
      ? anchors.anchorTimeUs(boot, receivedTimeUs, frame.firstSampleIndex + frame.sampleCount, frame.sampleRateHz)
      : frame.anchorTimeUs,
    firstSampleIndex: frame.firstSampleIndex,
    sampleRateHz: frame.sampleRateHz,
    sampleCount: frame.sampleCount,
    clockQuality: clockless ? ClockQuality.CLOCK_QUALITY_RECEIVED : clockQualityOf(frame.clockQuality),
    receivedTimeUs,
    body: frame.body,
  };
};

/** A sensor that gives a time but says nothing of its clock is not trusted to be synchronised. */
const clockQualityOf = (given: ClockQuality): ClockQuality =>
  given === ClockQuality.CLOCK_QUALITY_SYNCHRONISED || given === ClockQuality.CLOCK_QUALITY_RECEIVED
    ? given
    : ClockQuality.CLOCK_QUALITY_FREE_RUNNING;
