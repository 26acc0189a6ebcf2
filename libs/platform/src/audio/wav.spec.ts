import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AudioError, type AudioErrorCode, type AudioLimits } from './audio.js';
import { decodeAudio } from './decode.js';
import { decodePcm, encodePcm, type PcmSampleFormat } from './pcm.js';
import { encodeWav, encodeWav16 } from './wav.js';

const chunk = (id: string, body: Uint8Array, claimed = body.length): Buffer => {
  const head = Buffer.alloc(8);
  head.write(id, 0, 'latin1');
  head.writeUInt32LE(claimed, 4);
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
};

interface Layout {
  readonly tag: number;
  readonly bytes: number;
  readonly channels?: number;
  readonly rate?: number;
  readonly extensible?: boolean;
}

const format = ({ tag, bytes, channels = 1, rate = 8000, extensible = false }: Layout): Buffer => {
  const fmt = Buffer.alloc(extensible ? 40 : 16);
  fmt.writeUInt16LE(extensible ? 0xfffe : tag, 0);
  fmt.writeUInt16LE(channels, 2);
  fmt.writeUInt32LE(rate, 4);
  fmt.writeUInt32LE(rate * bytes * channels, 8);
  fmt.writeUInt16LE(bytes * channels, 12);
  fmt.writeUInt16LE(bytes * 8, 14);
  if (extensible) {
    fmt.writeUInt16LE(22, 16);
    fmt.writeUInt16LE(tag, 24);
    Buffer.from('0000000010008000 00aa00389b71'.replace(' ', ''), 'hex').copy(fmt, 26);
  }
  return chunk('fmt ', fmt);
};

const riff = (...chunks: Buffer[]): Buffer => {
  const body = Buffer.concat(chunks);
  return Buffer.concat([chunk('RIFF', Buffer.concat([Buffer.from('WAVE'), body]))]);
};

const codeOf = async (bytes: Uint8Array, limits: Partial<AudioLimits> = {}): Promise<AudioErrorCode | 'decoded'> => {
  try {
    await decodeAudio(bytes, limits);
    return 'decoded';
  } catch (error) {
    if (error instanceof AudioError) return error.code;
    throw error;
  }
};

const write: Record<PcmSampleFormat, (buffer: Buffer, value: number, at: number) => void> = {
  u8: (buffer, value, at) => buffer.writeUInt8(Math.round(value * 128) + 128, at),
  s16le: (buffer, value, at) => buffer.writeInt16LE(Math.round(value * 2 ** 15), at),
  s24le: (buffer, value, at) => buffer.writeIntLE(Math.round(value * 2 ** 23), at, 3),
  s32le: (buffer, value, at) => buffer.writeInt32LE(Math.round(value * 2 ** 31), at),
  f32le: (buffer, value, at) => buffer.writeFloatLE(value, at),
  f64le: (buffer, value, at) => buffer.writeDoubleLE(value, at),
};

const values = [0, 0.5, -0.5, 0.25, -1, 0.75];
const pcm = (sampleFormat: PcmSampleFormat, bytes: number): Buffer => {
  const data = Buffer.alloc(values.length * bytes);
  values.forEach((value, i) => write[sampleFormat](data, value, i * bytes));
  return data;
};

describe('WAV', () => {
  const layouts: [PcmSampleFormat, Layout][] = [
    ['u8', { tag: 1, bytes: 1 }],
    ['s16le', { tag: 1, bytes: 2 }],
    ['s24le', { tag: 1, bytes: 3 }],
    ['s32le', { tag: 1, bytes: 4 }],
    ['f32le', { tag: 3, bytes: 4 }],
    ['f64le', { tag: 3, bytes: 8 }],
  ];

  it.each(layouts)('reads %s, plain and extensible, mono and stereo', async (sampleFormat, layout) => {
    const data = pcm(sampleFormat, layout.bytes);
    for (const extensible of [false, true]) {
      const mono = await decodeAudio(riff(format({ ...layout, extensible }), chunk('data', data)));
      expect(mono).toMatchObject({ format: 'wav', sampleRateHz: 8000, durationS: 6 / 8000 });
      expect([...(mono.channels[0] ?? [])]).toEqual(values);
      const stereo = await decodeAudio(riff(format({ ...layout, extensible, channels: 2 }), chunk('data', data)));
      expect(stereo.channels.map((samples) => [...samples])).toEqual([
        [0, -0.5, -1],
        [0.5, 0.25, 0.75],
      ]);
    }
  });

  it('passes over chunks of odd length and unknown kind', async () => {
    const file = riff(
      chunk('JUNK', Buffer.alloc(3)),
      format({ tag: 1, bytes: 2 }),
      chunk('LIST', Buffer.alloc(7)),
      chunk('data', pcm('s16le', 2)),
      chunk('id3 ', Buffer.alloc(5)),
    );
    expect((await decodeAudio(file)).channels[0]).toHaveLength(values.length);
  });

  it('refuses a data chunk that is cut short, unless told to keep it', async () => {
    const file = riff(format({ tag: 1, bytes: 2 }), chunk('data', pcm('s16le', 2), 100));
    expect(await codeOf(file)).toBe('truncated');
    expect((await decodeAudio(file, { truncated: 'keep' })).channels[0]).toHaveLength(values.length);
  });

  it('takes what is there when the writer did not know the length', async () => {
    const data = pcm('s16le', 2);
    for (const unknown of [0xffff_ffff, 0x7fff_ffff])
      expect(
        (await decodeAudio(riff(format({ tag: 1, bytes: 2 }), chunk('data', data, unknown)))).channels[0],
      ).toHaveLength(6);
    const unfinished = riff(format({ tag: 1, bytes: 2 }), chunk('data', data, 0));
    expect(await codeOf(unfinished)).toBe('empty');
    unfinished.writeUInt32LE(0, 4);
    expect((await decodeAudio(unfinished)).channels[0]).toHaveLength(6);
  });

  it('does not believe a header that claims four hours', async () => {
    const claimed = 4 * 3600 * 48_000 * 2;
    const file = riff(format({ tag: 1, bytes: 2, rate: 48_000 }), chunk('data', Buffer.alloc(10), claimed));
    expect(await codeOf(file, { maxSeconds: 86_400 })).toBe('truncated');
  });

  it('says what it can not use', async () => {
    const data = chunk('data', pcm('s16le', 2));
    expect(await codeOf(riff(format({ tag: 1, bytes: 2, rate: 7999 }), data))).toBe('bad_rate');
    expect(await codeOf(riff(format({ tag: 1, bytes: 2, rate: 192_001 }), data))).toBe('bad_rate');
    expect(await codeOf(riff(format({ tag: 0x55, bytes: 2 }), data))).toBe('unsupported');
    expect(await codeOf(riff(format({ tag: 1, bytes: 5 }), data))).toBe('unsupported');
    expect(await codeOf(riff(format({ tag: 1, bytes: 2, channels: 9 }), data))).toBe('unsupported');
    expect(await codeOf(riff(format({ tag: 1, bytes: 2, channels: 0 }), data))).toBe('corrupt');
    expect(await codeOf(riff(format({ tag: 1, bytes: 2 }), chunk('data', Buffer.alloc(0))))).toBe('empty');
    expect(await codeOf(riff(data, format({ tag: 1, bytes: 2 })))).toBe('corrupt');
    expect(await codeOf(riff(format({ tag: 1, bytes: 2 })))).toBe('truncated');
    const nan = Buffer.alloc(8);
    nan.writeFloatLE(NaN, 4);
    expect(await codeOf(riff(format({ tag: 3, bytes: 4 }), chunk('data', nan)))).toBe('bad_sample');
  });

  it('holds to its limits', async () => {
    const file = encodeWav16(new Float32Array(16_000), 8000);
    expect(await codeOf(file, { maxSeconds: 2 })).toBe('decoded');
    expect(await codeOf(file, { maxSeconds: 1.99 })).toBe('too_long');
    expect(await codeOf(file, { maxBytes: file.length - 1 })).toBe('too_large');
  });
});

describe('encodeWav16', () => {
  it('is read back as it was, within half a step, and clipped at full scale', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.float({ min: -2, max: 2, noNaN: true }), { minLength: 1 }), async (samples) => {
        const { channels, sampleRateHz } = await decodeAudio(encodeWav16(Float32Array.from(samples), 22_000));
        expect(sampleRateHz).toBe(22_000);
        samples.forEach((sample, i) => {
          const clipped = Math.max(-1, Math.min(1 - 2 ** -15, sample));
          expect(Math.abs((channels[0]?.[i] ?? NaN) - clipped)).toBeLessThanOrEqual(2 ** -16);
        });
      }),
    );
  });
});

describe('encodeWav', () => {
  it('of 24 bits is read back as it was, odd lengths included', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: -(2 ** 23), max: 2 ** 23 - 1 }), { minLength: 1 }),
        async (values) => {
          const samples = Float32Array.from(values, (value) => value / 2 ** 23);
          const { channels, bitsPerSample } = await decodeAudio(encodeWav(samples, 48_000, 24));
          expect(bitsPerSample).toBe(24);
          expect(channels).toEqual([samples]);
        },
      ),
    );
  });
});

describe('encodePcm', () => {
  it.each(['s16le', 's24le', 'f32le'] as const)('undoes decodePcm for %s', (sampleFormat) => {
    const size = { s16le: 2, s24le: 3, f32le: 4 }[sampleFormat];
    fc.assert(
      fc.property(fc.uint8Array({ minLength: size, maxLength: 60 * size }), (bytes) => {
        const whole = bytes.subarray(0, bytes.length - (bytes.length % size));
        const view = new DataView(whole.buffer, whole.byteOffset, whole.byteLength);
        if (sampleFormat === 'f32le')
          for (let at = 0; at < whole.length; at += 4) fc.pre(Number.isFinite(view.getFloat32(at, true)));
        const [samples] = decodePcm(whole, sampleFormat);
        expect(Buffer.from(encodePcm(samples ?? new Float32Array(), sampleFormat)).equals(Buffer.from(whole))).toBe(
          true,
        );
      }),
    );
  });
});
