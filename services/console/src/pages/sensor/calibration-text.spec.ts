import { describe, expect, it } from '@jest/globals';
import type { CalibrationDraft } from './calibration-text.js';
import { calibrationProblems, driftText, methodText, toNewCalibration } from './calibration-text.js';
import { completeWhere, dayName, periodHours } from './day-text.js';

const draft: CalibrationDraft = {
  quantity: 'fullScale',
  value: '120,4',
  start: 'now',
  time: '',
  performedBy: ' A. Meier ',
  note: '',
};
const NOW_MS = Date.UTC(2026, 10, 24);

describe('calibration form', () => {
  it('makes the body of the request', () => {
    expect(toNewCalibration(draft)).toEqual({ fullScaleDb: 120.4, performedBy: 'A. Meier', note: '' });
    expect(toNewCalibration({ ...draft, quantity: 'sensitivity', value: '−26', start: 'beginning' })).toMatchObject({
      sensitivityDbfsPerPa: -26,
      effectiveFrom: null,
    });
    expect(toNewCalibration({ ...draft, start: 'time', time: '2026-11-01T00:00:00Z' }).effectiveFrom).toBe(
      '2026-11-01T00:00:00.000Z',
    );
  });

  it('says what is allowed', () => {
    expect(calibrationProblems(draft, NOW_MS)).toEqual({});
    expect(calibrationProblems({ ...draft, value: '' }, NOW_MS)).toEqual({ value: 'From 40 to 240 dB SPL' });
    expect(calibrationProblems({ ...draft, quantity: 'sensitivity' }, NOW_MS).value).toContain('−200 to 20');
    expect(calibrationProblems({ ...draft, start: 'time', time: '2027-01-01T00:00' }, NOW_MS).time).toBeDefined();
    expect(calibrationProblems({ ...draft, start: 'time' }, NOW_MS).time).toBeDefined();
  });

  it('has words for method and drift', () => {
    expect(methodText({ method: 'calibrator', calibratorLevelDb: 94 })).toBe('Calibrator 94 dB');
    expect(methodText({ method: 'sensitivity', calibratorLevelDb: null })).toBe('Sensitivity');
    expect([driftText(0.4), driftText(-0.124), driftText(null)]).toEqual(['+0.40 dB', '−0.12 dB', '']);
  });
});

describe('days', () => {
  const night = { from: '2026-10-24T21:00:00.000Z', to: '2026-10-25T06:00:00.000Z', completeness: 0.5 };

  it('tells the hours on the site’s clock, nine in the night when clocks go back', () => {
    expect(periodHours(night, 'Europe/Berlin')).toBe('23:00–07:00, 9 h');
    expect(dayName('2026-10-24')).toBe('Sat 24 Oct');
    const whole = { ...night, completeness: 1 };
    expect(completeWhere({ day: whole, evening: whole, night })).toBe('day 100.0 %, evening 100.0 %, night 50.0 %');
  });
});
