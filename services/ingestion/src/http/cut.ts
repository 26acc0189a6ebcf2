import { ClockQuality, PcmFormat, type SensorFrame } from '@earshot/contracts';
import { encodePcm, type DecodedAudio } from '@earshot/platform/audio';
import { MIN_DURATION_S } from '../frames/validate.js';
import type { UploadIdentity } from './upload-identity.js';

type FramePcm = 's16le' | 's24le' | 'f32le';

const PCM_FORMAT: Readonly<Record<FramePcm, PcmFormat>> = {
  s16le: PcmFormat.PCM_FORMAT_S16LE,
  s24le: PcmFormat.PCM_FORMAT_S24LE,
  f32le: PcmFormat.PCM_FORMAT_F32LE,
};

/** The smallest PCM that keeps what the source had; lossy sources have nothing below 16 bits that is theirs. */
export const framePcmOf = ({ bitsPerSample, floatingPoint }: DecodedAudio): FramePcm => {
  if (floatingPoint) return 'f32le';
  if (bitsPerSample === null || bitsPerSample <= 16) return 's16le';
  return bitsPerSample <= 24 ? 's24le' : 'f32le';
};

/** Where frames of 1 s start and end, in samples. A rest too short for a frame goes with the one before it. */
export const cutPoints = (length: number, sampleRateHz: number): { readonly from: number; readonly to: number }[] => {
  const cuts: { from: number; to: number }[] = [];
  for (let from = 0; from < length; from += sampleRateHz) {
    const to = Math.min(from + sampleRateHz, length);
    const last = cuts.at(-1);
    if (last !== undefined && to - from < Math.ceil(MIN_DURATION_S * sampleRateHz)) last.to = to;
    else cuts.push({ from, to });
  }
  return cuts;
};

/** One channel as frames of about 1 s at its own rate; made one at a time. */
export function* cutFrames(audio: DecodedAudio, channel: number, identity: UploadIdentity): Generator<SensorFrame> {
  const samples = audio.channels[channel] ?? new Float32Array();
  const format = framePcmOf(audio);
  let sequence = identity.firstSequence;
  for (const { from, to } of cutPoints(samples.length, audio.sampleRateHz)) {
    const data = encodePcm(samples.subarray(from, to), format);
    yield {
      bootId: identity.bootId,
      sequence: sequence++,
      anchorTimeUs: identity.anchorTimeUs,
      firstSampleIndex: identity.firstSampleIndex + from,
      sampleRateHz: audio.sampleRateHz,
      sampleCount: to - from,
      clockQuality: identity.clockQuality ?? ClockQuality.CLOCK_QUALITY_UNSPECIFIED,
      body: { $case: 'pcm', value: { format: PCM_FORMAT[format], data: Buffer.from(data.buffer, 0, data.length) } },
    };
  }
}
