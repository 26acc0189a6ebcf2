import { PcmFormat, type SensorFrame } from '@earshot/contracts';
import {
  AudioError,
  bytesPerSample,
  MAX_SAMPLE_RATE_HZ,
  MIN_SAMPLE_RATE_HZ,
  readFlacHeader,
  type PcmSampleFormat,
} from '@earshot/platform/audio';
import { refuse, type Refusal, type Verdict } from '../refusal.js';

/** What a frame must be to be taken. Pure. */

export const MAX_BODY_BYTES = 1024 * 1024;
/** An encoded SensorFrame: the body and its identity. */
export const MAX_FRAME_BYTES = MAX_BODY_BYTES + 1024;
export const MIN_DURATION_S = 0.001;
const MAX_DURATION_S = 4;
/** A hole that a sensor tells of. */
const MAX_GAP_S = 24 * 3600;
export const MAX_AHEAD_US = 24 * 3600 * 1e6;
const YEAR_2000_US = Date.UTC(2000, 0, 1) * 1000;
const BOOT_ID = /^[A-Za-z0-9._:-]{1,64}$/;

const PCM: Readonly<Partial<Record<PcmFormat, PcmSampleFormat>>> = {
  [PcmFormat.PCM_FORMAT_S16LE]: 's16le',
  [PcmFormat.PCM_FORMAT_S24LE]: 's24le',
  [PcmFormat.PCM_FORMAT_F32LE]: 'f32le',
};

const bad = (message: string): Refusal => refuse('bad_audio', message);
const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
const timeText = (timeUs: number): string => {
  const date = new Date(timeUs / 1000);
  return Number.isNaN(date.getTime()) ? `${timeUs} µs` : date.toISOString();
};

const identityFault = (frame: SensorFrame): Refusal | null => {
  if (!BOOT_ID.test(frame.bootId))
    return bad(`boot id is ${JSON.stringify(frame.bootId.slice(0, 80))}; 1 to 64 of A-Z a-z 0-9 . _ : - are allowed`);
  if (!isCount(frame.sequence)) return bad(`sequence is ${frame.sequence}; 0 and up is allowed`);
  if (!isCount(frame.firstSampleIndex))
    return bad(`first sample index is ${frame.firstSampleIndex}; 0 and up is allowed`);
  if (frame.sampleRateHz < MIN_SAMPLE_RATE_HZ || frame.sampleRateHz > MAX_SAMPLE_RATE_HZ)
    return bad(
      `sample rate is ${frame.sampleRateHz} Hz; ${MIN_SAMPLE_RATE_HZ} to ${MAX_SAMPLE_RATE_HZ} Hz are allowed`,
    );
  return null;
};

const durationFault = (frame: SensorFrame): Refusal | null => {
  const seconds = frame.sampleCount / frame.sampleRateHz;
  const longest = frame.body?.$case === 'gap' ? MAX_GAP_S : MAX_DURATION_S;
  if (seconds >= MIN_DURATION_S && seconds <= longest) return null;
  return bad(
    `${frame.sampleCount} samples at ${frame.sampleRateHz} Hz are ${seconds} s; ${MIN_DURATION_S} to ${longest} s are allowed`,
  );
};

const timeFault = (frame: SensorFrame, receivedTimeUs: number): Refusal | null => {
  if (frame.anchorTimeUs === 0) return null;
  if (frame.anchorTimeUs < YEAR_2000_US)
    return bad(`anchor time is ${timeText(frame.anchorTimeUs)}; the year 2000 and later is allowed, or 0 for none`);
  const timeUs = frame.anchorTimeUs + (frame.firstSampleIndex / frame.sampleRateHz) * 1e6;
  if (timeUs > receivedTimeUs + MAX_AHEAD_US)
    return bad(
      `anchor time ${timeText(frame.anchorTimeUs)} puts the frame at ${timeText(timeUs)}; up to 24 h after its reception (${timeText(receivedTimeUs)}) is allowed`,
    );
  return null;
};

const pcmFault = (data: Buffer, format: PcmFormat, sampleCount: number): Refusal | null => {
  const sampleFormat = PCM[format];
  if (sampleFormat === undefined) return bad(`PCM format is ${format}; S16LE, S24LE and F32LE are allowed`);
  const expected = sampleCount * bytesPerSample(sampleFormat);
  if (data.length !== expected)
    return bad(`${data.length} bytes of ${sampleFormat}; ${sampleCount} samples need ${expected}`);
  if (sampleFormat !== 'f32le') return null;
  for (let at = 0; at < data.length; at += 4)
    if (!Number.isFinite(data.readFloatLE(at))) return bad(`sample ${at / 4} is not a finite number`);
  return null;
};

/** The stream's header only: its frames carry checks of their own, which feature-extraction looks at. */
const flacFault = (data: Buffer, frame: SensorFrame): Refusal | null => {
  try {
    const header = readFlacHeader(data);
    if (header.channels !== 1) return bad(`FLAC of ${header.channels} channels; one is allowed`);
    if (header.bitsPerSample > 24) return bad(`FLAC of ${header.bitsPerSample} bits; up to 24 are allowed`);
    if (header.sampleRateHz !== frame.sampleRateHz)
      return bad(`FLAC of ${header.sampleRateHz} Hz in a frame of ${frame.sampleRateHz} Hz`);
    if (header.totalSamples !== null && header.totalSamples !== frame.sampleCount)
      return bad(`FLAC of ${header.totalSamples} samples in a frame of ${frame.sampleCount}`);
    if (header.framesOffset >= data.length) return bad('FLAC without a frame');
    return null;
  } catch (error) {
    if (error instanceof AudioError) return bad(`${error.code}: ${error.message}`);
    throw error;
  }
};

const bodyFault = (frame: SensorFrame): Refusal | null => {
  const { body } = frame;
  if (body === undefined) return bad('no body; pcm, flac or gap is needed');
  if (body.$case === 'gap') return null;
  const { data } = body.value;
  if (data.length > MAX_BODY_BYTES)
    return refuse('oversize', `a body of ${data.length} bytes; up to ${MAX_BODY_BYTES} are allowed`);
  return body.$case === 'pcm' ? pcmFault(data, body.value.format, frame.sampleCount) : flacFault(data, frame);
};

/** null: the frame is good. */
export const validateFrame = (frame: SensorFrame, receivedTimeUs: number): Verdict =>
  identityFault(frame) ?? durationFault(frame) ?? timeFault(frame, receivedTimeUs) ?? bodyFault(frame);
