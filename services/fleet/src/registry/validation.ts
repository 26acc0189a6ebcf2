import { ID_PATTERN, ID_RULE, type Sensor } from '@earshot/contracts';

const SENSOR_KEY = /^[\x21-\x7e]{16,200}$/;

/** The fields of a sensor that its owner may change. */
export const updatableFields = ['name', 'placement', 'full_scale_db', 'time_zone'] as const;
export type UpdatableField = (typeof updatableFields)[number];

export const isUpdatable = (field: string): field is UpdatableField =>
  (updatableFields as readonly string[]).includes(field);

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
};

/** What is wrong with these fields of a sensor, every mistake at once. */
export const fieldProblems = (sensor: Sensor, fields: readonly UpdatableField[]): readonly string[] =>
  fields.flatMap((field) => problemsOf[field](sensor));

export const keyProblems = (sensorKey: string): readonly string[] =>
  sensorKey === '' || SENSOR_KEY.test(sensorKey)
    ? []
    : ['sensor_key: 16 to 200 printable ASCII characters without space'];
