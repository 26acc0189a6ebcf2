/** How often a sensor that hears nothing but its normal days is called anomalous. */
import {
  createDetectAnomalies,
  defaultAnomalyConfig,
  type AnomalyConfig,
  type HeardSecond,
} from '@earshot/core/anomaly';
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

export interface FalseAlarms {
  readonly sensors: number;
  readonly sensorDays: number;
  /** Episodes on judged days. */
  readonly alarms: number;
  readonly perDay: number;
  /** 95 % upper bound of the mean, alarms as if they came by chance (Poisson, Wilson-Hilferty). */
  readonly upperPerDay: number;
  /** Alarms on the worst sensor-day. */
  readonly worstDay: number;
  readonly anomalousS: number;
  readonly firstDayAlarms: number;
}

/** One-sided 95 % upper bound of a Poisson mean of which `count` came: half the chi-square quantile with 2 (count + 1) degrees. */
export const poissonUpper = (count: number): number => {
  const half = count + 1;
  return half * (1 - 1 / (9 * half) + 1.6449 / (3 * Math.sqrt(half))) ** 3;
};

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** All sensors together; their first days are told apart. */
export const falseAlarmsOf = (sensors: readonly SensorDays[]): FalseAlarms => {
  const judged = sensors.flatMap(({ alarms }) => alarms.slice(1));
  const alarms = sumOf(judged);
  return {
    sensors: sensors.length,
    sensorDays: judged.length,
    alarms,
    perDay: alarms / judged.length,
    upperPerDay: poissonUpper(alarms) / judged.length,
    worstDay: Math.max(...judged),
    anomalousS: sumOf(sensors.flatMap(({ anomalousS }) => anomalousS.slice(1))),
    firstDayAlarms: sumOf(sensors.map(({ alarms: days }) => days[0] ?? 0)),
  };
};
