export {
  AudioError,
  defaultAudioLimits,
  MAX_SAMPLE_RATE_HZ,
  MIN_SAMPLE_RATE_HZ,
  type AudioErrorCode,
  type AudioFormat,
  type AudioLimits,
  type DecodedAudio,
} from './audio.js';
export { crc16, crc8 } from './crc.js';
export { decodeAudio, recogniseFormat } from './decode.js';
export { decodeFlacFrame, readFlacHeader, type FlacHeader } from './flac.js';
export { bytesPerSample, decodePcm, encodePcm, decodeRaw, type PcmSampleFormat, type RawOptions } from './pcm.js';
export { encodeWav, encodeWav16 } from './wav.js';
