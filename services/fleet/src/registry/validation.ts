import { ID_PATTERN, ID_RULE, levelFlagNames, type DayPeriods, type Machine, type Sensor } from '@earshot/contracts';
import type { NewCalibration } from './calibration-ledger.js';

const SENSOR_KEY = /^[\x21-\x7e]{16,200}$/;

/** The fields of a sensor that its owner may change. */
export const updatableFields = [
  'name',
  'placement',
  'full_scale_db',
  'time_zone',
  'day_periods',
  'excluded_flags',
  'max_drift_db',
  'exceedance_limit_db',
  'machine',
  'baseline',
] as const;
export type UpdatableField = (typeof updatableFields)[number];

export const isUpdatable = (field: string): field is UpdatableField =>
  (updatableFields as readonly string[]).includes(field);

const knownFlags: ReadonlySet<string> = new Set(levelFlagNames);

const isUnset = ({ dayFromH, eveningFromH, nightFromH }: DayPeriods): boolean =>
  dayFromH === 0 && eveningFromH === 0 && nightFromH === 0;
const inOrder = ({ dayFromH, eveningFromH, nightFromH }: DayPeriods): boolean =>
  dayFromH < eveningFromH && eveningFromH < nightFromH && nightFromH <= 23;

const isZone = (zone: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
};

const idProblem = (name: string, value: string): readonly string[] =>
  ID_PATTERN.test(value) ? [] : [`${name} ${JSON.stringify(value)}: ${ID_RULE}`];

export const idProblems = (tenantId: string, sensorId: string): readonly string[] => [
  ...idProblem('tenant_id', tenantId),
  ...idProblem('sensor_id', sensorId),
];

const within = (name: string, value: number | undefined, from: number, to: number, unit: string): readonly string[] =>
  value === undefined || (value >= from && value <= to) ? [] : [`${name} ${value}: ${from} to ${to} ${unit}`];

/** End of 2099. */
const LATEST_US = 4_102_444_800_000_000;

const machineProblems = (machine: Machine): readonly string[] => [
  ...within('machine.min_shaft_hz', machine.minShaftHz, 2, 150, 'Hz'),
  ...within('machine.max_shaft_hz', machine.maxShaftHz, 2, 150, 'Hz'),
  ...(machine.minShaftHz <= machine.maxShaftHz ? [] : ['machine: min_shaft_hz lies above max_shaft_hz']),
  ...within('machine.bpfo_order', machine.bpfoOrder, 0, 30, 'times the shaft’s speed, 0: not known'),
  ...within('machine.bpfi_order', machine.bpfiOrder, 0, 30, 'times the shaft’s speed, 0: not known'),
  ...within('machine.bsf_order', machine.bsfOrder, 0, 30, 'times the shaft’s speed, 0: not known'),
  ...within('machine.ftf_order', machine.ftfOrder, 0, 30, 'times the shaft’s speed, 0: not known'),
];

const problemsOf: Readonly<Record<UpdatableField, (sensor: Sensor) => readonly string[]>> = {
  name: ({ name }) => (name.length <= 200 ? [] : [`name has ${name.length} characters: at most 200`]),
  placement: ({ placement }) =>
    placement === undefined
      ? []
      : [
          ...(placement.site.length <= 200 ? [] : ['placement.site: at most 200 characters']),
          ...(placement.description.length <= 2000 ? [] : ['placement.description: at most 2000 characters']),
          ...within('placement.latitude', placement.latitude, -90, 90, 'degrees'),
          ...within('placement.longitude', placement.longitude, -180, 180, 'degrees'),
          ...((placement.latitude === undefined) === (placement.longitude === undefined)
            ? []
            : ['placement: latitude and longitude go together']),
        ],
  full_scale_db: ({ fullScaleDb }) => within('full_scale_db', fullScaleDb, -200, 300, 'dB SPL of full-scale RMS'),
  time_zone: ({ timeZone }) =>
    timeZone === '' || isZone(timeZone)
      ? []
      : [`time_zone ${JSON.stringify(timeZone)}: an IANA zone like Europe/Paris`],
  day_periods: ({ dayPeriods }) =>
    dayPeriods === undefined || isUnset(dayPeriods) || inOrder(dayPeriods)
      ? []
      : [`day_periods ${JSON.stringify(dayPeriods)}: 0 <= day_from_h < evening_from_h < night_from_h <= 23`],
  excluded_flags: ({ excludedFlags }) =>
    excludedFlags
      .filter((flag) => !knownFlags.has(flag))
      .map((flag) => `excluded_flags ${JSON.stringify(flag)}: one of ${levelFlagNames.join(', ')}`),
  max_drift_db: ({ maxDriftDb }) => within('max_drift_db', maxDriftDb, 0, 20, 'dB, 0 for 0.5'),
  exceedance_limit_db: ({ exceedanceLimitDb }) => within('exceedance_limit_db', exceedanceLimitDb, 0, 200, 'dB SPL'),
  machine: ({ machine }) => (machine === undefined ? [] : machineProblems(machine)),
  baseline: ({ baseline }) =>
    baseline === undefined
      ? []
      : [
          ...within('baseline.learn_from_us', baseline.learnFromUs, 1, LATEST_US, 'µs since 1970'),
          ...within('baseline.learn_for_s', baseline.learnForS, 0, 2_592_000, 's, 0 for the service’s own warm-up'),
        ],
};

const methods = ['sensitivity', 'calibrator', 'manual'];
/** How far a calibration may lie ahead of fleet's clock. */
const AHEAD_US = 600e6;

/** What is wrong with a new calibration, every mistake at once. Times are microseconds since the Unix epoch. */
export const calibrationProblems = (wanted: NewCalibration, nowUs: number): readonly string[] => [
  ...within('full_scale_db', wanted.fullScaleDb, -200, 300, 'dB SPL of full-scale RMS'),
  ...(methods.includes(wanted.method) ? [] : [`method ${JSON.stringify(wanted.method)}: one of ${methods.join(', ')}`]),
  ...within('effective_from_us', wanted.effectiveFromUs, 0, nowUs + AHEAD_US, 'µs since 1970, at most 10 min ahead'),
  ...within('calibrator_level_db', wanted.calibratorLevelDb, 60, 140, 'dB SPL'),
  ...(wanted.calibratorLevelDb === undefined || wanted.method === 'calibrator'
    ? []
    : [`calibrator_level_db goes with method calibrator, method is ${wanted.method}`]),
  ...(wanted.performedBy.length <= 200 ? [] : ['performed_by: at most 200 characters']),
  ...(wanted.note.length <= 2000 ? [] : ['note: at most 2000 characters']),
];

/** What is wrong with these fields of a sensor, every mistake at once. */
export const fieldProblems = (sensor: Sensor, fields: readonly UpdatableField[]): readonly string[] =>
  fields.flatMap((field) => problemsOf[field](sensor));

export const keyProblems = (sensorKey: string): readonly string[] =>
  sensorKey === '' || SENSOR_KEY.test(sensorKey)
    ? []
    : ['sensor_key: 16 to 200 printable ASCII characters without space'];
