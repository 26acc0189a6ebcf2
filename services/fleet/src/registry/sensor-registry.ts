import { Calibration, type Machine, Sensor, SensorState, sensorKey, topicName } from '@earshot/contracts';
import type { OutgoingRecord, RecordProducer } from '@earshot/platform/kafka';
import { CalibrationLedger, type NewCalibration } from './calibration-ledger.js';
import { KeyedQueue } from './keyed-queue.js';
import { done, refuse, type Refusal, type Result } from './result.js';
import { generateSensorKey, hashSensorKey } from './sensor-key.js';
import {
  calibrationProblems,
  fieldProblems,
  idProblems,
  isUpdatable,
  keyProblems,
  updatableFields,
} from './validation.js';

export interface SensorRegistryDeps {
  readonly producer: RecordProducer;
  readonly namespace: string;
  /** Microseconds since the Unix epoch. */
  nowUs(): number;
}

export interface SensorPage {
  readonly sensors: readonly Sensor[];
  /** Empty: no more. */
  readonly nextCursor: string;
}

export interface SensorWithKey {
  readonly sensor: Sensor;
  readonly sensorKey: string;
}

/** From when on the settings hold: fleet says it. */
const machineFrom = (machine: Machine | undefined, fromUs: number): Machine | undefined =>
  machine === undefined ? undefined : { ...machine, fromUs };

const MAX_PAGE = 1000;
const DEFAULT_PAGE = 100;

const noSensor = (sensorId: string): Refusal => refuse('NOT_FOUND', `No sensor ${JSON.stringify(sensorId)}`);
const invalid = (problems: readonly string[]): Refusal => refuse('INVALID_ARGUMENT', problems.join('; '));

/**
 * The sensors of all tenants. The compacted topics sensors.v1 and calibrations.v1 are the system of record, this is their
 * only writer: a change is answered once Kafka has acknowledged it, and is visible here from then on. `apply…` takes in what
 * stands in the topics. A write that fails half known (Kafka did not answer) shows when the topic is read.
 */
export class SensorRegistry {
  private readonly table = new Map<string, Sensor>();
  private readonly ledger = new CalibrationLedger();
  private readonly writes = new KeyedQueue();
  private readonly listeners = new Set<(sensor: Sensor) => void>();

  constructor(private readonly deps: SensorRegistryDeps) {}

  applySensor(key: string, sensor: Sensor | undefined): void {
    if (sensor === undefined) {
      this.table.delete(key);
      return;
    }
    // What the topic says may be older than what was just acknowledged.
    if ((this.table.get(key)?.version ?? 0) >= sensor.version) return;
    this.table.set(key, sensor);
    for (const listener of this.listeners) listener(sensor);
  }

  applyCalibration(calibration: Calibration | undefined): void {
    if (calibration !== undefined) this.ledger.apply(calibration);
  }

  onChange(listener: (sensor: Sensor) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  get(tenantId: string, sensorId: string): Sensor | undefined {
    return this.table.get(sensorKey(tenantId, sensorId));
  }

  get size(): number {
    return this.table.size;
  }

  ofTenant(tenantId: string): readonly Sensor[] {
    return [...this.table.values()].filter((sensor) => sensor.tenantId === tenantId);
  }

  /** In order of sensor id, so that a page never repeats or passes over a sensor that was there all along. */
  list(tenantId: string, limit: number, cursor: string, includeRetired: boolean): Result<SensorPage> {
    const after = Buffer.from(cursor, 'base64url').toString();
    if (cursor !== '' && idProblems('t', after).length > 0) return invalid(['cursor: not one that was given out here']);
    if (limit > MAX_PAGE) return invalid([`limit ${limit}: at most ${MAX_PAGE}`]);
    const size = limit === 0 ? DEFAULT_PAGE : limit;
    const rest = this.ofTenant(tenantId)
      .filter(
        ({ sensorId, state }) => sensorId > after && (includeRetired || state !== SensorState.SENSOR_STATE_RETIRED),
      )
      .sort((a, b) => (a.sensorId < b.sensorId ? -1 : 1));
    const sensors = rest.slice(0, size);
    const last = sensors.at(-1);
    const more = rest.length > size && last !== undefined;
    return done({ sensors, nextCursor: more ? Buffer.from(last.sensorId).toString('base64url') : '' });
  }

  create(wanted: Sensor, givenKey: string): Promise<Result<SensorWithKey>> {
    const problems = [
      ...idProblems(wanted.tenantId, wanted.sensorId),
      ...fieldProblems(wanted, updatableFields),
      ...keyProblems(givenKey),
    ];
    if (problems.length > 0) return Promise.resolve(invalid(problems));
    return this.writes.run(sensorKey(wanted.tenantId, wanted.sensorId), async () => {
      if (this.get(wanted.tenantId, wanted.sensorId) !== undefined) {
        return refuse('ALREADY_EXISTS', `Sensor ${wanted.sensorId} exists (retired sensors keep their id)`);
      }
      const nowUs = this.deps.nowUs();
      const key = givenKey === '' ? generateSensorKey() : givenKey;
      const sensor: Sensor = {
        ...wanted,
        // The first version holds for all of the sensor's sound, whatever its clock says: there is nothing before it.
        machine: machineFrom(wanted.machine, 0),
        state: SensorState.SENSOR_STATE_ACTIVE,
        keySha256: hashSensorKey(key),
        createdUs: nowUs,
        updatedUs: nowUs,
        effectiveFromUs: 0,
        version: 1,
      };
      await this.write(sensor, this.bySensitivity(sensor));
      return done({ sensor, sensorKey: key });
    });
  }

  update(wanted: Sensor, fields: readonly string[]): Promise<Result<Sensor>> {
    const known = fields.filter(isUpdatable);
    const unknown = fields.filter((field) => !isUpdatable(field));
    const problems = [
      ...idProblems(wanted.tenantId, wanted.sensorId),
      ...unknown.map((field) => `fields ${JSON.stringify(field)}: one of ${updatableFields.join(', ')}`),
      ...(fields.length === 0 ? [`fields is empty: name what to change, of ${updatableFields.join(', ')}`] : []),
      ...fieldProblems(wanted, known),
      ...(known.includes('full_scale_db') && wanted.fullScaleDb === undefined
        ? ['full_scale_db: a calibration can be replaced, not removed']
        : []),
    ];
    if (problems.length > 0) return Promise.resolve(invalid(problems));
    return this.change(wanted.tenantId, wanted.sensorId, async (before) => {
      if (before.state === SensorState.SENSOR_STATE_RETIRED) {
        return refuse('FAILED_PRECONDITION', `Sensor ${before.sensorId} is retired`);
      }
      const changed = this.next(before, {
        ...(known.includes('name') ? { name: wanted.name } : {}),
        ...(known.includes('placement') ? { placement: wanted.placement } : {}),
        ...(known.includes('full_scale_db') ? { fullScaleDb: wanted.fullScaleDb } : {}),
        ...(known.includes('time_zone') ? { timeZone: wanted.timeZone } : {}),
        ...(known.includes('day_periods') ? { dayPeriods: wanted.dayPeriods } : {}),
        ...(known.includes('excluded_flags') ? { excludedFlags: [...new Set(wanted.excludedFlags)] } : {}),
        ...(known.includes('max_drift_db') ? { maxDriftDb: wanted.maxDriftDb } : {}),
        ...(known.includes('exceedance_limit_db') ? { exceedanceLimitDb: wanted.exceedanceLimitDb } : {}),
        ...(known.includes('baseline') ? { baseline: wanted.baseline } : {}),
      });
      const sensor = known.includes('machine')
        ? { ...changed, machine: machineFrom(wanted.machine, changed.effectiveFromUs) }
        : changed;
      await this.write(sensor, sensor.fullScaleDb === before.fullScaleDb ? undefined : this.bySensitivity(sensor));
      return done(sensor);
    });
  }

  /** Retired for good: its frames are refused. Retiring again changes nothing. */
  retire(tenantId: string, sensorId: string): Promise<Result<Sensor>> {
    return this.change(tenantId, sensorId, async (before) => {
      if (before.state === SensorState.SENSOR_STATE_RETIRED) return done(before);
      const sensor = this.next(before, { state: SensorState.SENSOR_STATE_RETIRED });
      await this.write(sensor);
      return done(sensor);
    });
  }

  rotateKey(tenantId: string, sensorId: string): Promise<Result<SensorWithKey>> {
    return this.change(tenantId, sensorId, async (before) => {
      if (before.state === SensorState.SENSOR_STATE_RETIRED) {
        return refuse('FAILED_PRECONDITION', `Sensor ${sensorId} is retired`);
      }
      const key = generateSensorKey();
      const sensor = this.next(before, { keySha256: hashSensorKey(key) });
      await this.write(sensor);
      return done({ sensor, sensorKey: key });
    });
  }

  private change<T>(
    tenantId: string,
    sensorId: string,
    task: (before: Sensor) => Promise<Result<T>>,
  ): Promise<Result<T>> {
    return this.writes.run(sensorKey(tenantId, sensorId), async () => {
      const before = this.get(tenantId, sensorId);
      return before === undefined ? noSensor(sensorId) : task(before);
    });
  }

  private next(before: Sensor, changes: Partial<Sensor>): Sensor {
    const nowUs = this.deps.nowUs();
    return { ...before, ...changes, updatedUs: nowUs, effectiveFromUs: nowUs, version: before.version + 1 };
  }

  /** By version, oldest first. */
  calibrations(tenantId: string, sensorId: string): Result<readonly Calibration[]> {
    if (this.get(tenantId, sensorId) === undefined) return noSensor(sensorId);
    return done(this.ledger.of(sensorKey(tenantId, sensorId)));
  }

  /** Adds to the ledger, from any event time on; the sensor's full_scale_db follows when it is the one in force now. */
  addCalibration(tenantId: string, sensorId: string, wanted: NewCalibration): Promise<Result<Calibration>> {
    const problems = calibrationProblems(wanted, this.deps.nowUs());
    if (problems.length > 0) return Promise.resolve(invalid(problems));
    return this.change(tenantId, sensorId, async (before) => {
      if (before.state === SensorState.SENSOR_STATE_RETIRED) {
        return refuse('FAILED_PRECONDITION', `Sensor ${sensorId} is retired`);
      }
      const nowUs = this.deps.nowUs();
      const calibration = this.ledger.next(before, wanted, nowUs);
      const inForce = this.ledger.inForce(sensorKey(tenantId, sensorId), nowUs);
      const counts = inForce === undefined || calibration.effectiveFromUs >= inForce.effectiveFromUs;
      const sensor =
        counts && before.fullScaleDb !== calibration.fullScaleDb
          ? this.next(before, { fullScaleDb: calibration.fullScaleDb })
          : before;
      await this.write(sensor, calibration);
      return done(calibration);
    });
  }

  private async write(sensor: Sensor, calibration?: Calibration): Promise<void> {
    const { namespace, producer } = this.deps;
    const key = sensorKey(sensor.tenantId, sensor.sensorId);
    const records: OutgoingRecord[] = [];
    if (this.table.get(key) !== sensor) {
      records.push({ topic: topicName('sensors', namespace), key, value: Sensor.encode(sensor).finish() });
    }
    if (calibration !== undefined) {
      records.push({
        topic: topicName('calibrations', namespace),
        // A key of its own, so that the compacted topic keeps them all: levels name the one that made them.
        key: `${calibration.tenantId}/${calibration.calibrationId}`,
        value: Calibration.encode(calibration).finish(),
      });
    }
    await producer.send(records);
    this.applyCalibration(calibration);
    this.applySensor(key, sensor);
  }

  /** The ledger's entry for a full_scale_db that was set on the sensor itself. */
  private bySensitivity(sensor: Sensor): Calibration | undefined {
    if (sensor.fullScaleDb === undefined) return undefined;
    const { fullScaleDb, effectiveFromUs, updatedUs } = sensor;
    const wanted = { fullScaleDb, effectiveFromUs, method: 'sensitivity', performedBy: '', note: '' };
    return this.ledger.next(sensor, wanted, updatedUs);
  }
}
