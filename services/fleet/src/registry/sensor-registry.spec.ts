import { Calibration, Machine, Sensor, SensorState } from '@earshot/contracts';
import { describe, expect, it } from '@jest/globals';
import type { OutgoingRecord } from '@earshot/platform/kafka';
import { createHash } from 'node:crypto';
import type { Result } from './result.js';
import { SensorRegistry } from './sensor-registry.js';

const sensor = (changes: Partial<Sensor> = {}): Sensor =>
  Sensor.fromPartial({ tenantId: 'demo', sensorId: 'gate-1', name: 'Gate', ...changes });

const world = () => {
  const written: OutgoingRecord[] = [];
  let clockUs = 1_000_000;
  const releases: (() => void)[] = [];
  let hold = false;
  const registry = new SensorRegistry({
    namespace: 't',
    nowUs: () => (clockUs += 1_000),
    producer: {
      send: async (records) => {
        if (hold) await new Promise<void>((resolve) => releases.push(resolve));
        written.push(...records);
      },
      close: () => Promise.resolve(),
    },
  });
  return {
    registry,
    written,
    holdWrites: () => {
      hold = true;
    },
    releaseWrites: () => {
      hold = false;
      for (const release of releases.splice(0)) release();
    },
  };
};

const value = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`${result.code}: ${result.message}`);
  return result.value;
};
const refusal = <T>(result: Result<T>): string => (result.ok ? 'ok' : result.code);

describe('SensorRegistry', () => {
  it('creates with a generated key of which only the hash is written', async () => {
    const { registry, written } = world();
    const created = value(await registry.create(sensor(), ''));
    expect(created.sensorKey).toMatch(/^sk_[A-Za-z0-9_-]{43}$/);
    const record = Sensor.decode(written[0]?.value ?? new Uint8Array());
    expect(written.map(({ topic, key }) => [topic, key])).toEqual([['t.sensors.v1', 'demo/gate-1']]);
    expect(record.keySha256).toBe(createHash('sha256').update(created.sensorKey).digest('hex'));
    expect(Buffer.from(written[0]?.value ?? []).includes(created.sensorKey)).toBe(false);
    expect(record).toMatchObject({ version: 1, state: SensorState.SENSOR_STATE_ACTIVE, effectiveFromUs: 0 });
  });

  it('takes a given key and refuses a second sensor of the id', async () => {
    const { registry } = world();
    expect(value(await registry.create(sensor(), 'sk_0123456789abcdef')).sensorKey).toBe('sk_0123456789abcdef');
    expect(refusal(await registry.create(sensor(), ''))).toBe('ALREADY_EXISTS');
  });

  it('lets only one of two creates at the same time win', async () => {
    const { registry, holdWrites, releaseWrites } = world();
    holdWrites();
    const both = [registry.create(sensor(), ''), registry.create(sensor(), '')];
    await new Promise((resolve) => setImmediate(resolve));
    releaseWrites();
    expect((await Promise.all(both)).map(refusal)).toEqual(['ok', 'ALREADY_EXISTS']);
  });

  it('answers only once Kafka has acknowledged', async () => {
    const { registry, holdWrites, releaseWrites } = world();
    holdWrites();
    let answered = false;
    const creating = registry.create(sensor(), '').then((result) => {
      answered = true;
      return result;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(answered).toBe(false);
    expect(registry.get('demo', 'gate-1')).toBeUndefined();
    releaseWrites();
    await creating;
    expect(registry.get('demo', 'gate-1')?.name).toBe('Gate');
  });

  it.each([
    ['tenant', { tenantId: 'de mo' }],
    ['sensor id', { sensorId: '-x' }],
    ['long id', { sensorId: 'a'.repeat(65) }],
    ['slash', { sensorId: 'a/b' }],
    ['zone', { timeZone: 'Europe/Nowhere' }],
    ['full scale', { fullScaleDb: 900 }],
    ['NaN', { fullScaleDb: Number.NaN }],
    ['shaft', { machine: Machine.fromPartial({ minShaftHz: 30, maxShaftHz: 20 }) }],
    ['order', { machine: Machine.fromPartial({ minShaftHz: 20, maxShaftHz: 30, bpfoOrder: -1 }) }],
    ['baseline', { baseline: { learnFromUs: 0, learnForS: 60 } }],
    ['half a place', { placement: { site: '', description: '', latitude: 48 } }],
  ])('refuses a bad %s', async (_name, changes) => {
    const { registry, written } = world();
    expect(refusal(await registry.create(sensor(changes), ''))).toBe('INVALID_ARGUMENT');
    expect(written).toEqual([]);
  });

  it('says from when on a machine’s settings hold: from the beginning, or from their own change on', async () => {
    const { registry } = world();
    const machine = Machine.fromPartial({ minShaftHz: 20, maxShaftHz: 30, fromUs: 77 });
    await registry.create(sensor({ machine }), '');
    expect(registry.get('demo', 'gate-1')?.machine).toMatchObject({ minShaftHz: 20, fromUs: 0 });
    await registry.update(sensor({ machine: { ...machine, minShaftHz: 22 } }), ['machine']);
    const changed = registry.get('demo', 'gate-1');
    expect(changed?.machine).toMatchObject({ minShaftHz: 22, fromUs: changed?.effectiveFromUs });
    await registry.update(sensor({ name: 'Pump', baseline: { learnFromUs: 5, learnForS: 60 } }), ['name', 'baseline']);
    expect(registry.get('demo', 'gate-1')).toMatchObject({
      machine: { fromUs: changed?.effectiveFromUs },
      baseline: { learnFromUs: 5, learnForS: 60 },
    });
    await registry.update(sensor({}), ['machine']);
    expect(registry.get('demo', 'gate-1')?.machine).toBeUndefined();
  });

  it('writes a calibration with every change of the sensitivity, and with nothing else', async () => {
    const { registry, written } = world();
    await registry.create(sensor({ fullScaleDb: 120 }), '');
    await registry.update(sensor({ name: 'North gate', fullScaleDb: 99 }), ['name']);
    await registry.update(sensor({ fullScaleDb: 121.5 }), ['full_scale_db']);
    const calibrations = written
      .filter(({ topic }) => topic === 't.calibrations.v1')
      .map(({ key, value: bytes }) => ({ key, ...Calibration.decode(bytes ?? new Uint8Array()) }));
    const changed = registry.get('demo', 'gate-1');
    expect(changed).toMatchObject({ version: 3, name: 'North gate', fullScaleDb: 121.5 });
    expect(calibrations).toMatchObject([
      { key: 'demo/gate-1.1', version: 1, fullScaleDb: 120, method: 'sensitivity', effectiveFromUs: 0 },
      { key: 'demo/gate-1.2', version: 2, fullScaleDb: 121.5, effectiveFromUs: changed?.effectiveFromUs },
    ]);
  });

  it('names unknown fields, empty fields and a calibration taken away', async () => {
    const { registry } = world();
    await registry.create(sensor({ fullScaleDb: 120 }), '');
    expect(refusal(await registry.update(sensor(), ['state']))).toBe('INVALID_ARGUMENT');
    expect(refusal(await registry.update(sensor(), []))).toBe('INVALID_ARGUMENT');
    expect(refusal(await registry.update(sensor(), ['full_scale_db']))).toBe('INVALID_ARGUMENT');
    expect(refusal(await registry.update(sensor({ sensorId: 'other' }), ['name']))).toBe('NOT_FOUND');
  });

  it('retires once and for good', async () => {
    const { registry, written } = world();
    await registry.create(sensor(), '');
    value(await registry.retire('demo', 'gate-1'));
    expect(value(await registry.retire('demo', 'gate-1')).version).toBe(2);
    expect(written).toHaveLength(2);
    expect(refusal(await registry.update(sensor(), ['name']))).toBe('FAILED_PRECONDITION');
    expect(refusal(await registry.rotateKey('demo', 'gate-1'))).toBe('FAILED_PRECONDITION');
    expect(refusal(await registry.create(sensor(), ''))).toBe('ALREADY_EXISTS');
  });

  it('rotates the key', async () => {
    const { registry } = world();
    const first = value(await registry.create(sensor(), ''));
    const second = value(await registry.rotateKey('demo', 'gate-1'));
    expect(second.sensorKey).not.toBe(first.sensorKey);
    expect(second.sensor.keySha256).not.toBe(first.sensor.keySha256);
    expect(second.sensor.version).toBe(2);
  });

  it('pages in a stable order that new sensors do not disturb', async () => {
    const { registry } = world();
    for (const sensorId of ['c', 'a', 'e', 'b']) await registry.create(sensor({ sensorId }), '');
    await registry.create(sensor({ sensorId: 'a', tenantId: 'other' }), '');
    const first = value(registry.list('demo', 2, '', true));
    await registry.create(sensor({ sensorId: 'aa' }), '');
    await registry.create(sensor({ sensorId: 'd' }), '');
    const second = value(registry.list('demo', 10, first.nextCursor, true));
    expect([...first.sensors, ...second.sensors].map(({ sensorId }) => sensorId)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(second.nextCursor).toBe('');
    await registry.retire('demo', 'c');
    expect(value(registry.list('demo', 0, '', false)).sensors.map(({ sensorId }) => sensorId)).not.toContain('c');
    expect(refusal(registry.list('demo', 10, 'not a cursor', true))).toBe('INVALID_ARGUMENT');
    expect(refusal(registry.list('demo', 5000, '', true))).toBe('INVALID_ARGUMENT');
  });

  it('keeps what was acknowledged when the topic shows an older version', async () => {
    const { registry } = world();
    const { sensor: first } = value(await registry.create(sensor(), ''));
    await registry.update(sensor({ name: 'New' }), ['name']);
    registry.applySensor('demo/gate-1', first);
    expect(registry.get('demo', 'gate-1')?.name).toBe('New');
  });
});
