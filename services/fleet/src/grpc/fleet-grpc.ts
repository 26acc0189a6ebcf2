import type { FleetServiceServer, Sensor } from '@earshot/contracts';
import { GrpcError, unary } from '@earshot/platform/grpc';
import { status } from '@grpc/grpc-js';
import type { ToneListener } from '../calibration/tone-listener.js';
import type { SensorRegistry } from '../registry/sensor-registry.js';
import { answered } from './answered.js';
import { withoutHash, type DescribeSensor } from './status.js';
import type { WatchHub } from './watch-hub.js';

export interface FleetGrpcDeps {
  readonly registry: SensorRegistry;
  readonly describe: DescribeSensor;
  readonly hub: WatchHub;
  readonly listener: Pick<ToneListener, 'arm'>;
}

const given = (sensor: Sensor | undefined): Sensor => {
  if (sensor === undefined) throw new GrpcError(status.INVALID_ARGUMENT, 'sensor is missing');
  return sensor;
};

export const createFleetGrpc = ({ registry, describe, hub, listener }: FleetGrpcDeps): FleetServiceServer => ({
  createSensor: unary(async ({ sensor, sensorKey }) => {
    const created = await answered(registry.create(given(sensor), sensorKey));
    return { sensor: withoutHash(created.sensor), sensorKey: created.sensorKey };
  }),
  updateSensor: unary(async ({ sensor, fields }) => ({
    sensor: withoutHash(await answered(registry.update(given(sensor), fields))),
  })),
  retireSensor: unary(async ({ tenantId, sensorId }) => ({
    sensor: withoutHash(await answered(registry.retire(tenantId, sensorId))),
  })),
  rotateSensorKey: unary(async ({ tenantId, sensorId }) => {
    const rotated = await answered(registry.rotateKey(tenantId, sensorId));
    return { sensor: withoutHash(rotated.sensor), sensorKey: rotated.sensorKey };
  }),
  getSensor: unary(({ tenantId, sensorId }) => {
    const sensor = registry.get(tenantId, sensorId);
    if (sensor === undefined) throw new GrpcError(status.NOT_FOUND, `No sensor ${JSON.stringify(sensorId)}`);
    return Promise.resolve({ status: describe(sensor) });
  }),
  listSensors: unary(async ({ tenantId, limit, cursor, includeRetired }) => {
    const page = await answered(registry.list(tenantId, limit, cursor, includeRetired));
    return { statuses: page.sensors.map(describe), nextCursor: page.nextCursor };
  }),
  addCalibration: unary(async ({ tenantId, sensorId, calibration }) => {
    if (calibration === undefined) throw new GrpcError(status.INVALID_ARGUMENT, 'calibration is missing');
    const { fullScaleDb, method, effectiveFromUs, calibratorLevelDb, performedBy, note } = calibration;
    const wanted = { fullScaleDb, method, effectiveFromUs, calibratorLevelDb, performedBy, note };
    return { calibration: await answered(registry.addCalibration(tenantId, sensorId, wanted)) };
  }),
  listCalibrations: unary(async ({ tenantId, sensorId }) => ({
    calibrations: [...(await answered(registry.calibrations(tenantId, sensorId)))],
  })),
  armCalibration: unary(async (request) => ({ armedUntilUs: await answered(listener.arm(request)) })),
  watchSensors: (call) => {
    const end = hub.add(call.request.tenantId, {
      write: (sensorStatus) => call.write({ status: sensorStatus }),
      onDrain: (listener) => call.on('drain', listener),
      end: () => call.end(),
    });
    call.on('cancelled', end);
    call.on('close', end);
    call.on('error', end);
  },
});
