import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { fuzz, mutated } from '@earshot/testing/fuzz';
import fc from 'fast-check';
import { AudioError } from './audio.js';
import { decodeAudio } from './decode.js';
import { decodeFlacFrame, readFlacHeader } from './flac.js';
import { decodeRaw } from './pcm.js';
import { encodeWav16 } from './wav.js';

jest.setTimeout(3_600_000);

const golden = JSON.parse(readFileSync(join(process.cwd(), 'libs/platform/src/audio/golden/encoded.json'), 'utf8')) as {
  readonly files: readonly { readonly name: string; readonly base64: string }[];
};
const seedsOf = (kind: string): readonly Uint8Array[] =>
  golden.files.filter(({ name }) => name.startsWith(kind)).map(({ base64 }) => Buffer.from(base64, 'base64'));
const wavs = [8_000, 44_100].map((rate) =>
  encodeWav16(
    Float32Array.from({ length: 400 }, (_, i) => Math.sin(i / 9) / 2),
    rate,
  ),
);
const flacs = seedsOf('flac');

const MAX_SECONDS = 20;

/** Whatever comes: sound within the limits, or an AudioError. */
const isHandled = async (bytes: Uint8Array): Promise<void> => {
  try {
    const { channels, sampleRateHz } = await decodeAudio(bytes, { maxSeconds: MAX_SECONDS });
    for (const samples of channels) {
      expect(samples.length).toBeLessThanOrEqual(MAX_SECONDS * sampleRateHz);
      expect(samples.findIndex((sample) => !Number.isFinite(sample))).toBe(-1);
    }
  } catch (error) {
    if (!(error instanceof AudioError)) throw error;
  }
};

describe('decoders take whatever comes', () => {
  it.each([
    ['WAV', wavs, 2_000],
    ['FLAC', flacs, 500],
    ['Ogg', [...seedsOf('vorbis'), ...seedsOf('opus')], 100],
  ] as const)('%s files', async (_kind, seeds, runs) => {
    expect(seeds.length).toBeGreaterThan(0);
    await fuzz({ runs }, fc.asyncProperty(mutated(seeds), isHandled));
  });

  it('FLAC in frames, and its header', async () => {
    const property = fc.property(mutated(flacs), (bytes) => {
      for (const read of [decodeFlacFrame, readFlacHeader]) {
        try {
          read(bytes);
        } catch (error) {
          if (!(error instanceof AudioError)) throw error;
        }
      }
    });
    await fuzz({ runs: 500 }, property);
  });

  it('raw PCM', async () => {
    const property = fc.property(
      fc.uint8Array({ maxLength: 600 }),
      fc.constantFrom('s16le' as const, 's24le' as const, 'f32le' as const),
      fc.integer({ min: -1, max: 400_000 }),
      fc.integer({ min: 0, max: 9 }),
      (bytes, format, sampleRateHz, channels) => {
        try {
          decodeRaw(bytes, { format, sampleRateHz, channels, channel: 0 });
        } catch (error) {
          if (!(error instanceof AudioError)) throw error;
        }
      },
    );
    await fuzz({ runs: 500 }, property);
  });
});
