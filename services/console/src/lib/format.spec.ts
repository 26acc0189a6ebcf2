import { describe, expect, it } from '@jest/globals';
import {
  formatCount,
  formatDb,
  formatDuration,
  formatHz,
  formatLabel,
  formatPercent,
  levelReference,
  thirdOctaveName,
} from './format.js';

describe('format', () => {
  it('shows levels with one decimal and a true minus sign', () => {
    expect(formatDb(-33.744)).toBe('−33.7');
    expect(formatDb(54)).toBe('54.0');
    expect(formatDb(-60, 0)).toBe('−60');
  });

  it('shows a dash, never a number, where there is no energy', () => {
    expect(formatDb(null)).toBe('–');
    expect(formatDb(undefined)).toBe('–');
    expect(formatDb(-Infinity)).toBe('–');
    expect(formatDb(NaN)).toBe('–');
  });

  it('never calls a level dB SPL without a calibration', () => {
    expect(levelReference(null)).toEqual({ unit: 'dB re FS', label: 'uncalibrated' });
    expect(levelReference('cal-1')).toEqual({ unit: 'dB SPL', label: 'calibrated' });
  });

  it.each([
    [0.4, '0.4 s'],
    [3, '3 s'],
    [12.3, '12 s'],
    [60, '1 min'],
    [245, '4 min 5 s'],
    [11_400, '3 h 10 min'],
    [187_200, '2 d 4 h'],
  ])('shows a duration of %d s as %s', (durationS, text) => {
    expect(formatDuration(durationS)).toBe(text);
  });

  it.each([
    [63, '63 Hz'],
    [31.5, '31.5 Hz'],
    [1000, '1 kHz'],
    [44_100, '44.1 kHz'],
  ])('shows %d Hz as %s', (frequencyHz, text) => {
    expect(formatHz(frequencyHz)).toBe(text);
  });

  it('names bands, labels, shares and counts', () => {
    expect([0, 1, 16, 29].map(thirdOctaveName)).toEqual(['25', '31.5', '1k', '20k']);
    expect(formatLabel('crying_baby')).toBe('crying baby');
    expect(formatPercent(0.934)).toBe('93 %');
    expect(formatCount(1, 'event')).toBe('1 event');
    expect(formatCount(1200, 'event')).toBe('1,200 events');
  });
});
