import { describe, expect, it } from '@jest/globals';
import { FRONT_END } from '../dsp/index.js';
import { createReferenceFft } from '../dsp/reference-fft.js';
import { noise } from '../levels/test-signals.js';
import { emitted, runStage, type Outcome } from '../stage/index.js';
import { analyseSignal } from './analyse-signal.js';
import { createExtractFeatures, defaultFeatureConfig } from './extract-features.js';
import type { AudioInput, FeatureOutput, LogMelFeatures, SoundLevels } from './types.js';

const fft = createReferenceFft(FRONT_END.fftSize);
const stage = createExtractFeatures(defaultFeatureConfig, { fft });
const RATE_HZ = 8000;
const ANCHOR_US = 1_700_000_000_000_000;
const SIGNAL = noise(RATE_HZ * 40, 0.3);

const frame = (sequence: number, change: Partial<AudioInput> = {}, signal = SIGNAL): AudioInput => {
  const firstSampleIndex = change.firstSampleIndex ?? sequence * RATE_HZ;
  const sampleCount = change.sampleCount ?? RATE_HZ;
  return {
    tenantId: 't',
    sensorId: 's',
    bootId: 'boot-1',
    sequence,
    anchorTimeUs: ANCHOR_US,
    firstSampleIndex,
    sampleRateHz: RATE_HZ,
    sampleCount,
    receivedTimeUs: ANCHOR_US + sequence * 1e6 + 5,
    body: { kind: 'samples', samples: signal.slice(firstSampleIndex, firstSampleIndex + sampleCount) },
    ...change,
  };
};
const gap = (sequence: number, change: Partial<AudioInput> = {}): AudioInput =>
  frame(sequence, { ...change, body: { kind: 'gap' } });
const silent = (sinceS: number): AudioInput =>
  frame(0, { bootId: '', body: { kind: 'silent', sinceUs: ANCHOR_US + sinceS * 1e6 } });

const run = (inputs: readonly AudioInput[]): readonly Outcome<FeatureOutput>[] =>
  stage.step(stage.init('t/s'), inputs).outcomes;
const levelsOf = (outputs: readonly FeatureOutput[]): readonly SoundLevels[] =>
  outputs.flatMap((output) => (output.kind === 'levels' ? [output.levels] : []));
const featuresOf = (outputs: readonly FeatureOutput[]): readonly LogMelFeatures[] =>
  outputs.flatMap((output) => (output.kind === 'features' ? [output.features] : []));
const briefly = (outputs: readonly FeatureOutput[]): readonly string[] =>
  outputs.map((output) => {
    const seconds = (timeUs: number): string => ((timeUs - ANCHOR_US) / 1e6).toFixed(2);
    if (output.kind === 'levels')
      return `levels ${output.levels.secondIndex} at ${seconds(output.levels.timeUs)} for ${output.levels.durationMs}`;
    const { discontinuity, timeUs, firstFrameIndex, frameCount } = output.features;
    return discontinuity
      ? `break at ${seconds(timeUs)}`
      : `mel at ${seconds(timeUs)}: ${firstFrameIndex}+${frameCount}`;
  });

describe('a contiguous stream', () => {
  it('gives one levels and one features output per second, equal to the offline analysis', () => {
    const outputs = emitted(run([0, 1, 2].map((sequence) => frame(sequence))));
    expect(briefly(outputs)).toEqual([
      'levels 0 at 0.00 for 1000',
      'mel at 0.00: 0+47',
      'levels 1 at 1.00 for 1000',
      'mel at 0.94: 47+50',
      'levels 2 at 2.00 for 1000',
      'mel at 1.94: 97+50',
    ]);
    const offline = analyseSignal(SIGNAL.slice(0, 3 * RATE_HZ), RATE_HZ, { fft });
    levelsOf(outputs).forEach((levels, i) => {
      const { t: _, durationS: __, ...expected } = offline.levels[i] ?? { t: 0, durationS: 0 };
      expect(levels).toMatchObject(expected);
    });
    const codes = featuresOf(outputs).flatMap(({ logMel }) => [...logMel]);
    expect(codes).toEqual([...offline.logMel.frames.subarray(0, codes.length)]);
    expect(featuresOf(outputs).map(({ levels }) => levels)).toEqual(levelsOf(outputs));
  });

  it('emits the rest of a finite input', () => {
    const outputs = runStage(stage, 't/s', [frame(0), frame(1, { sampleCount: 2000 })]);
    expect(levelsOf(outputs).map(({ durationMs }) => durationMs)).toEqual([1000, 250]);
  });

  it('keeps exact times far from the anchor', () => {
    const [levels] = levelsOf(
      emitted(
        run([
          frame(0, {
            sampleRateHz: 44_100,
            firstSampleIndex: 44_100 * 400_000_000,
            sampleCount: 44_100,
            body: { kind: 'samples', samples: noise(44_100) },
          }),
        ]),
      ),
    );
    expect(levels?.timeUs).toBe(ANCHOR_US + 400_000_000 * 1e6);
  });
});

describe('order', () => {
  it('waits for a missing frame and gives the same as in order', () => {
    const inOrder = emitted(run([0, 1, 2, 3, 4].map((s) => frame(s))));
    const outcomes = run([0, 2, 4, 3, 1].map((s) => frame(s)));
    expect(emitted(outcomes)).toEqual(inOrder);
    expect(outcomes[1]).toEqual({ kind: 'emit', values: [] });
  });

  it('waits for the first frame of a boot whose later ones came before it', () => {
    const inOrder = emitted(run([0, 1, 2, 3, 4].map((sequence) => frame(sequence))));
    const outOfOrder = run([2, 1, 0, 4, 3].map((sequence) => frame(sequence)));
    expect(emitted(outOfOrder.slice(0, 2))).toEqual([]);
    expect(briefly(emitted(outOfOrder))).toEqual(briefly(inOrder));
  });

  it('does not wait at a boot that begins with sample 0, whatever its number, or far from the beginning', () => {
    const first = { firstSampleIndex: 0, sampleCount: RATE_HZ };
    expect(briefly(emitted(run([frame(1, first)])))).toEqual(['levels 0 at 0.00 for 1000', 'mel at 0.00: 0+47']);
    expect(briefly(emitted(run([frame(20)])))).toEqual(['levels 20 at 20.00 for 1000', 'mel at 20.00: 0+47']);
  });

  it('gives the beginning of a boot up as it gives up a hole', () => {
    const outputs = emitted(run([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map((sequence) => frame(sequence))));
    expect(briefly(outputs).slice(0, 2)).toEqual(['levels 2 at 2.00 for 1000', 'mel at 2.00: 0+47']);
    expect(levelsOf(outputs)).toHaveLength(11);
  });

  it('drops duplicates, taken or waiting', () => {
    const outcomes = run([frame(0), frame(1), frame(1), frame(3), frame(3), frame(0)]);
    expect(outcomes.map((outcome) => (outcome.kind === 'drop' ? outcome.reason : outcome.kind))).toEqual([
      'emit',
      'emit',
      'duplicate',
      'emit',
      'duplicate',
      'duplicate',
    ]);
  });

  it('gives a hole up after 10 s of waiting sound: a gap; what then comes is measured alone, once', () => {
    const later = Array.from({ length: 11 }, (_, i) => frame(i + 2));
    const outcomes = run([frame(0), ...later, frame(1), frame(1)]);
    expect(outcomes.slice(1, 11).every((outcome) => outcome.kind === 'emit' && outcome.values.length === 0)).toBe(true);
    const given = outcomes[11];
    expect(briefly(given?.kind === 'emit' ? given.values : []).slice(0, 4)).toEqual([
      'break at 1.00',
      'levels 2 at 2.00 for 1000',
      'mel at 2.00: 0+47',
      'levels 3 at 3.00 for 1000',
    ]);
    const late = outcomes[12];
    expect(briefly(late?.kind === 'emit' ? late.values : [])).toEqual(['levels 1 at 1.00 for 1000']);
    expect(outcomes[13]).toEqual({ kind: 'drop', reason: 'duplicate' });
  });

  it('gives a hole up after 16 waiting frames', () => {
    const short = (sequence: number) => frame(sequence, { firstSampleIndex: sequence * 800, sampleCount: 800 });
    const outcomes = run([short(0), ...Array.from({ length: 17 }, (_, i) => short(i + 2))]);
    expect(emitted(outcomes.slice(0, -1))).toEqual([]);
    expect(levelsOf(emitted(outcomes)).map(({ durationMs }) => durationMs)).toEqual([900]);
  });
});

describe('gaps', () => {
  it('inside a second: one levels output over what was heard, mel frames after it with the next second', () => {
    const outputs = emitted(
      run([
        frame(0, { sampleCount: 3200 }),
        gap(1, { firstSampleIndex: 3200, sampleCount: 1600 }),
        frame(2, { firstSampleIndex: 4800, sampleCount: 3200 }),
        frame(3, { firstSampleIndex: 8000, sampleCount: 8000 }),
      ]),
    );
    expect(briefly(outputs)).toEqual([
      'levels 0 at 0.00 for 800',
      'mel at 0.00: 0+17',
      'break at 0.40',
      'levels 1 at 1.00 for 1000',
      'mel at 0.60: 0+67',
    ]);
  });

  it('over seconds: partial seconds on both sides', () => {
    const outputs = emitted(
      run([
        frame(0, { sampleCount: 12_000 }),
        gap(1, { firstSampleIndex: 12_000, sampleCount: 18_000 }),
        frame(2, { firstSampleIndex: 30_000, sampleCount: 10_000 }),
      ]),
    );
    expect(briefly(outputs)).toEqual([
      'levels 0 at 0.00 for 1000',
      'mel at 0.00: 0+47',
      'levels 1 at 1.00 for 500',
      'mel at 0.94: 47+25',
      'break at 1.50',
      'levels 3 at 3.75 for 250',
      // 250 ms less the resampler's look-ahead.
      'mel at 3.75: 0+9',
      'levels 4 at 4.00 for 1000',
      'mel at 3.93: 9+50',
    ]);
  });

  it('a jump of the sample index is a gap', () => {
    const outputs = emitted(run([frame(0), frame(1, { firstSampleIndex: 24_000 })]));
    expect(briefly(outputs)).toContain('break at 1.00');
    expect(levelsOf(outputs).map(({ secondIndex }) => secondIndex)).toEqual([0, 3]);
  });

  it('a hole is as a gap record of the same length: filters start anew', () => {
    const told = emitted(run([frame(0), gap(1), ...Array.from({ length: 11 }, (_, i) => frame(i + 2))]));
    const lost = emitted(run([frame(0), ...Array.from({ length: 11 }, (_, i) => frame(i + 2))]));
    const strip = (outputs: readonly FeatureOutput[]) =>
      levelsOf(outputs).map(({ receivedTimeUs: _, ...rest }) => rest);
    expect(strip(lost)).toEqual(strip(told));
  });
});

describe('boots', () => {
  it('a new boot closes the old one; its stragglers are measured alone', () => {
    const other = (sequence: number) => frame(sequence, { bootId: 'boot-2', anchorTimeUs: ANCHOR_US + 100e6 });
    const outcomes = run([frame(0), frame(1, { sampleCount: 4000 }), other(0), frame(2), frame(0), other(1)]);
    expect(outcomes.map((outcome) => (outcome.kind === 'emit' ? briefly(outcome.values) : outcome))).toEqual([
      ['levels 0 at 0.00 for 1000', 'mel at 0.00: 0+47'],
      [],
      [
        'levels 1 at 1.00 for 500',
        'mel at 0.94: 47+25',
        'break at 1.50',
        'levels 0 at 100.00 for 1000',
        'mel at 100.00: 0+47',
      ],
      ['levels 2 at 2.00 for 1000'],
      { kind: 'drop', reason: 'duplicate' },
      ['levels 1 at 101.00 for 1000', 'mel at 100.94: 47+50'],
    ]);
  });

  it('an old boot from the backfill topic does not end the boot that is heard', () => {
    const old = frame(5, { bootId: 'boot-0', anchorTimeUs: ANCHOR_US - 3600e6, lane: 'backfill' });
    const outcomes = run([frame(0), old, old, frame(1)]);
    expect(
      outcomes.map((outcome) => (outcome.kind === 'emit' ? levelsOf(outcome.values).length : outcome.kind)),
    ).toEqual([1, 1, 'drop', 1]);
    expect(featuresOf(emitted(outcomes)).every(({ bootId }) => bootId === 'boot-1')).toBe(true);
  });

  it('another rate or an index that goes back is invalid, and nobody waits for it', () => {
    const outcomes = run([
      frame(0),
      frame(1, { sampleRateHz: 16_000 }),
      frame(2),
      frame(3, { firstSampleIndex: 20_000 }),
      frame(4),
    ]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['emit', 'dlq', 'emit', 'dlq', 'emit']);
    expect(outcomes[1]).toMatchObject({
      reason: 'invalid',
      cause: 'sample rate 16000 Hz in sequence 1, but boot boot-1 began with 8000 Hz: a new rate needs a new boot id',
    });
    expect(outcomes[3]).toMatchObject({
      cause: 'sequence 3 begins at sample 20000, but the frames before it reach to 24000',
    });
    expect(levelsOf(emitted(outcomes)).map(({ secondIndex }) => secondIndex)).toEqual([0, 2, 4]);
  });

  it('an index that runs into a waiting frame is invalid', () => {
    const outcomes = run([frame(0), frame(2), frame(1, { sampleCount: 9000 })]);
    expect(outcomes[2]).toMatchObject({ cause: 'sequence 1 ends at sample 17000, but sequence 2 begins at 16000' });
  });

  it('the anchor of the first frame counts', () => {
    const outputs = emitted(run([frame(0), frame(1, { anchorTimeUs: ANCHOR_US + 77 })]));
    expect(levelsOf(outputs)[1]?.timeUs).toBe(ANCHOR_US + 1e6);
  });
});

describe('silence', () => {
  it('gives up waiting, tells the break, and the boot goes on', () => {
    const outcomes = run([frame(0), frame(1, { sampleCount: 4000 }), frame(3), silent(2), frame(4), silent(3)]);
    expect(outcomes.map((outcome) => (outcome.kind === 'emit' ? briefly(outcome.values) : outcome))).toEqual([
      ['levels 0 at 0.00 for 1000', 'mel at 0.00: 0+47'],
      [],
      [],
      [
        'levels 1 at 1.00 for 500',
        'mel at 0.94: 47+25',
        'break at 1.50',
        'levels 3 at 3.00 for 1000',
        'mel at 3.00: 0+47',
        'break at 4.00',
      ],
      ['levels 4 at 4.00 for 1000', 'mel at 4.00: 0+47'],
      ['break at 5.00'],
    ]);
  });

  it('is dropped when nothing is under way, or when sound was heard since', () => {
    const outcomes = run([
      silent(0),
      frame(0),
      silent(0),
      silent(0),
      frame(1),
      frame(2),
      frame(3),
      frame(4),
      silent(1),
    ]);
    expect(outcomes.map(({ kind }) => kind)).toEqual([
      'drop',
      'emit',
      'emit',
      'drop',
      'emit',
      'emit',
      'emit',
      'emit',
      'drop',
    ]);
  });
});

describe('calibration', () => {
  it('of the frame that begins the second shifts all levels and is named', () => {
    const calibration = { fullScaleDb: 120, calibrationId: 's.3', version: 3 };
    const plain = levelsOf(emitted(run([frame(0)])))[0];
    const [levels] = levelsOf(emitted(run([frame(0, { calibration })])));
    expect(levels).toMatchObject({ fullScaleDb: 120, calibrationId: 's.3', calibrationVersion: 3 });
    expect(plain).toMatchObject({ fullScaleDb: 0, calibrationId: '', calibrationVersion: 0 });
    expect((levels?.laeqDb ?? NaN) - (plain?.laeqDb ?? NaN)).toBeCloseTo(120, 9);
    expect((levels?.thirdOctaveDb[16] ?? NaN) - (plain?.thirdOctaveDb[16] ?? NaN)).toBeCloseTo(120, 9);
  });
});
