import { TENANT, type MadeSensor } from '../../chaos/sensors.js';
import { recordingsFolder } from '../../simulator/sound/choose.js';
import type { OwnStack } from '../../testing/own-stack.js';
import { startLoad, type Load } from './load.js';
import type { LoadPlan } from './protocol.js';

/** For stacks of both benches: the broker as it runs in production (the stack's own is set for a quick start), and no watch for silence. */
export const CAPACITY_SETTINGS = {
  EARSHOT_KAFKA_JVM_OPTIONS: '-XX:TieredStopAtLevel=4',
  FLEET__SILENT_AFTER_S: '3600',
};

/** A load generator of 16 kHz sensors on the doors of a stack. */
export const startLoadOn = (
  { status }: OwnStack,
  sensors: readonly MadeSensor[],
  how: Pick<LoadPlan, 'protocol' | 'seed'>,
): Promise<Load> =>
  startLoad({
    ...how,
    mqttUrl: status.mqttUrl,
    grpcAddress: status.grpcUrl,
    tenantId: TENANT,
    sensors: [...sensors],
    sampleRateHz: 16_000,
    recordingsFolder: recordingsFolder(),
  });
