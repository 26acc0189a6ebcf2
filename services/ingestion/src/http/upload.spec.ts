import { describe, expect, it } from '@jest/globals';
import { SensorFrame } from '@earshot/contracts';
import { decodeAudio, decodePcm, encodeWav16 } from '@earshot/platform/audio';
import fc from 'fast-check';
import { validateFrame } from '../frames/validate.js';
import { cutFrames, cutPoints } from './cut.js';
import { HeaderError, identifyUpload, parseStartTime } from './upload-identity.js';

const sensor = { tenantId: 'acme', sensorId: 's1' };
const none = { bootId: undefined, startTime: undefined, firstSequence: undefined, firstSampleIndex: undefined };
const start = { ...none, startTime: '2026-05-01T08:00:00Z' };
const body = Buffer.from('sound');

describe('parseStartTime', () => {
  it('reads RFC 3339 to the microsecond', () => {
    const eight = Date.UTC(2026, 4, 1, 8) * 1000;
    expect(parseStartTime('2026-05-01T08:00:00Z')).toBe(eight);
    expect(parseStartTime('2026-05-01T10:00:00.000001+02:00')).toBe(eight + 1);
    expect(parseStartTime('2026-05-01T08:00:00.1234567z')).toBe(eight + 123_456);
  });

  it.each(['', 'yesterday', '2026-05-01', '2026-05-01 08:00:00Z', '2026-05-01T08:00:00', '2026-13-01T08:00:00Z'])(
    'refuses %j',
    (text) => expect(() => parseStartTime(text)).toThrow(/Earshot-Start-Time/),
  );
});

describe('identifyUpload', () => {
  it('gives the same sound at the same start time the same boot, and any other another one', () => {
    const boot = (headers: typeof start, channel: number, bytes: Buffer, id = 's1'): string =>
      identifyUpload(headers, { ...sensor, sensorId: id }, channel, bytes, 77).bootId;
    const first = boot(start, 0, body);
    expect(boot({ ...start, startTime: '2026-05-01T10:00:00+02:00' }, 0, body)).toBe(first);
    const others = [
      boot(start, 1, body),
      boot(start, 0, Buffer.from('other')),
      boot(start, 0, body, 's2'),
      boot({ ...start, startTime: '2026-05-01T08:00:01Z' }, 0, body),
    ];
    expect(new Set([first, ...others]).size).toBe(5);
  });

  it('asks for what a continued boot needs', () => {
    const continued = { ...start, bootId: 'b', firstSequence: '2', firstSampleIndex: '16000' };
    expect(identifyUpload(continued, sensor, 0, body, 0)).toMatchObject({
      bootId: 'b',
      firstSequence: 2,
      firstSampleIndex: 16_000,
    });
    for (const wrong of [
      { ...continued, bootId: undefined },
      { ...continued, firstSampleIndex: undefined },
      { ...continued, firstSequence: undefined },
      { ...continued, firstSequence: '-1' },
      { ...continued, firstSampleIndex: '1e3' },
    ])
      expect(() => identifyUpload(wrong, sensor, 0, body, 0)).toThrow(HeaderError);
  });
});

describe('cutting', () => {
  it('covers every sample once, in frames of 1 s with a last one that is long enough', () => {
    fc.assert(
      fc.property(fc.integer({ min: 8, max: 100_000 }), fc.integer({ min: 8000, max: 48_000 }), (length, rate) => {
        const cuts = cutPoints(length, rate);
        expect(cuts[0]?.from).toBe(0);
        expect(cuts.at(-1)?.to).toBe(length);
        cuts.slice(1).forEach((cut, i) => expect(cut.from).toBe(cuts[i]?.to));
        cuts.slice(0, -1).forEach((cut) => expect(cut.to - cut.from).toBe(rate));
        if (cuts.length > 1)
          expect((cuts.at(-1)?.to ?? 0) - (cuts.at(-1)?.from ?? 0)).toBeGreaterThanOrEqual(rate / 1000);
      }),
    );
  });

  it('makes valid frames that hold the very samples of a 16-bit file', async () => {
    const samples = Float32Array.from(
      { length: 20_004 },
      (_, i) => Math.round(2 ** 14 * Math.sin(i / 9)) / 2 ** 15 + 0,
    );
    const audio = await decodeAudio(encodeWav16(samples, 8000));
    const identity = { bootId: 'b', anchorTimeUs: 0, firstSequence: 3, firstSampleIndex: 24_000 };
    const frames = [...cutFrames(audio, 0, identity)].map((frame) =>
      SensorFrame.decode(SensorFrame.encode(frame).finish()),
    );
    expect(frames.map((frame) => [frame.sequence, frame.firstSampleIndex, frame.sampleCount])).toEqual([
      [3, 24_000, 8000],
      [4, 32_000, 8000],
      [5, 40_000, 4004],
    ]);
    for (const frame of frames) expect(validateFrame(frame, 0)).toBeNull();
    const back = frames.flatMap(({ body: pcm }) =>
      pcm?.$case === 'pcm' ? [...(decodePcm(pcm.value.data, 's16le')[0] ?? [])] : [],
    );
    expect(back).toEqual([...samples]);
  });
});
