import { PcmFormat, type AudioFrame } from '@earshot/contracts';
import type { AudioBody } from '@earshot/core/features';
import { decodePcm, firstNonFinite, pcmBytesPerSample, type PcmFormat as SampleFormat } from '@earshot/core/levels';
import { AudioError, decodeFlacFrame, MAX_SAMPLE_RATE_HZ, MIN_SAMPLE_RATE_HZ, readFlacHeader } from '../audio/index.js';
import type { DecodeFailure } from '../stage-runner/index.js';

/** Longest frame with samples, s. */
const MAX_FRAME_S = 4;
/** Longest gap, s: a week. */
const MAX_GAP_S = 7 * 86_400;
/** Event times that every message downstream can carry. */
const MAX_TIME_US = Date.UTC(2200, 0, 1) * 1000;

const invalid = (cause: string): DecodeFailure => ({ kind: 'dlq', reason: 'invalid', cause });
const unsupported = (cause: string): DecodeFailure => ({ kind: 'dlq', reason: 'unsupported', cause });

const sampleFormats: Partial<Record<PcmFormat, SampleFormat>> = {
  [PcmFormat.PCM_FORMAT_S16LE]: 's16le',
  [PcmFormat.PCM_FORMAT_S24LE]: 's24le',
  [PcmFormat.PCM_FORMAT_F32LE]: 'f32le',
};

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

const rangeFault = (frame: AudioFrame): string | null => {
  const { bootId, sequence, firstSampleIndex, sampleRateHz, sampleCount, body } = frame;
  if (bootId === '') return 'no boot id';
  if (!isCount(sequence)) return `sequence ${sequence}: expected 0 or more`;
  if (!isCount(firstSampleIndex)) return `first sample index ${firstSampleIndex}: expected 0 or more`;
  if (!Number.isSafeInteger(frame.anchorTimeUs)) return `anchor ${frame.anchorTimeUs} µs: not an integer`;
  if (sampleRateHz < MIN_SAMPLE_RATE_HZ || sampleRateHz > MAX_SAMPLE_RATE_HZ) {
    return `sample rate ${sampleRateHz} Hz: expected ${MIN_SAMPLE_RATE_HZ} to ${MAX_SAMPLE_RATE_HZ}`;
  }
  const timeUs = frame.anchorTimeUs + (firstSampleIndex / sampleRateHz) * 1e6;
  if (frame.anchorTimeUs < 0 || timeUs > MAX_TIME_US) return `event time ${timeUs} µs: expected 0 to ${MAX_TIME_US}`;
  const most = (body?.$case === 'gap' ? MAX_GAP_S : MAX_FRAME_S) * sampleRateHz;
  if (sampleCount < 1 || sampleCount > most) return `${sampleCount} samples: expected 1 to ${most}`;
  return null;
};

const decodePcmBody = (format: PcmFormat, data: Uint8Array, sampleCount: number): Float32Array | DecodeFailure => {
  const sampleFormat = sampleFormats[format];
  if (sampleFormat === undefined) return unsupported(`PCM format ${format}`);
  const expected = sampleCount * pcmBytesPerSample[sampleFormat];
  if (data.byteLength !== expected) {
    return invalid(`${data.byteLength} bytes of ${sampleFormat}: ${sampleCount} samples need ${expected}`);
  }
  const samples = decodePcm(sampleFormat, data);
  // Integers always are.
  const bad = sampleFormat === 'f32le' ? firstNonFinite(samples) : -1;
  return bad < 0 ? samples : invalid(`sample ${bad} is ${samples[bad] ?? NaN}`);
};

const decodeFlacBody = (data: Uint8Array, frame: AudioFrame): Float32Array | DecodeFailure => {
  try {
    const { channels, sampleRateHz } = decodeFlacFrame(data);
    const [samples] = channels;
    if (samples === undefined || channels.length !== 1)
      return invalid(`FLAC of ${channels.length} channels: expected 1`);
    if (sampleRateHz !== frame.sampleRateHz)
      return invalid(`FLAC of ${sampleRateHz} Hz: frame says ${frame.sampleRateHz}`);
    if (samples.length !== frame.sampleCount) {
      return invalid(`FLAC of ${samples.length} samples: frame says ${frame.sampleCount}`);
    }
    return samples;
  } catch (error) {
    if (!(error instanceof AudioError)) throw error;
    return error.code === 'unsupported' ? unsupported(`FLAC: ${error.message}`) : invalid(`FLAC: ${error.message}`);
  }
};

/** The samples of a frame of the audio topics, its gap or its silence; or why it can't be used. Never throws. */
export const decodeFrameBody = (frame: AudioFrame): AudioBody | DecodeFailure => {
  const { body } = frame;
  if (body === undefined) return invalid('no body: expected pcm, flac, gap or silent');
  if (body.$case === 'silent') return { kind: 'silent', sinceUs: body.value.sinceUs };
  const fault = rangeFault(frame);
  if (fault !== null) return invalid(fault);
  if (body.$case === 'gap') return { kind: 'gap' };
  const samples =
    body.$case === 'pcm'
      ? decodePcmBody(body.value.format, body.value.data, frame.sampleCount)
      : decodeFlacBody(body.value.data, frame);
  return samples instanceof Float32Array ? { kind: 'samples', samples } : samples;
};

/** Bits of a frame's integer samples; 24 for floats, which hold as much; null without samples or when they can't be read. */
export const frameBits = ({ body }: AudioFrame): number | null => {
  if (body?.$case === 'pcm') return body.value.format === PcmFormat.PCM_FORMAT_S16LE ? 16 : 24;
  if (body?.$case !== 'flac') return null;
  try {
    return readFlacHeader(body.value.data).bitsPerSample;
  } catch (error) {
    if (!(error instanceof AudioError)) throw error;
    return null;
  }
};
