import type {
  AlertRule,
  AnomalyInterval,
  EventPhaseSeen,
  LevelCondition,
  LevelQuantity,
  MachineFault,
} from './types.js';

const names: Readonly<Record<LevelQuantity, string>> = {
  laeq: 'LAeq',
  lceq: 'LCeq',
  lzeq: 'LZeq',
  lafmax: 'LAFmax',
  lcpeak: 'LCpeak',
};

const decibels = (valueDb: number, calibrated: boolean): string =>
  `${valueDb.toFixed(1).replace('-', '−')} dB ${calibrated ? 'SPL' : 're full scale'}`;

const seconds = (durationS: number): string => `${Number(durationS.toFixed(1))} s`;

const percent = (share: number): string => `${Math.round(share * 100)} %`;

export const levelRaised = (
  condition: LevelCondition,
  sensorId: string,
  valueDb: number,
  calibrated: boolean,
): string =>
  `${names[condition.quantity]} of sensor ${sensorId} has been above ${decibels(condition.aboveDb, calibrated)}` +
  ` for ${seconds(condition.forS)} (${decibels(valueDb, calibrated)}).`;

export const levelResolved = (
  condition: LevelCondition,
  sensorId: string,
  calibrated: boolean,
  aboveForS: number,
): string =>
  `${names[condition.quantity]} of sensor ${sensorId} is no longer above ${decibels(condition.aboveDb, calibrated)};` +
  ` it was for ${seconds(aboveForS)}.`;

export const eventRaised = (event: EventPhaseSeen): string =>
  `Sensor ${event.sensorId} hears ${event.label.replaceAll('_', ' ')} (${percent(event.confidence)} sure).`;

export const eventResolved = (event: EventPhaseSeen): string =>
  `Sensor ${event.sensorId} no longer hears ${event.label.replaceAll('_', ' ')};` +
  ` it lasted ${seconds((event.offsetUs - event.onsetUs) / 1e6)}.`;

const orders: Readonly<Record<string, string>> = { imbalance: '1x', misalignment: '2x', looseness: '3x' };

/** e.g. `imbalance: 1x at 24.6 Hz`, `BPFO line at 87.2 Hz (+14 dB over its surroundings)`. */
export const faultText = ({ fault, frequencyHz, prominenceDb }: MachineFault): string => {
  const place = `${frequencyHz.toFixed(1)} Hz`;
  const order = orders[fault];
  if (order !== undefined) return `${fault}: ${order} at ${place}`;
  const name = fault === 'line' ? 'new line' : `${fault.toUpperCase()} line`;
  return `${name} at ${place} (+${prominenceDb.toFixed(0)} dB over its surroundings)`;
};

export const anomalyRaised = (interval: AnomalyInterval, forS: number): string =>
  `Sensor ${interval.sensorId} has sounded unusual for ${seconds(forS)}` +
  ` (score ${interval.score.toFixed(1)}, limit ${interval.threshold.toFixed(1)})` +
  `${interval.finding === null ? '' : `; ${faultText(interval.finding)}`}.`;

export const anomalyResolved = (sensorId: string, lastedS: number): string =>
  `Sensor ${sensorId} sounds normal again after ${seconds(lastedS)}.`;

export const ruleEnded = (ruleName: string, successor: AlertRule | undefined): string =>
  `Rule ${ruleName} was ${
    successor === undefined || successor.deleted ? 'deleted' : successor.enabled ? 'changed' : 'disabled'
  }.`;
