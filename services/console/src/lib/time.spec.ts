import { describe, expect, it } from '@jest/globals';
import { formatAgo, formatClock, formatFull, formatMoment, zoneText } from './time.js';

const WINTER = Date.parse('2026-11-22T10:00:00.000Z');
const SUMMER = Date.parse('2026-07-01T10:00:00.000Z');

describe('time', () => {
  it('names the zone with the offset that holds at the instant', () => {
    expect(zoneText('Europe/Paris', WINTER)).toBe('Europe/Paris, UTC+1');
    expect(zoneText('Europe/Paris', SUMMER)).toBe('Europe/Paris, UTC+2');
    expect(zoneText('America/St_Johns', WINTER)).toBe('America/St_Johns, UTC−3:30');
    expect(zoneText('UTC', WINTER)).toBe('UTC');
  });

  it('shows times in the zone asked for', () => {
    expect(formatClock(WINTER, 'Asia/Tokyo')).toBe('19:00:00');
    expect(formatFull(WINTER, 'Europe/Paris')).toBe('22 Nov 2026, 11:00:00 (Europe/Paris, UTC+1)');
  });

  it('leaves the day out only when it is today in that zone', () => {
    const lateEvening = Date.parse('2026-11-21T23:30:00.000Z');
    expect(formatMoment(lateEvening, WINTER, 'Europe/Paris')).toBe('00:30:00');
    expect(formatMoment(lateEvening, WINTER, 'UTC')).toBe('21 Nov, 23:30:00');
  });

  it.each([
    [-3, 'just now'],
    [12, '12 s ago'],
    [299, '4 min ago'],
    [7200, '2 h ago'],
    [200_000, '2 d ago'],
  ])('%d s later says %s', (elapsedS, text) => {
    expect(formatAgo(WINTER, WINTER + elapsedS * 1000)).toBe(text);
  });
});
