import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { AudioError } from './audio.js';
import { decodeAudio } from './decode.js';
import { decodeFlacFrame, readFlacHeader } from './flac.js';
import { encodeWav16 } from './wav.js';

jest.setTimeout(60_000);

interface GoldenFile {
  readonly name: string;
  readonly sampleRateHz: number;
  readonly channels: number;
  readonly samples: number;
  /** Sum of squares per channel. */
  readonly energy: readonly number[];
  /** Samples 100..103 per channel. */
  readonly first: readonly (readonly number[])[];
  readonly base64: string;
}

// Encoded, and decoded for comparison, by libsndfile (named in the file).
const golden = JSON.parse(readFileSync(join(process.cwd(), 'libs/platform/src/audio/golden/encoded.json'), 'utf8')) as {
  readonly files: readonly GoldenFile[];
};

const bytesOf = (name: string): Buffer =>
  Buffer.from(golden.files.find((file) => file.name === name)?.base64 ?? '', 'base64');
const energyOf = (samples: Float32Array): number => samples.reduce((sum, value) => sum + value * value, 0);

/** What decoding comes to: the code of the error, or undefined. Anything but an AudioError fails the test. */
const outcome = async (bytes: Uint8Array): Promise<string | undefined> => {
  try {
    const { channels } = await decodeAudio(bytes);
    for (const samples of channels) expect(samples.every((sample) => Number.isFinite(sample))).toBe(true);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(AudioError);
    return (error as AudioError).code;
  }
};

describe('decodeAudio', () => {
  it.each(golden.files)('decodes $name as libsndfile does', async (file) => {
    const audio = await decodeAudio(Buffer.from(file.base64, 'base64'));
    expect(audio.sampleRateHz).toBe(file.sampleRateHz);
    expect(audio.channels.map((samples) => samples.length)).toEqual(Array(file.channels).fill(file.samples));
    const exact = file.name.startsWith('flac');
    audio.channels.forEach((samples, channel) => {
      file.first[channel]?.forEach((value, i) => expect(samples[100 + i]).toBeCloseTo(value, exact ? 7 : 3));
      const expected = file.energy[channel] ?? NaN;
      expect(Math.abs(energyOf(samples) / expected - 1)).toBeLessThan(exact ? 1e-6 : 1e-3);
    });
  });

  it('names what people send by mistake', async () => {
    const message = async (bytes: Uint8Array): Promise<string> => {
      const error: unknown = await decodeAudio(bytes).catch((thrown: unknown) => thrown);
      return error instanceof AudioError ? `${error.code}: ${error.message}` : String(error);
    };
    expect(await message(new Uint8Array())).toContain('empty');
    expect(await message(Buffer.from('ID3\u0003 and so on'))).toMatch(/unrecognised_format.*MP3.*WAV, FLAC/);
    expect(await message(Buffer.from('\0\0\0 ftypM4A '))).toMatch(/unrecognised_format.*MP4/);
    expect(await message(Buffer.from('RF64\0\0\0\0WAVE'))).toMatch(/unrecognised_format.*RF64/);
    expect(await message(Buffer.from('hello'))).toMatch(/unrecognised_format/);
  });

  it('ends with samples or an AudioError for any bytes behind a known start', async () => {
    const starts = [Buffer.from('RIFF\0\0\0\0WAVE'), Buffer.from('fLaC'), Buffer.from('OggS'), Buffer.alloc(0)];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 400 }), async (start, rest) => {
        await outcome(Buffer.concat([start, rest]));
      }),
      { numRuns: 300 },
    );
  });

  it('ends with samples or an AudioError wherever a file is cut or changed', async () => {
    const files = [
      ...golden.files.map(({ base64 }) => Buffer.from(base64, 'base64')),
      Buffer.from(encodeWav16(new Float32Array(500), 8000)),
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...files),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        fc.integer({ min: 0, max: 255 }),
        async (file, cut, place, value) => {
          const changed = Buffer.from(file.subarray(0, Math.round(file.length * cut)));
          if (changed.length > 0) changed[Math.floor(place * changed.length)] = value;
          await outcome(changed);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('finds an Ogg file cut anywhere inside a page', async () => {
    const file = bytesOf('vorbis-mono');
    for (const length of [10, 30, 100, Math.floor(file.length / 2), file.length - 1])
      expect(['truncated', 'unrecognised_format']).toContain(await outcome(file.subarray(0, length)));
  });

  it('counts what comes out, not what a header says', async () => {
    await expect(decodeAudio(bytesOf('opus-stereo'), { maxSeconds: 0.1 })).rejects.toMatchObject({ code: 'too_long' });
    await expect(decodeAudio(bytesOf('flac-s16-mono'), { maxSeconds: 0.05 })).rejects.toMatchObject({
      code: 'too_long',
    });
  });
});

describe('decodeFlacFrame', () => {
  const file = bytesOf('flac-s16-mono');

  it('decodes at once, and the same every time', () => {
    const once = decodeFlacFrame(file);
    expect(once).toMatchObject({ sampleRateHz: 16_000, bitsPerSample: 16, durationS: 0.1 });
    expect(decodeFlacFrame(file).channels).toEqual(once.channels);
    // From the middle of a larger buffer, as records come from Kafka.
    const around = Buffer.concat([Buffer.alloc(5, 0xff), file, Buffer.alloc(5, 0xff)]);
    expect(decodeFlacFrame(around.subarray(5, 5 + file.length)).channels).toEqual(once.channels);
  });

  it('takes one channel only', () => {
    expect(() => decodeFlacFrame(bytesOf('flac-s24-stereo'))).toThrow(/2 channels/);
  });

  it('finds every changed bit of its frames', () => {
    const { framesOffset } = readFlacHeader(file);
    fc.assert(
      fc.property(
        fc.integer({ min: framesOffset, max: file.length - 1 }),
        fc.integer({ min: 0, max: 7 }),
        (at, bit) => {
          const changed = Buffer.from(file);
          changed[at] = (changed[at] ?? 0) ^ (1 << bit);
          expect(() => decodeFlacFrame(changed)).toThrow(AudioError);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('finds a stream that ends early, wherever', () => {
    for (let length = 0; length < file.length; length += 7)
      expect(() => decodeFlacFrame(file.subarray(0, length))).toThrow(AudioError);
  });
});
