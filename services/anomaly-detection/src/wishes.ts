import { type Sensor, sensorKey } from '@earshot/contracts';
import type { HeardSecond } from '@earshot/core/anomaly';

/** What the registry says of each sensor's baseline: since when it is to be learned anew, and for how long. */
export interface Wishes {
  put(sensor: Sensor): void;
  /** Of `tenant/sensor`; the stage itself looks whether the wish's time has come. */
  of(sensor: string): Pick<HeardSecond, 'learnFromUs' | 'learnForS'>;
}

const none = { learnFromUs: 0, learnForS: 0 };

export const createWishes = (): Wishes => {
  const bySensor = new Map<string, Pick<HeardSecond, 'learnFromUs' | 'learnForS'>>();
  return {
    put: ({ tenantId, sensorId, baseline }) => {
      const key = sensorKey(tenantId, sensorId);
      if (baseline === undefined) bySensor.delete(key);
      else bySensor.set(key, { learnFromUs: baseline.learnFromUs, learnForS: baseline.learnForS });
    },
    of: (sensor) => bySensor.get(sensor) ?? none,
  };
};
