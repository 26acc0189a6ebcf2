import { AudioFrame, Calibration, LogMelFrame, PcmFormat, Sensor, SoundLevels } from '@earshot/contracts';
import type { AudioInput, FeatureOutput, FeatureState } from '@earshot/core/features';
import { emitted, type Stage } from '@earshot/core/stage';
import { createRealFft } from '@earshot/platform/fft';
import type { IncomingRecord } from '@earshot/platform/kafka';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { StageDefinition } from '@earshot/platform/stage-runner';
import { createCalibrations } from './calibrations.js';
import { createMachines } from './machines.js';
import { createPipeline } from './pipeline.js';

const RATE_HZ = 16_000;
const ANCHOR_US = 1_700_000_000_000_000;
const sine = Float64Array.from({ length: RATE_HZ }, (_, n) => 0.5 * Math.sin((2 * Math.PI * 1000 * n) / RATE_HZ));

const s16 = (): Buffer => {
  const bytes = Buffer.alloc(2 * RATE_HZ);
  sine.forEach((x, n) => bytes.writeInt16LE(Math.round(x * 32_767), 2 * n));
  return bytes;
};
const record = (change: Parameters<typeof AudioFrame.fromPartial>[0] = {}, key = 't/s'): IncomingRecord => ({
  topic: 'earshot.audio.v1',
  partition: 0,
  kafkaOffset: 1,
  key,
  value: AudioFrame.encode(
    AudioFrame.fromPartial({
      tenantId: 't',
      sensorId: 's',
      bootId: 'b',
      anchorTimeUs: ANCHOR_US,
      sampleRateHz: RATE_HZ,
      sampleCount: RATE_HZ,
      receivedTimeUs: ANCHOR_US + 7,
      body: { $case: 'pcm', value: { format: PcmFormat.PCM_FORMAT_S16LE, data: s16() } },
      ...change,
    }),
  ).finish(),
  headers: {},
  timestampMs: 0,
});

const calibrations = createCalibrations();
const machines = createMachines();
let pipeline: StageDefinition<FeatureState, AudioInput, FeatureOutput>;
beforeAll(async () => {
  pipeline = createPipeline(
    'test',
    { REORDER_FRAMES: 16, REORDER_MS: 10_000, BACKFILL_FRAMES_PER_S: 50 },
    {
      fft: await createRealFft(1024),
      longFft: await createRealFft(8192),
      calibrationAt: (sensor, timeUs) => calibrations.at(sensor, timeUs),
      machineAt: (sensor, timeUs) => machines.at(sensor, timeUs),
      viewsReady: Promise.resolve(),
    },
  );
});
const decode = (given: IncomingRecord): ReturnType<(typeof pipeline.inputs)[number]['decode']> => {
  const [live] = pipeline.inputs;
  if (live === undefined) throw new Error('no input');
  return live.decode(given);
};
const fault = (given: IncomingRecord): string => {
  const decoded = decode(given);
  return decoded.kind === 'dlq' ? `${decoded.reason}: ${decoded.cause}` : decoded.kind;
};
const outputsOf = (given: IncomingRecord): readonly FeatureOutput[] => {
  const decoded = decode(given);
  if (decoded.kind !== 'input') throw new Error(decoded.cause);
  const stage = pipeline.stage as Stage<FeatureState, AudioInput, FeatureOutput>;
  return emitted(stage.step(stage.init('t/s'), [decoded.input]).outcomes);
};

describe('from an audio record to levels and features', () => {
  it('routes one second of each to their topics, under the sensor', () => {
    const [levels, features] = outputsOf(record()).map((output) => pipeline.route(output));
    expect([levels?.topic, levels?.key, features?.topic, features?.key]).toEqual([
      'test.levels.v1',
      't/s',
      'test.features.v1',
      't/s',
    ]);
    const sound = SoundLevels.decode(levels?.value ?? new Uint8Array());
    expect(sound).toMatchObject({
      bootId: 'b',
      secondIndex: 0,
      timeUs: ANCHOR_US,
      durationMs: 1000,
      calibrationId: '',
    });
    expect(sound.laeqDb).toBeCloseTo(-9.03, 1);
    expect(sound.thirdOctaveDb[16]).toBeCloseTo(-9.03, 1);
    // 8 kHz and up can't be measured at 16 kHz.
    expect(sound.thirdOctaveDb.slice(25).every(Number.isNaN)).toBe(true);
    const mel = LogMelFrame.decode(features?.value ?? new Uint8Array());
    expect(mel).toMatchObject({ frontEndId: 'logmel-16k-64-v1', frameCount: 47, melBands: 64, discontinuity: false });
    expect(mel.logMel).toHaveLength(47 * 64);
    expect(mel.levels?.laeqDb).toBe(sound.laeqDb);
  });

  it('writes no energy as NaN', () => {
    const body = {
      $case: 'pcm' as const,
      value: { format: PcmFormat.PCM_FORMAT_S16LE, data: Buffer.alloc(2 * RATE_HZ) },
    };
    const [levels] = outputsOf(record({ body })).map((output) => pipeline.route(output));
    const sound = SoundLevels.decode(levels?.value ?? new Uint8Array());
    expect([sound.laeqDb, sound.lcpeakDb, sound.laf125msDb[3]].every(Number.isNaN)).toBe(true);
  });

  it('uses the calibration in force at the event time', () => {
    const calibration = (version: number, fullScaleDb: number, effectiveFromUs: number): void => {
      const sensor = { tenantId: 't', sensorId: 'cal', calibrationId: `cal.${version}` };
      calibrations.put(Calibration.fromPartial({ ...sensor, version, fullScaleDb, effectiveFromUs }));
    };
    calibration(2, 100, ANCHOR_US + 10e6);
    calibration(1, 120, ANCHOR_US - 10e6);
    const at = (offsetS: number): FeatureOutput | undefined =>
      outputsOf(record({ sensorId: 'cal', anchorTimeUs: ANCHOR_US + offsetS * 1e6 }, 't/cal'))[0];
    expect(at(-11)).toMatchObject({ levels: { fullScaleDb: 0, calibrationId: '', calibrationVersion: 0 } });
    expect(at(0)).toMatchObject({ levels: { fullScaleDb: 120, calibrationId: 'cal.1', calibrationVersion: 1 } });
    expect(at(10)).toMatchObject({ levels: { fullScaleDb: 100, calibrationId: 'cal.2', calibrationVersion: 2 } });
  });

  it('gives long spectra of a machine to a sensor that asks, from its time on and from 4 s of sound on', () => {
    const machine = { minShaftHz: 20, maxShaftHz: 30, bpfoOrder: 3.58, bpfiOrder: 0, bsfOrder: 0, ftfOrder: 0 };
    machines.put(
      Sensor.fromPartial({ tenantId: 't', sensorId: 'pump', machine: { ...machine, fromUs: ANCHOR_US + 2e6 } }),
    );
    const stage = pipeline.stage as Stage<FeatureState, AudioInput, FeatureOutput>;
    const inputs = Array.from({ length: 8 }, (_, sequence) => {
      const decoded = decode(record({ sensorId: 'pump', sequence, firstSampleIndex: sequence * RATE_HZ }, 't/pump'));
      if (decoded.kind !== 'input') throw new Error(decoded.cause);
      return decoded.input;
    });
    expect(inputs.map((input) => input.machine?.bpfoOrder)).toEqual([
      undefined,
      undefined,
      ...Array<number>(6).fill(3.58),
    ]);
    const frames = emitted(stage.step(stage.init('t/pump'), inputs).outcomes)
      .filter(({ kind }) => kind === 'features')
      .map((output) => LogMelFrame.decode(pipeline.route(output).value ?? new Uint8Array()));
    const withSpectra = frames.flatMap(({ secondIndex, machine: one }) =>
      one === undefined ? [] : [{ secondIndex, ...one }],
    );
    // Asked for from second 2 on, 4 s of sound and the resampler's look-ahead.
    expect(withSpectra.map(({ secondIndex }) => secondIndex)).toEqual([6, 7]);
    expect(withSpectra[0]?.binHz).toBe(0.25);
    expect([withSpectra[0]?.spectrum.length, withSpectra[0]?.envelope.length]).toEqual([3200, 3200]);
  });

  it('takes gaps and silence', () => {
    expect(
      decode(record({ body: { $case: 'gap', value: { reason: 'full' } }, sampleCount: RATE_HZ * 3600 })),
    ).toMatchObject({
      input: { body: { kind: 'gap' }, sampleCount: RATE_HZ * 3600, lane: 'live' },
    });
    const silent = { bootId: '', sampleRateHz: 0, sampleCount: 0, anchorTimeUs: 0 };
    expect(decode(record({ ...silent, body: { $case: 'silent', value: { sinceUs: 5 } } }))).toMatchObject({
      input: { body: { kind: 'silent', sinceUs: 5 } },
    });
  });
});

describe('what can not be used says why', () => {
  const pcm = (format: PcmFormat, data: Buffer) => ({ body: { $case: 'pcm' as const, value: { format, data } } });
  const oneNaN = Buffer.alloc(8);
  oneNaN.writeFloatLE(NaN, 4);

  it.each<[string, Parameters<typeof AudioFrame.fromPartial>[0]]>([
    ['invalid: sample rate 4000 Hz: expected 8000 to 192000', { sampleRateHz: 4000 }],
    ['invalid: 64001 samples: expected 1 to 64000', { sampleCount: 64_001 }],
    ['invalid: 0 samples: expected 1 to 64000', { sampleCount: 0 }],
    ['invalid: 32000 bytes of s16le: 15999 samples need 31998', { sampleCount: 15_999 }],
    ['invalid: sequence -1: expected 0 or more', { sequence: -1 }],
    ['invalid: no boot id', { bootId: '' }],
    ['invalid: sample 1 is NaN', { sampleCount: 2, ...pcm(PcmFormat.PCM_FORMAT_F32LE, oneNaN) }],
    ['unsupported: PCM format PCM_FORMAT_UNSPECIFIED', pcm(PcmFormat.PCM_FORMAT_UNSPECIFIED, Buffer.alloc(2))],
    ['invalid: no body: expected pcm, flac, gap or silent', { body: undefined }],
  ])('%s', (expected, change) => {
    expect(fault(record(change))).toBe(expected);
  });

  it('a key of another sensor, a broken FLAC, a tombstone', () => {
    expect(fault(record({}, 't/other'))).toBe('invalid: key "t/other" is not its sensor "t/s"');
    expect(fault(record({ body: { $case: 'flac', value: { data: Buffer.from('fLaCnothing') } } }))).toMatch(
      /^invalid: FLAC: /,
    );
    expect(fault({ ...record(), value: null })).toBe('invalid: no value');
  });
});
