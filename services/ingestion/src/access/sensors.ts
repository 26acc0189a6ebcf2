import { createHash, timingSafeEqual } from 'node:crypto';
import { sensorKey, SensorState, type Sensor } from '@earshot/contracts';
import type { KeyChanges } from './key-changes.js';
import { refuse, type Refusal } from '../refusal.js';

export interface SensorRef {
  readonly tenantId: string;
  readonly sensorId: string;
}

/** A sensor that proved to be itself, with the key it did that with. */
export interface SensorSession extends SensorRef {
  readonly keySha256: string;
}

/** What is asked of the view of the sensors topic. */
export interface SensorTable {
  get(key: string): Sensor | undefined;
}

export const sha256Hex = (text: string): string => createHash('sha256').update(text).digest('hex');

const sameHash = (a: string, b: string): boolean => {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
};

/** How long to wait for news of a sensor that was just created, or whose key was just changed. */
const UNKNOWN_WAIT_MS = 2_000;
const WRONG_KEY_WAIT_MS = 1_000;
/** More than this many waiting: the answer comes at once. */
const MAX_WAITING = 2_000;

/** Who the sensors are. Knows the registry through its topic, a moment after it was written: so it waits that moment. */
export class SensorDirectory {
  constructor(
    private readonly table: SensorTable,
    private readonly changes: KeyChanges,
  ) {}

  /** The sensor by its key. */
  async authenticate(ref: SensorRef, key: string): Promise<SensorSession | Refusal> {
    const keySha256 = sha256Hex(key);
    const session = { ...ref, keySha256 };
    const fault = await this.settle(ref, () => this.sessionFault(session));
    return fault ?? session;
  }

  /** The sensor itself, where somebody else vouches for the sender. */
  async find(ref: SensorRef): Promise<SensorRef | Refusal> {
    return (await this.settle(ref, () => this.sensorFault(ref))) ?? ref;
  }

  /** What is wrong with the sensor now; null: nothing. */
  sensorFault({ tenantId, sensorId }: SensorRef): Refusal | null {
    const sensor = this.table.get(sensorKey(tenantId, sensorId));
    if (sensor === undefined) return refuse('unknown_sensor', `no sensor ${sensorId} in tenant ${tenantId}`);
    if (sensor.state === SensorState.SENSOR_STATE_RETIRED)
      return refuse('retired_sensor', `sensor ${sensorId} is retired`);
    return null;
  }

  /** The same for a session: its key may have been changed since. */
  sessionFault(session: SensorSession): Refusal | null {
    const fault = this.sensorFault(session);
    if (fault !== null) return fault;
    const sensor = this.table.get(sensorKey(session.tenantId, session.sensorId));
    if (sensor !== undefined && sameHash(sensor.keySha256, session.keySha256)) return null;
    return refuse('wrong_key', `that is not the key of sensor ${session.sensorId}`);
  }

  private async settle(ref: SensorRef, faultNow: () => Refusal | null): Promise<Refusal | null> {
    const startedMs = performance.now();
    for (;;) {
      const fault = faultNow();
      const waitMs =
        fault?.code === 'unknown_sensor' ? UNKNOWN_WAIT_MS : fault?.code === 'wrong_key' ? WRONG_KEY_WAIT_MS : 0;
      const leftMs = startedMs + waitMs - performance.now();
      if (fault === null || leftMs <= 0 || this.changes.waiting >= MAX_WAITING) return fault;
      await this.changes.next(sensorKey(ref.tenantId, ref.sensorId), leftMs);
    }
  }
}
