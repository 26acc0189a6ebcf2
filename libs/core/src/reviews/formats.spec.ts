import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatAudacity, parseAudacity } from './audacity.js';
import { formatCsv, parseCsv } from './csv.js';
import { clipFileName, clipLabels, reviewsCsv } from './export.js';
import { labelFault, labelsOf } from './labels.js';
import { formatRaven, parseRaven } from './raven.js';
import { NO_LABEL, type ClipLabel, type ExportedClip, type ReviewedSound } from './types.js';

const FROM_US = Date.UTC(2026, 10, 22, 10) * 1000;
const clip: ExportedClip = {
  file: 'gate-1_20261122T100000.000Z_1a2b3c4d.wav',
  sensorId: 'gate-1',
  fromUs: FROM_US,
  sampleRateHz: 16_000,
  sampleCount: 80_000,
};
const sound = (changes: Partial<ReviewedSound> = {}): ReviewedSound => ({
  eventId: 'demo/gate-1/b1/m@1/dog/1',
  sensorId: 'gate-1',
  verdict: 'right',
  label: 'dog',
  claimed: 'dog',
  onsetUs: FROM_US + 2_000_000,
  offsetUs: FROM_US + 3_250_000,
  confidence: 0.75,
  modelId: 'm',
  modelVersion: '1',
  reviewer: 'ada',
  note: '',
  reviewedUs: FROM_US + 60e6,
  ...changes,
});
const wrong = sound({
  verdict: 'wrong',
  label: NO_LABEL,
  claimed: 'siren',
  onsetUs: FROM_US + 4e6,
  offsetUs: FROM_US + 9e6,
});

const label = fc
  .string({ minLength: 1, maxLength: 100, unit: 'grapheme' })
  .filter((text) => labelFault(text) === undefined);
const clipLabel: fc.Arbitrary<ClipLabel> = fc
  .record({
    start: fc.nat(60_000_000),
    length: fc.integer({ min: 1, max: 60_000_000 }),
    what: fc.oneof(
      label.map((one) => ({ label: one, claimed: '' })),
      label.map((claimed) => ({ label: NO_LABEL, claimed })),
    ),
  })
  .map(({ start, length, what }) => ({ startS: start / 1e6, endS: (start + length) / 1e6, ...what }));

describe('the labels of a clip', () => {
  it('are all reviewed sounds that reach into it, cut at its ends', () => {
    const elsewhere = sound({ sensorId: 'gate-2' });
    const before = sound({ onsetUs: FROM_US - 5e6, offsetUs: FROM_US });
    expect(labelsOf(clip, [wrong, elsewhere, before, sound()])).toEqual([
      { startS: 2, endS: 3.25, label: 'dog', claimed: '' },
      { startS: 4, endS: 5, label: NO_LABEL, claimed: 'siren' },
    ]);
  });

  it.each([
    ['dog bark', undefined],
    ['Schröder, "laut"', undefined],
    ['', /1 to 100/],
    [' dog', /blanks/],
    ['x'.repeat(101), /1 to 100/],
    ['a\tb', /control/],
    ['a\u2028b', /control/],
    ['none', /verdict wrong/],
    ['none (claimed dog)', /verdict wrong/],
  ])('%j is judged', (text, fault) => {
    const found = labelFault(text);
    if (fault === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(fault);
  });
});

describe('an Audacity label track', () => {
  it('has start, end and label, tab separated, one line each', () => {
    expect(clipLabels('audacity', clip, [sound(), wrong])).toEqual([
      {
        path: 'gate-1_20261122T100000.000Z_1a2b3c4d.txt',
        text: '2.000000\t3.250000\tdog\n4.000000\t5.000000\tnone (claimed siren)\n',
      },
    ]);
  });

  it('is read back as it was', () => {
    fc.assert(
      fc.property(fc.array(clipLabel), (labels) => expect(parseAudacity(formatAudacity(labels))).toEqual(labels)),
    );
  });

  it('of Audacity itself is read, frequencies passed over', () => {
    expect(parseAudacity('1.5\t2.5\tdog\r\n\\\t100.0\t200.0\r\n')).toEqual([
      { startS: 1.5, endS: 2.5, label: 'dog', claimed: '' },
    ]);
    expect(() => parseAudacity('dog\n')).toThrow(/line 1 is "dog"/);
  });
});

describe('a Raven selection table', () => {
  it("has Raven's own columns, then the label", () => {
    const [file] = clipLabels('raven', clip, [sound()]);
    expect(file?.path).toBe('gate-1_20261122T100000.000Z_1a2b3c4d.selections.txt');
    expect(file?.text).toBe(
      'Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tHigh Freq (Hz)\tBegin File\tLabel\tClaimed\n' +
        `1\tSpectrogram 1\t1\t2.000000\t3.250000\t0.000\t8000.000\t${clip.file}\tdog\t\n`,
    );
  });

  it('is read back as it was', () => {
    fc.assert(
      fc.property(fc.array(clipLabel), (labels) => expect(parseRaven(formatRaven(clip, labels))).toEqual(labels)),
    );
  });

  it('with both views, as Raven saves it, gives each selection once', () => {
    const saved =
      'Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLabel\n' +
      '1\tWaveform 1\t1\t1.0\t2.0\tdog\n1\tSpectrogram 1\t1\t1.0\t2.0\tdog\n';
    expect(parseRaven(saved)).toEqual([{ startS: 1, endS: 2, label: 'dog', claimed: '' }]);
    expect(() => parseRaven('Selection\tView\n')).toThrow(/"Begin Time \(s\)" is missing/);
  });
});

describe('the CSV', () => {
  it('has a row per review, also of one without a clip', () => {
    const { path, text } = reviewsCsv([
      { sound: sound({ note: 'two, "loud"\nbarks' }), clip },
      {
        sound: sound({ verdict: 'missed', claimed: '', confidence: null, modelId: '', modelVersion: '' }),
        clip: undefined,
      },
    ]);
    expect(path).toBe('reviews.csv');
    expect(parseCsv(text)).toEqual([
      {
        event_id: 'demo/gate-1/b1/m@1/dog/1',
        sensor_id: 'gate-1',
        verdict: 'right',
        label: 'dog',
        claimed_label: 'dog',
        onset: '2026-11-22T10:00:02.000Z',
        offset: '2026-11-22T10:00:03.250Z',
        confidence: '0.75',
        model_id: 'm',
        model_version: '1',
        reviewer: 'ada',
        note: 'two, "loud"\nbarks',
        reviewed_time: '2026-11-22T10:01:00.000Z',
        clip: `clips/${clip.file}`,
        clip_time: '2026-11-22T10:00:00.000Z',
        clip_sample_rate_hz: '16000',
        clip_samples: '80000',
        start_s: '2',
        end_s: '3.25',
      },
      expect.objectContaining({ verdict: 'missed', claimed_label: '', confidence: '', clip: '', start_s: '' }),
    ]);
  });

  it('is read back as it was, whatever the cells hold', () => {
    const rows = fc.array(fc.record({ a: fc.string({ unit: 'grapheme' }), 'b,"c': fc.string() }));
    fc.assert(fc.property(rows, (all) => expect(parseCsv(formatCsv(['a', 'b,"c'], all))).toEqual(all)));
  });

  it('with an open quote is refused', () => expect(() => parseCsv('a\r\n"b')).toThrow(/not closed/));
});

describe('the name of a clip', () => {
  it('sorts by sensor and time', () => {
    expect(clipFileName('gate-1', FROM_US + 250_000, '1a2b3c4d')).toBe('gate-1_20261122T100000.250Z_1a2b3c4d.wav');
  });
});
