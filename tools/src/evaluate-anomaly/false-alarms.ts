/** How often a sensor that hears nothing but its normal days is called anomalous. */
import { createDetectAnomalies, defaultAnomalyConfig, type AnomalyConfig, type HeardSecond } from '@earshot/core/anomaly';
import { emitted } from '@earshot/core/stage';
import { DAY_S, places, sensorSeconds, type Place } from './sensor-days.js';

export interface FalseAlarmOptions {
  readonly seed: number;
  /** Each place once per this many. */
  readonly sensorsPerPlace: number;
  /** Judged days of each sensor, after the first. */
  readonly days: number;
  readonly config?: Partial<AnomalyConfig>;
  /** Called after each sensor. */
  readonly onSensor?: (sensor: SensorDays) => void;
}

export interface SensorDays {
  readonly place: Place;
  readonly seed: number;
  /** Episodes per day, from the first day on. */
  readonly alarms: readonly number[];
  /** Seconds spent anomalous per day. */
  readonly anomalousS: readonly number[];
  /** Onsets of the episodes, hours since the first second. */
  readonly onsetsH: readonly number[];
  readonly threshold: number;
}

const BATCH_S = 600;

const liveThrough = (place: Place, seed: number, days: number, config: AnomalyConfig): SensorDays => {
  const stage = createDetectAnomalies(config);
  const source: Iterator<HeardSecond> = sensorSeconds(seed, place);
  let state = stage.init('t/s');
  let startUs = 0;
  const alarms = Array.from({ length: days }, () => 0);
  const anomalousS = Array.from({ length: days }, () => 0);
  const onsets = new Set<number>();
  for (let second = 0; second < days * DAY_S; second += BATCH_S) {
    const batch = Array.from({ length: BATCH_S }, () => source.next().value as HeardSecond);
    startUs ||= batch[0]?.timeUs ?? 0;
    const after = stage.step(state, batch);
    state = after.state;
    for (const verdict of emitted(after.outcomes)) {
      if (verdict.state !== 'anomalous') continue;
      const day = Math.floor(second / DAY_S);
      anomalousS[day] = (anomalousS[day] ?? 0) + verdict.durationMs / 1000;
      if (!onsets.has(verdict.episodeOnsetUs)) alarms[day] = (alarms[day] ?? 0) + 1;
      onsets.add(verdict.episodeOnsetUs);
    }
  }
  return {
    place,
    seed,
    alarms,
    anomalousS,
    onsetsH: [...onsets].map((onsetUs) => Math.round((onsetUs - startUs) / 3.6e7) / 100),
    threshold: state.listener.baseline?.threshold ?? 0,
  };
};

/** Every sensor's days; the first day is for learning and is not judged. */
export const evaluateFalseAlarms = (options: FalseAlarmOptions): readonly SensorDays[] => {
  const { seed, sensorsPerPlace, days, onSensor } = options;
  const config = { ...defaultAnomalyConfig, ...options.config };
  return places.flatMap((place, index) =>
    Array.from({ length: sensorsPerPlace }, (_, copy) => {
      const sensor = liveThrough(place, seed * 1000 + index * 100 + copy, 1 + days, config);
      onSensor?.(sensor);
      return sensor;
    }),
  );
};
