import { describe, expect, it } from '@jest/globals';
import { denLevel, periodLevel } from './day-levels.js';

describe('Lden', () => {
  it('weighs 12, 4 and 8 h and adds 5 and 10 dB', () => {
    const level = denLevel({ ldayDb: 60, leveningDb: 55, lnightDb: 50 });
    expect(level).toBeCloseTo(60, 10);
    // 10·log10((12·10^6.5 + 4·10^6.3 + 8·10^6.2) / 24)
    expect(denLevel({ ldayDb: 65, leveningDb: 58, lnightDb: 52 })).toBeCloseTo(63.88, 2);
  });

  it('takes other hours, leaves out what has none, and counts silence as no energy', () => {
    expect(
      denLevel({ ldayDb: 60, leveningDb: 90, lnightDb: 90, hours: { day: 12, evening: 0, night: 0 } }),
    ).toBeCloseTo(60, 10);
    expect(denLevel({ ldayDb: 60, leveningDb: null, lnightDb: null })).toBeCloseTo(60 - 10 * Math.log10(2), 10);
    expect(denLevel({ ldayDb: null, leveningDb: null, lnightDb: null })).toBeNull();
  });

  it('makes a period level of energy and time', () => {
    expect(periodLevel(7 * 3600 * 1e5, 7 * 3600)).toBeCloseTo(50, 10);
    expect(periodLevel(0, 10)).toBeNull();
  });
});
