import { ClockQuality, PcmFormat, SensorFrame } from '@earshot/contracts';
import { encodePcm } from '@earshot/platform/audio';

/** A good frame of 1 s at 8 kHz; `change` makes it what a test needs. */
export const sensorFrame = (change: Partial<SensorFrame> = {}): SensorFrame => {
  const samples = Float32Array.from({ length: 8000 }, (_, i) => 0.5 * Math.sin(i / 7));
  const data = encodePcm(samples, 's16le');
  return {
    bootId: 'boot-1',
    sequence: 0,
    anchorTimeUs: Date.UTC(2026, 4, 1) * 1000,
    firstSampleIndex: (change.sequence ?? 0) * 8000,
    sampleRateHz: 8000,
    sampleCount: 8000,
    clockQuality: ClockQuality.CLOCK_QUALITY_SYNCHRONISED,
    body: { $case: 'pcm', value: { format: PcmFormat.PCM_FORMAT_S16LE, data: Buffer.from(data) } },
    ...change,
  };
};

export const encodeFrame = (frame: SensorFrame): Buffer => Buffer.from(SensorFrame.encode(frame).finish());
