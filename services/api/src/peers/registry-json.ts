import { SensorState, type Rule, type Sensor, type SensorStatus } from '@earshot/contracts';
import { GrpcError, grpcStatus } from '@earshot/platform/grpc';

import { isoOf, isoOrNull } from '../query/time.js';
import type { NewSensor, RuleBody, RuleJson, SensorJson, SensorPatch } from '../schemas/registry.js';

/** A peer's answer without its payload is that peer's bug. */
export const present = <T>(value: T | undefined, what: string): T => {
  if (value === undefined) throw new GrpcError(grpcStatus.INTERNAL, `the answer holds no ${what}`);
  return value;
};

/** All zero, or none: 7, 19, 23. */
const dayPeriodsOf = ({ dayPeriods }: Sensor): SensorJson['dayPeriods'] =>
  dayPeriods === undefined || dayPeriods.nightFromH === 0
    ? { dayFromH: 7, eveningFromH: 19, nightFromH: 23 }
    : { ...dayPeriods };

const orderJson = (order: number): number | null => (order > 0 ? order : null);

const machineJson = ({ machine }: Sensor): SensorJson['machine'] =>
  machine === undefined
    ? null
    : {
        minShaftHz: machine.minShaftHz,
        maxShaftHz: machine.maxShaftHz,
        bpfoOrder: orderJson(machine.bpfoOrder),
        bpfiOrder: orderJson(machine.bpfiOrder),
        bsfOrder: orderJson(machine.bsfOrder),
        ftfOrder: orderJson(machine.ftfOrder),
      };

/** From when on the settings hold is fleet's. */
const machineToPut = (machine: SensorPatch['machine']): Sensor['machine'] =>
  machine == null
    ? undefined
    : {
        minShaftHz: machine.minShaftHz,
        maxShaftHz: machine.maxShaftHz,
        bpfoOrder: machine.bpfoOrder ?? 0,
        bpfiOrder: machine.bpfiOrder ?? 0,
        bsfOrder: machine.bsfOrder ?? 0,
        ftfOrder: machine.ftfOrder ?? 0,
        fromUs: 0,
      };

const baselineJson = ({ baseline }: Sensor): SensorJson['baseline'] =>
  baseline === undefined
    ? null
    : { learnFrom: isoOf(baseline.learnFromUs), learnForS: baseline.learnForS > 0 ? baseline.learnForS : null };

const baselineToPut = (baseline: SensorPatch['baseline']): Sensor['baseline'] =>
  baseline == null
    ? undefined
    : { learnFromUs: Date.parse(baseline.learnFrom) * 1000, learnForS: baseline.learnForS ?? 0 };

export const sensorJson = (status: SensorStatus): SensorJson => {
  const sensor = present(status.sensor, 'sensor');
  return {
    id: sensor.sensorId,
    name: sensor.name === '' ? sensor.sensorId : sensor.name,
    state: sensor.state === SensorState.SENSOR_STATE_RETIRED ? 'retired' : 'active',
    online: status.online,
    placement: {
      site: sensor.placement?.site ?? '',
      description: sensor.placement?.description ?? '',
      latitude: sensor.placement?.latitude ?? null,
      longitude: sensor.placement?.longitude ?? null,
    },
    fullScaleDb: sensor.fullScaleDb ?? null,
    timeZone: sensor.timeZone === '' ? 'UTC' : sensor.timeZone,
    dayPeriods: dayPeriodsOf(sensor),
    excludedFlags: sensor.excludedFlags,
    maxDriftDb: sensor.maxDriftDb === 0 ? 0.5 : sensor.maxDriftDb,
    exceedanceLimitDb: sensor.exceedanceLimitDb ?? null,
    machine: machineJson(sensor),
    baseline: baselineJson(sensor),
    calibrated: status.calibrated,
    sampleRateHz: status.sampleRateHz === 0 ? null : status.sampleRateHz,
    lastSeen: isoOrNull(status.lastSeenUs),
    lastReceived: isoOrNull(status.lastReceivedUs),
    gapSeconds: status.gapSeconds,
    gapCount: status.gapCount,
    createdAt: isoOf(sensor.createdUs),
    updatedAt: isoOf(sensor.updatedUs),
    version: sensor.version,
  };
};

/** A record whose status fleet was not asked for. */
export const statusOfSensor = (sensor: Sensor): SensorStatus => ({
  sensor,
  lastSeenUs: 0,
  lastReceivedUs: 0,
  online: false,
  gapSeconds: 0,
  gapCount: 0,
  sampleRateHz: 0,
  calibrated: sensor.fullScaleDb !== undefined,
});

type PlacementInput = NonNullable<SensorPatch['placement']>;

const placementOf = (placement: PlacementInput) => ({
  site: placement.site ?? '',
  description: placement.description ?? '',
  latitude: placement.latitude ?? undefined,
  longitude: placement.longitude ?? undefined,
});

const blankSensor = (tenantId: string, id: string): Sensor => ({
  tenantId,
  sensorId: id,
  name: '',
  state: SensorState.SENSOR_STATE_UNSPECIFIED,
  placement: undefined,
  fullScaleDb: undefined,
  timeZone: '',
  keySha256: '',
  createdUs: 0,
  updatedUs: 0,
  effectiveFromUs: 0,
  version: 0,
  dayPeriods: undefined,
  excludedFlags: [],
  maxDriftDb: 0,
  exceedanceLimitDb: undefined,
  machine: undefined,
  baseline: undefined,
});

/** What a body says of how its sound is judged; what it leaves out is as unset. */
const settingsOf = (
  body: SensorPatch,
): Pick<Sensor, 'dayPeriods' | 'excludedFlags' | 'maxDriftDb' | 'exceedanceLimitDb' | 'machine' | 'baseline'> => ({
  dayPeriods: body.dayPeriods,
  excludedFlags: body.excludedFlags ?? [],
  maxDriftDb: body.maxDriftDb ?? 0,
  exceedanceLimitDb: body.exceedanceLimitDb ?? undefined,
  machine: machineToPut(body.machine),
  baseline: baselineToPut(body.baseline),
});

export const sensorToCreate = (tenantId: string, body: NewSensor): Sensor => ({
  ...blankSensor(tenantId, body.id),
  name: body.name ?? body.id,
  placement: body.placement === undefined ? undefined : placementOf(body.placement),
  fullScaleDb: body.fullScaleDb ?? undefined,
  timeZone: body.timeZone ?? 'UTC',
  ...settingsOf(body),
});

/** The fields that a patch names, as fleet names them. A placement is replaced as a whole. */
export const sensorToUpdate = (
  tenantId: string,
  id: string,
  patch: SensorPatch,
): { sensor: Sensor; fields: string[] } => ({
  sensor: {
    ...blankSensor(tenantId, id),
    name: patch.name ?? '',
    placement: patch.placement === undefined ? undefined : placementOf(patch.placement),
    fullScaleDb: patch.fullScaleDb ?? undefined,
    timeZone: patch.timeZone ?? '',
    ...settingsOf(patch),
  },
  fields: [
    ...(patch.name === undefined ? [] : ['name']),
    ...(patch.placement === undefined ? [] : ['placement']),
    ...(patch.fullScaleDb === undefined ? [] : ['full_scale_db']),
    ...(patch.timeZone === undefined ? [] : ['time_zone']),
    ...(patch.dayPeriods === undefined ? [] : ['day_periods']),
    ...(patch.excludedFlags === undefined ? [] : ['excluded_flags']),
    ...(patch.maxDriftDb === undefined ? [] : ['max_drift_db']),
    ...(patch.exceedanceLimitDb === undefined ? [] : ['exceedance_limit_db']),
    ...(patch.machine === undefined ? [] : ['machine']),
    ...(patch.baseline === undefined ? [] : ['baseline']),
  ],
});

export const ruleJson = (rule: Rule): RuleJson => ({
  id: rule.ruleId,
  name: rule.name,
  sensorIds: rule.sensorIds,
  severity: rule.severity,
  condition: conditionJson(rule),
  webhookUrl: rule.webhookUrl === '' ? null : rule.webhookUrl,
  enabled: rule.enabled,
  version: rule.version,
  effectiveFrom: isoOf(rule.effectiveFromUs),
  createdAt: isoOf(rule.createdUs),
  updatedAt: isoOf(rule.updatedUs),
});

const conditionJson = (rule: Rule): RuleJson['condition'] => {
  const condition = present(rule.condition, 'condition');
  switch (condition.$case) {
    case 'level':
      return {
        kind: 'level',
        quantity: condition.value.quantity as 'laeq',
        aboveDb: condition.value.aboveDb,
        forS: condition.value.forS,
        resolveAfterS: condition.value.resolveAfterS,
      };
    case 'event':
      return { kind: 'event', ...condition.value };
    case 'anomaly':
      return {
        kind: 'anomaly',
        forS: condition.value.forS,
        minCondition: condition.value.minCondition === 'danger' ? 'danger' : 'alarm',
      };
  }
};

/** `ruleId` empty: a new rule. Version and times are alerting's. */
export const ruleToPut = (tenantId: string, ruleId: string, body: RuleBody): Rule => ({
  tenantId,
  ruleId,
  name: body.name,
  sensorIds: body.sensorIds,
  severity: body.severity,
  condition: conditionToPut(body.condition),
  webhookUrl: body.webhookUrl ?? '',
  enabled: body.enabled,
  effectiveFromUs: 0,
  version: 0,
  createdUs: 0,
  updatedUs: 0,
  deleted: false,
});

const conditionToPut = (condition: RuleBody['condition']): NonNullable<Rule['condition']> => {
  switch (condition.kind) {
    case 'level': {
      const { kind: _, ...value } = condition;
      return { $case: 'level', value };
    }
    case 'event': {
      const { kind: _, ...value } = condition;
      return { $case: 'event', value };
    }
    case 'anomaly':
      return { $case: 'anomaly', value: { forS: condition.forS, minCondition: condition.minCondition } };
  }
};
