import { namesOfFlags, SensorState, sensorKey, type ArmCalibrationRequest, type SoundLevels } from '@earshot/contracts';
import {
  createDetectCalibrator,
  fullScaleOf,
  type CalibratorSecond,
  type CalibratorState,
  type CalibratorTone,
} from '@earshot/core/levels';
import type { Logger } from '@earshot/platform/telemetry';
import { done, refuse, type Result } from '../registry/result.js';
import type { SensorRegistry } from '../registry/sensor-registry.js';

const DEFAULT_TIMEOUT_S = 300;
const MAX_TIMEOUT_S = 3_600;
const CALIBRATOR_LEVELS_DB = [94, 114];

interface Armed {
  readonly tenantId: string;
  readonly sensorId: string;
  readonly calibratorLevelDb: number;
  readonly performedBy: string;
  readonly untilUs: number;
  readonly heard: CalibratorState;
}

export interface ToneListenerDeps {
  readonly registry: Pick<SensorRegistry, 'get' | 'addCalibration'>;
  readonly logger: Logger;
  /** Microseconds since the Unix epoch. */
  readonly nowUs: () => number;
}

const dB = (level: number, shiftDb: number): number | null => (Number.isNaN(level) ? null : level - shiftDb);

/** The second re full scale, whichever calibration it was made with. */
const secondOf = (levels: SoundLevels): CalibratorSecond => {
  const shiftDb = levels.calibrationId === '' ? 0 : levels.fullScaleDb;
  return {
    timeUs: levels.timeUs,
    durationMs: levels.durationMs,
    laeqDb: dB(levels.laeqDb, shiftDb),
    lzeqDb: dB(levels.lzeqDb, shiftDb),
    laeq125msDb: levels.laeq125msDb.map((level) => dB(level, shiftDb)),
    thirdOctaveDb: levels.thirdOctaveDb.map((level) => dB(level, shiftDb)),
    flags: namesOfFlags(levels.flags),
  };
};

/**
 * Calibrates a sensor by itself while somebody holds a calibrator to it: armed, it waits for a steady, pure tone of 1 kHz of 5 s
 * and puts it into the ledger, in force from the tone's onset. Never unasked: a passing tone must not calibrate anything. What
 * is armed is in memory and is forgotten by a restart.
 */
export class ToneListener {
  private readonly armed = new Map<string, Armed>();
  private readonly detector = createDetectCalibrator();

  constructor(private readonly deps: ToneListenerDeps) {}

  /** Until when it listens, microseconds since the Unix epoch. Arming again begins anew. */
  arm({ tenantId, sensorId, calibratorLevelDb, timeoutS, performedBy }: ArmCalibrationRequest): Result<number> {
    const sensor = this.deps.registry.get(tenantId, sensorId);
    if (sensor === undefined) return refuse('NOT_FOUND', `No sensor ${JSON.stringify(sensorId)}`);
    if (sensor.state === SensorState.SENSOR_STATE_RETIRED)
      return refuse('FAILED_PRECONDITION', `Sensor ${sensorId} is retired`);
    if (!CALIBRATOR_LEVELS_DB.includes(calibratorLevelDb))
      return refuse('INVALID_ARGUMENT', `calibrator_level_db ${calibratorLevelDb}: 94 or 114 dB SPL`);
    if (timeoutS > MAX_TIMEOUT_S) return refuse('INVALID_ARGUMENT', `timeout_s ${timeoutS}: 1 to ${MAX_TIMEOUT_S}`);
    const untilUs = this.deps.nowUs() + (timeoutS === 0 ? DEFAULT_TIMEOUT_S : timeoutS) * 1e6;
    const heard = this.detector.init();
    this.armed.set(sensorKey(tenantId, sensorId), {
      tenantId,
      sensorId,
      calibratorLevelDb,
      performedBy,
      untilUs,
      heard,
    });
    return done(untilUs);
  }

  /** Seconds in the order in which they stand on the topic. Resolves when what was found is in the ledger. */
  async hear(all: readonly SoundLevels[]): Promise<void> {
    if (this.armed.size === 0) return;
    for (const levels of all) {
      const key = sensorKey(levels.tenantId, levels.sensorId);
      const armed = this.armed.get(key);
      if (armed === undefined) continue;
      if (this.deps.nowUs() > armed.untilUs) {
        this.armed.delete(key);
        continue;
      }
      const { state, tone } = this.detector.step(armed.heard, secondOf(levels));
      if (tone === null) this.armed.set(key, { ...armed, heard: state });
      else await this.found(key, armed, tone);
    }
  }

  private async found(key: string, armed: Armed, tone: CalibratorTone): Promise<void> {
    const { tenantId, sensorId, calibratorLevelDb, performedBy } = armed;
    const result = await this.deps.registry.addCalibration(tenantId, sensorId, {
      fullScaleDb: fullScaleOf(calibratorLevelDb, tone.levelDb),
      method: 'calibrator',
      effectiveFromUs: tone.onsetUs,
      calibratorLevelDb,
      performedBy: performedBy === '' ? 'automatic' : performedBy,
      note: `1 kHz tone of ${tone.durationS} s, spread ${tone.spreadDb.toFixed(3)} dB, purity ${tone.purityDb.toFixed(1)} dB`,
    });
    if (this.armed.get(key) === armed) this.armed.delete(key);
    if (!result.ok) this.deps.logger.warn({ sensor: key, message: result.message }, 'The tone could not calibrate');
  }
}
