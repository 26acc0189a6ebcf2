import { Calibration, SensorState, SoundLevels, type Sensor } from '@earshot/contracts';
import { createLogger } from '@earshot/platform/telemetry';
import { describe, expect, it } from '@jest/globals';
import type { NewCalibration } from '../registry/calibration-ledger.js';
import { done, type Result } from '../registry/result.js';
import { ToneListener } from './tone-listener.js';

const T0_US = 1_780_000_000e6;
const KEY = { tenantId: 'demo', sensorId: 'gate-1' };

/** A second of a 1 kHz tone at `levelDb`, as levels.v1 has it. */
const tone = (second: number, levelDb: number, more: Partial<SoundLevels> = {}): SoundLevels =>
  SoundLevels.fromPartial({
    ...KEY,
    timeUs: T0_US + second * 1e6,
    durationMs: 1000,
    laeqDb: levelDb,
    lceqDb: levelDb,
    lzeqDb: levelDb,
    laeq125msDb: Array.from({ length: 8 }, () => levelDb),
    thirdOctaveDb: Array.from({ length: 30 }, (_, band) => (band === 16 ? levelDb : levelDb - 40)),
    ...more,
  });

const setUp = () => {
  const added: NewCalibration[] = [];
  const clock = { us: T0_US };
  const registry = {
    get: (_: string, sensorId: string) =>
      sensorId === 'gate-1' ? ({ ...KEY, state: SensorState.SENSOR_STATE_ACTIVE } as Sensor) : undefined,
    addCalibration: (_: string, __: string, wanted: NewCalibration): Promise<Result<Calibration>> => {
      added.push(wanted);
      return Promise.resolve(done(Calibration.fromPartial({ ...KEY, fullScaleDb: wanted.fullScaleDb })));
    },
  };
  const listener = new ToneListener({ registry, logger: createLogger('test', 'fatal'), nowUs: () => clock.us });
  const arm = (more: object = {}) =>
    listener.arm({ ...KEY, calibratorLevelDb: 94, timeoutS: 0, performedBy: 'A. Noise', ...more });
  return { added, clock, listener, arm };
};

const seconds = (count: number, levelDb: number, more: Partial<SoundLevels> = {}): SoundLevels[] =>
  Array.from({ length: count }, (_, second) => tone(second, levelDb, more));

describe('tone listener', () => {
  it('calibrates once, from the onset of the tone', async () => {
    const { added, listener, arm } = setUp();
    expect(arm()).toEqual({ ok: true, value: T0_US + 300e6 });
    await listener.hear(seconds(9, -38.1));
    expect(added).toHaveLength(1);
    expect(added[0]).toMatchObject({
      method: 'calibrator',
      calibratorLevelDb: 94,
      effectiveFromUs: T0_US,
      performedBy: 'A. Noise',
    });
    expect(added[0]?.fullScaleDb).toBeCloseTo(132.1, 6);
  });

  it('hears the tone of a calibrated sensor re full scale', async () => {
    const { added, listener, arm } = setUp();
    arm({ calibratorLevelDb: 114 });
    await listener.hear(seconds(6, 113.2, { calibrationId: 'gate-1.1', fullScaleDb: 130 }));
    expect(added[0]?.fullScaleDb).toBeCloseTo(130.8, 6);
  });

  it('does nothing unasked, too late, or for a sound that is no tone', async () => {
    const { added, clock, listener, arm } = setUp();
    await listener.hear(seconds(9, -38.1));
    arm({ timeoutS: 10 });
    await listener.hear(seconds(9, -38.1, { lzeqDb: -30 }));
    clock.us += 11e6;
    await listener.hear(seconds(9, -38.1));
    expect(added).toEqual([]);
  });

  it('says what it does not arm', () => {
    const { arm } = setUp();
    expect(arm({ sensorId: 'nobody' })).toMatchObject({ ok: false, code: 'NOT_FOUND' });
    expect(arm({ calibratorLevelDb: 100 })).toMatchObject({ ok: false, message: expect.stringContaining('94 or 114') });
    expect(arm({ timeoutS: 4000 })).toMatchObject({ ok: false, message: expect.stringContaining('3600') });
  });
});
