import { sensorKey, type Sensor } from '@earshot/contracts';

/** Hours of the site's clock at which the periods of the day begin; 0 <= day < evening < night <= 23. */
export interface DayHours {
  readonly dayFromH: number;
  readonly eveningFromH: number;
  readonly nightFromH: number;
}

/** What windows and days of a sensor depend on besides its sound. */
export interface SensorSettings {
  /** IANA zone. */
  readonly timeZone: string;
  readonly dayHours: DayHours;
  /** Seconds with one of these flags do not count. */
  readonly excludedFlags: readonly string[];
  /** Windows count how often LAF rises above it, dB SPL; null: they don't. */
  readonly exceedanceLimitDb: number | null;
  /** Version of the sensor's record, which grows with every change; 0: not registered. */
  readonly version: number;
}

/** Directive 2002/49/EC, Annex I: 07-19, 19-23, 23-07. */
const usual: DayHours = { dayFromH: 7, eveningFromH: 19, nightFromH: 23 };

const unregistered: SensorSettings = {
  timeZone: 'UTC',
  dayHours: usual,
  excludedFlags: [],
  exceedanceLimitDb: null,
  version: 0,
};

const isZone = (zone: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
};

const inOrder = ({ dayFromH, eveningFromH, nightFromH }: DayHours): boolean =>
  dayFromH < eveningFromH && eveningFromH < nightFromH && nightFromH <= 23;

/** Whatever can't be used (an unknown zone, hours out of order) counts as not set. */
export const settingsOf = (sensor: Sensor): SensorSettings => ({
  timeZone: sensor.timeZone !== '' && isZone(sensor.timeZone) ? sensor.timeZone : 'UTC',
  dayHours: sensor.dayPeriods !== undefined && inOrder(sensor.dayPeriods) ? sensor.dayPeriods : usual,
  excludedFlags: sensor.excludedFlags,
  exceedanceLimitDb: sensor.exceedanceLimitDb ?? null,
  version: sensor.version,
});

export interface SettingsTable {
  /** undefined: the sensor's record is gone. */
  put(key: string, sensor: Sensor | undefined): void;
  of(tenantId: string, sensorId: string): SensorSettings;
}

export const createSettingsTable = (): SettingsTable => {
  const table = new Map<string, SensorSettings>();
  return {
    put: (key, sensor) => {
      if (sensor === undefined) table.delete(key);
      else table.set(key, settingsOf(sensor));
    },
    of: (tenantId, sensorId) => table.get(sensorKey(tenantId, sensorId)) ?? unregistered,
  };
};
