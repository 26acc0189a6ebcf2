import { type Sensor, sensorKey } from '@earshot/contracts';
import type { MachineSettings } from '@earshot/core/machine';

/** Which sensors listen to a machine, and to what of it. */
export interface Machines {
  put(sensor: Sensor): void;
  /** What `tenant/sensor` asks for at an event time; null: nothing. Of what it asked for before its last change nothing is known. */
  at(sensor: string, timeUs: number): MachineSettings | null;
}

export const createMachines = (): Machines => {
  const bySensor = new Map<string, MachineSettings & { readonly fromUs: number }>();
  return {
    put: ({ tenantId, sensorId, machine }) => {
      const key = sensorKey(tenantId, sensorId);
      if (machine === undefined) bySensor.delete(key);
      else bySensor.set(key, machine);
    },
    at: (sensor, timeUs) => {
      const found = bySensor.get(sensor);
      if (found === undefined || found.fromUs > timeUs) return null;
      const { fromUs: _, ...settings } = found;
      return settings;
    },
  };
};
