import {
  ClassificationServiceService,
  FleetServiceService,
  ModelServiceService,
  RulesServiceService,
  SensorState,
  type Calibration,
  type ClassificationServiceServer,
  type FleetServiceServer,
  type ModelRoles,
  type ModelServiceServer,
  type Rule,
  type RulesServiceServer,
  type Sensor,
  type SensorStatus,
  type WatchSensorsRequest,
  type WatchSensorsResponse,
} from '@earshot/contracts';
import type { ServerWritableStream } from '@grpc/grpc-js';
import { GrpcError, grpcStatus, startGrpcServer, unary } from '@earshot/platform/grpc';
import { createLogger } from '@earshot/platform/telemetry';

const found = <T>(value: T | undefined, name: string): T => {
  if (value === undefined) throw new GrpcError(grpcStatus.NOT_FOUND, `there is no ${name}`);
  return value;
};

export interface Peers {
  readonly url: string;
  stop(): Promise<void>;
}

/** The gRPC services that the api asks, as small as their protos allow, over real gRPC. */
export const startPeers = async (nowUs: number): Promise<Peers> => {
  const sensors = new Map<string, Sensor>();
  const ledger = new Map<string, readonly Calibration[]>();
  const rules = new Map<string, Rule>();
  const watchers = new Set<ServerWritableStream<WatchSensorsRequest, WatchSensorsResponse>>();
  const keyOf = (tenantId: string, id: string): string => `${tenantId}/${id}`;
  const statusOf = (sensor: Sensor): SensorStatus => ({
    sensor,
    lastSeenUs: 0,
    lastReceivedUs: 0,
    online: false,
    gapSeconds: 0,
    gapCount: 0,
    sampleRateHz: 0,
    calibrated: sensor.fullScaleDb !== undefined,
  });
  const save = (sensor: Sensor): Sensor => {
    sensors.set(keyOf(sensor.tenantId, sensor.sensorId), sensor);
    for (const call of watchers) {
      if (call.request.tenantId === sensor.tenantId) call.write({ status: statusOf(sensor) });
    }
    return sensor;
  };
  const fleet: FleetServiceServer = {
    createSensor: unary(({ sensor, sensorKey }) => {
      const asked = found(sensor, 'sensor');
      if (sensors.has(keyOf(asked.tenantId, asked.sensorId))) {
        return Promise.reject(
          new GrpcError(grpcStatus.ALREADY_EXISTS, `sensor ${asked.sensorId} is already registered`),
        );
      }
      const made = save({
        ...asked,
        state: SensorState.SENSOR_STATE_ACTIVE,
        createdUs: nowUs,
        updatedUs: nowUs,
        version: 1,
      });
      return Promise.resolve({ sensor: made, sensorKey: sensorKey === '' ? 'sk_generated' : sensorKey });
    }),
    updateSensor: unary(({ sensor, fields }) => {
      const asked = found(sensor, 'sensor');
      const old = sensors.get(keyOf(asked.tenantId, asked.sensorId));
      if (old === undefined)
        return Promise.reject(new GrpcError(grpcStatus.NOT_FOUND, `there is no sensor ${asked.sensorId}`));
      const made = save({
        ...old,
        ...(fields.includes('name') ? { name: asked.name } : {}),
        ...(fields.includes('full_scale_db') ? { fullScaleDb: asked.fullScaleDb } : {}),
        ...(fields.includes('day_periods') ? { dayPeriods: asked.dayPeriods } : {}),
        ...(fields.includes('excluded_flags') ? { excludedFlags: asked.excludedFlags } : {}),
        ...(fields.includes('exceedance_limit_db') ? { exceedanceLimitDb: asked.exceedanceLimitDb } : {}),
        ...(fields.includes('max_drift_db') ? { maxDriftDb: asked.maxDriftDb } : {}),
        version: old.version + 1,
      });
      return Promise.resolve({ sensor: made });
    }),
    retireSensor: unary(async ({ tenantId, sensorId }) => {
      const old = found(sensors.get(keyOf(tenantId, sensorId)), `sensor ${sensorId}`);
      return { sensor: await Promise.resolve(save({ ...old, state: SensorState.SENSOR_STATE_RETIRED })) };
    }),
    rotateSensorKey: unary(async ({ tenantId, sensorId }) => {
      const sensor = await Promise.resolve(found(sensors.get(keyOf(tenantId, sensorId)), `sensor ${sensorId}`));
      return { sensor, sensorKey: 'sk_rotated' };
    }),
    getSensor: unary(async ({ tenantId, sensorId }) => ({
      status: await Promise.resolve(statusOf(found(sensors.get(keyOf(tenantId, sensorId)), `sensor ${sensorId}`))),
    })),
    listSensors: unary(({ tenantId }) =>
      Promise.resolve({
        statuses: [...sensors.values()].filter((sensor) => sensor.tenantId === tenantId).map(statusOf),
        nextCursor: '',
      }),
    ),
    addCalibration: unary(async ({ tenantId, sensorId, calibration }) => {
      const key = keyOf(tenantId, sensorId);
      found(sensors.get(key), `sensor ${sensorId}`);
      const before = ledger.get(key) ?? [];
      const version = before.length + 1;
      const made: Calibration = {
        ...found(calibration, 'calibration'),
        calibrationId: `${sensorId}.${version}`,
        version,
        createdUs: nowUs,
        previousFullScaleDb: before.at(-1)?.fullScaleDb,
      };
      ledger.set(key, [...before, made]);
      return await Promise.resolve({ calibration: made });
    }),
    listCalibrations: unary(async ({ tenantId, sensorId }) => {
      found(sensors.get(keyOf(tenantId, sensorId)), `sensor ${sensorId}`);
      return await Promise.resolve({ calibrations: [...(ledger.get(keyOf(tenantId, sensorId)) ?? [])] });
    }),
    armCalibration: unary(async ({ tenantId, sensorId, timeoutS }) => {
      found(sensors.get(keyOf(tenantId, sensorId)), `sensor ${sensorId}`);
      return await Promise.resolve({ armedUntilUs: nowUs + timeoutS * 1e6 });
    }),
    watchSensors: (call) => {
      watchers.add(call);
      call.on('cancelled', () => watchers.delete(call));
      for (const sensor of sensors.values()) {
        if (sensor.tenantId === call.request.tenantId) call.write({ status: statusOf(sensor) });
      }
    },
  };
  const alerting: RulesServiceServer = {
    putRule: unary(({ rule }) => {
      const asked = found(rule, 'rule');
      const ruleId = asked.ruleId === '' ? `r-${rules.size + 1}` : asked.ruleId;
      const made = { ...asked, ruleId, version: 1, createdUs: nowUs, updatedUs: nowUs, effectiveFromUs: nowUs };
      rules.set(keyOf(asked.tenantId, ruleId), made);
      return Promise.resolve({ rule: made });
    }),
    deleteRule: unary(({ tenantId, ruleId }) => {
      rules.delete(keyOf(tenantId, ruleId));
      return Promise.resolve({});
    }),
    listRules: unary(({ tenantId }) =>
      Promise.resolve({ rules: [...rules.values()].filter((rule) => rule.tenantId === tenantId) }),
    ),
  };
  const classification: ClassificationServiceServer = {
    classify: unary(({ audio, channel }) => {
      if (audio.length < 4)
        return Promise.reject(new GrpcError(grpcStatus.INVALID_ARGUMENT, 'the audio can not be read'));
      return Promise.resolve({
        modelId: 'm',
        modelVersion: '1',
        sampleRateHz: 16_000,
        durationS: audio.length,
        classes: [{ label: `channel-${channel}`, probability: 1 }],
        windows: [],
      });
    }),
  };
  /** One model for each task is installed; the picture says what was asked. */
  const picture = (action: string, performedBy: string, note: string): ModelRoles => ({
    ...{ tenantId: '_', revision: 2, effectiveFromUs: nowUs + 5e6, createdUs: nowUs, action, performedBy, note },
    tasks: [{ task: 'audio-event-detection', live: { modelId: 'm', version: '2.0.0' }, shadow: [] }],
    configured: [],
  });
  const models: ModelServiceServer = {
    listModels: unary(() => Promise.resolve({ models: [], unusable: [], roles: [] })),
    promoteModel: unary(({ modelId, version, keepInShadow, performedBy, note }) =>
      modelId === 'm'
        ? Promise.resolve({ roles: picture(`promote ${version} ${keepInShadow}`, performedBy, note) })
        : Promise.reject(new GrpcError(grpcStatus.NOT_FOUND, `no model ${modelId}`)),
    ),
    rollbackModel: unary(({ task, performedBy, note }) =>
      task === 'audio-classification'
        ? Promise.reject(new GrpcError(grpcStatus.FAILED_PRECONDITION, 'there is no model to go back to'))
        : Promise.resolve({ roles: picture(`rollback ${task}`, performedBy, note) }),
    ),
    shadowModel: unary(({ modelId, on, version, performedBy, note }) =>
      modelId === 'm'
        ? Promise.resolve({ roles: picture(`shadow ${on} ${version}`, performedBy, note) })
        : Promise.reject(new GrpcError(grpcStatus.ABORTED, 'somebody else was faster')),
    ),
  };
  const server = await startGrpcServer({
    host: '127.0.0.1',
    port: 0,
    services: [
      { definition: FleetServiceService, implementation: fleet },
      { definition: RulesServiceService, implementation: alerting },
      { definition: ClassificationServiceService, implementation: classification },
      { definition: ModelServiceService, implementation: models },
    ],
    logger: createLogger('peers', 'error'),
    maxMessageBytes: 40 * 1024 * 1024,
  });
  return { url: `127.0.0.1:${server.port}`, stop: () => server.stop() };
};
