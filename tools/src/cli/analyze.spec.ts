import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePcm, encodeWav16 } from '@earshot/platform/audio';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { AnalyzeDocument } from '../analyze/document.js';
import { run } from './analyze.js';

jest.setTimeout(60_000);

const ROOT = join(import.meta.dirname, '../../..');
const TESTDATA = join(ROOT, 'libs/platform/src/onnx/testdata');
const TINY = ['--model', join(TESTDATA, 'tiny'), '--model', join(TESTDATA, 'sequence')];
const RECORDINGS = process.env['EARSHOT_RECORDINGS'] ?? join(ROOT, '../shared/data');

let directory: string;
const file = (name: string) => join(directory, name);
const sine = (frequencyHz: number, rateHz: number, durationS: number, amplitude = 0.5) =>
  Float32Array.from(
    { length: Math.round(rateHz * durationS) },
    (_, i) => amplitude * Math.sin((2 * Math.PI * frequencyHz * i) / rateHz),
  );

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'earshot-analyze-'));
  await writeFile(file('tone.wav'), encodeWav16(sine(1000, 16_000, 3.5), 16_000));
  await writeFile(file('silence.wav'), encodeWav16(new Float32Array(16_000), 16_000));
  await writeFile(file('broken.wav'), 'RIFF');
  const [left, right] = [sine(1000, 48_000, 2, 0.25), sine(1000, 48_000, 2, 0.5)];
  const both = Float32Array.from({ length: 2 * left.length }, (_, i) => (i % 2 === 0 ? left : right)[i >> 1] ?? 0);
  await writeFile(file('stereo.raw'), encodePcm(both, 's24le'));
});
afterAll(() => rm(directory, { recursive: true }));

const analyze = async (...argv: string[]) => {
  const [out, err]: [string[], string[]] = [[], []];
  const status = await run([...TINY, ...argv], {
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
  });
  return { status, out: out.join(''), err: err.join('') };
};
const documents = async (...argv: string[]) => {
  const { status, out } = await analyze('--json', ...argv);
  return {
    status,
    documents: out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as AnalyzeDocument),
  };
};

describe('analyze --json', () => {
  it('prints one document per file with levels, summary, classes, windows and events', async () => {
    const { status, documents: found } = await documents(file('tone.wav'), file('silence.wav'));
    expect(status).toBe(0);
    const [tone, silence] = found;
    expect(tone).toMatchObject({ file: file('tone.wav'), sampleRateHz: 16_000, durationS: 3.5 });
    expect(Object.keys(tone ?? {})).toEqual([
      'file',
      'sampleRateHz',
      'durationS',
      'levels',
      'summary',
      'classes',
      'windows',
      'events',
      'anomaly',
    ]);
    // A sine of amplitude 0.5: 3.01 + 6.02 dB below a full-scale square wave.
    expect(tone?.levels.map(({ t }) => t)).toEqual([0, 1, 2, 3]);
    expect(tone?.levels[1]?.lzeqDb).toBeCloseTo(-9.031, 1);
    expect(tone?.levels[1]?.thirdOctaveDb['1000']).toBeCloseTo(-9.031, 0);
    expect(tone?.levels[1]?.thirdOctaveDb).toHaveProperty(['20000'], null);
    expect(tone?.windows.map(({ t, durationS }) => [t, durationS])).toEqual([
      [0, 2.044],
      [0.5, 2.044],
      [1, 2.044],
    ]);
    expect(tone?.classes.map(({ label }) => label).sort()).toEqual(['high', 'low']);
    expect(silence).toMatchObject({
      levels: [{ laeqDb: null, lafMaxDb: null, lcPeakDb: null }],
      summary: { laeqDb: null, la90Db: null },
      windows: [{ t: 0, durationS: 1, probabilities: { low: 0, high: 0 } }],
      events: [],
      anomaly: { state: 'learning', warmUp: 0, verdicts: [] },
    });
    expect(tone?.anomaly).toMatchObject({ detectorId: 'logmel-subspace-v2', state: 'learning', warmUp: 0.025 });
  });

  it('takes the channel of raw PCM and shifts levels by the full-scale level', async () => {
    const raw = ['--raw', 's24le', '--rate', '48000', '--channels', '2', file('stereo.raw')];
    const levelOf = async (...more: string[]) =>
      (await documents(...raw, ...more)).documents[0]?.levels[1]?.laeqDb ?? NaN;
    const left = await levelOf();
    expect(left).toBeCloseTo(-15.05, 1);
    expect((await levelOf('--channel', '1')) - left).toBeCloseTo(6.02, 1);
    expect((await levelOf('--full-scale-db', '130')) - left).toBeCloseTo(130, 2);
    expect((await levelOf('--full-scale-db', '-3')) - left).toBeCloseTo(-3, 2);
  });

  it('tells what can not be read after its own file name, does the others, and ends with 1', async () => {
    const { status, documents: found } = await documents(
      ...[file('missing.wav'), directory, file('broken.wav'), file('tone.wav')],
    );
    expect(status).toBe(1);
    expect(found).toMatchObject([
      { file: file('missing.wav'), error: { code: 'not_found' } },
      { file: directory, error: { code: 'is_directory' } },
      { file: file('broken.wav'), error: { code: expect.any(String), message: expect.any(String) } },
      { file: file('tone.wav'), durationS: 3.5 },
    ]);
    const other = await documents('--channel', '1', file('tone.wav'));
    expect(other).toMatchObject({ status: 1, documents: [{ error: { code: 'no_such_channel' } }] });
  });
});

describe('analyze', () => {
  it('prints a short table without --json, errors apart', async () => {
    const { status, out, err } = await analyze(file('tone.wav'), file('missing.wav'));
    expect(status).toBe(1);
    expect(out).toContain('3.5 s, 16000 Hz');
    expect(out).toContain('dB re full-scale RMS');
    expect(err).toBe(`${file('missing.wav')}: No such file (not_found)\n`);
  });

  it.each([
    ['No file given', []],
    ["'--bogus'", ['--bogus', 'x.wav']],
    ['--raw wants --rate', ['--raw', 's16le', 'x.raw']],
    ['--raw s8: expected s16le', ['--raw', 's8', '--rate', '8000', 'x.raw']],
    ['--rate goes with --raw only', ['--rate', '8000', 'x.wav']],
    [
      '--channel 2: expected a whole number from 0 to 1',
      ['--raw', 's16le', '--rate', '8000', '--channels', '2', '--channel', '2', 'x'],
    ],
    ['--full-scale-db loud', ['--full-scale-db', 'loud', 'x.wav']],
  ])('says %s, shows the usage and ends with 2', async (message, argv) => {
    const { status, out, err } = await analyze(...argv);
    expect(status).toBe(2);
    expect(out).toBe('');
    expect(err).toContain(message);
    expect(err).toContain('Usage: earshot analyze FILE');
  });

  it('ends with 2 when the model is not usable', async () => {
    const { status, err } = await analyze('--model', directory, file('tone.wav'));
    expect(status).toBe(2);
    expect(err).toContain('manifest.json');
  });

  it('answers --help', async () => {
    expect(await analyze('--help')).toMatchObject({ status: 0, err: '' });
  });
});

const present = existsSync(join(RECORDINGS, 'README.md'));
if (!present) console.warn(`No recordings at ${RECORDINGS} (EARSHOT_RECORDINGS): analyze is not tested on them`);
(present ? describe : describe.skip)('analyze on real recordings', () => {
  it('gives the known levels of the speech recording within 0.01 dB', async () => {
    const speech = join(RECORDINGS, 'noisesensor/speak_32000Hz_16bitsPCM_10s.raw');
    const { documents: found } = await documents('--raw', 's16le', '--rate', '32000', speech);
    const known = [-26.21, -27.94, -29.12, -28.92, -40.4, -24.93, -31.55, -29.04, -31.08, -30.65];
    expect(found[0]?.levels).toHaveLength(known.length);
    known.forEach((leqDb, second) =>
      expect(Math.abs((found[0]?.levels[second]?.lzeqDb ?? NaN) - leqDb)).toBeLessThan(0.01),
    );
    expect(found[0]?.summary.laeqDb).toBeCloseTo(-33.744, 2);
  });

  it('gives the known level of the calibration tone', async () => {
    const tone = join(RECORDINGS, 'noisesensor/ref94dB_48000Hz_32bitsPCM.raw');
    const raw = ['--raw', 's32le', '--rate', '48000', '--channels', '2', '--full-scale-db', '132.092'];
    const { documents: found } = await documents(...raw, tone);
    expect(found[0]?.summary.laeqDb).toBeCloseTo(94, 1);
  });
});
