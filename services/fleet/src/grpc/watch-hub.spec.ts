import { Sensor, type SensorStatus } from '@earshot/contracts';
import { describe, expect, it } from '@jest/globals';
import { PresenceTable } from '../presence/presence-table.js';
import { SensorRegistry } from '../registry/sensor-registry.js';
import { createDescribeSensor } from './status.js';
import { WatchHub } from './watch-hub.js';

const world = async (sensorIds: readonly string[]) => {
  let clockUs = 1_780_000_000e6;
  const nowUs = () => clockUs;
  const producer = { send: () => Promise.resolve(), close: () => Promise.resolve() };
  const registry = new SensorRegistry({ namespace: 't', nowUs, producer });
  const table = new PresenceTable();
  const hub = new WatchHub(registry, createDescribeSensor({ table, silentAfterUs: 15e6, nowUs }), nowUs);
  for (const sensorId of sensorIds) await registry.create(Sensor.fromPartial({ tenantId: 'demo', sensorId }), '');
  return {
    registry,
    hub,
    pass: (seconds: number) => {
      clockUs += seconds * 1e6;
    },
    hear: (sensorId: string) => {
      const second = { timeUs: clockUs - 1e6, durationMs: 1000, sampleRateHz: 16_000, calibrated: false };
      table.hear(`demo/${sensorId}`, second, clockUs);
    },
  };
};

const client = (room = Infinity) => {
  const seen: SensorStatus[] = [];
  let drain: () => void = () => undefined;
  let left = room;
  return {
    seen,
    names: () => seen.map(({ sensor }) => `${sensor?.sensorId ?? ''}:${sensor?.name ?? ''}`),
    sink: {
      write: (status: SensorStatus) => {
        seen.push(status);
        left -= 1;
        return left > 0;
      },
      onDrain: (listener: () => void) => {
        drain = listener;
      },
      end: () => undefined,
    },
    drain: (newRoom: number) => {
      left = newRoom;
      drain();
    },
  };
};

describe('WatchHub', () => {
  it('gives every sensor of the tenant, then changes of the record', async () => {
    const { registry, hub } = await world(['a', 'b']);
    await registry.create(Sensor.fromPartial({ tenantId: 'other', sensorId: 'x' }), '');
    const { names, sink } = client();
    const end = hub.add('demo', sink);
    expect(names()).toEqual(['a:', 'b:']);
    await registry.update(Sensor.fromPartial({ tenantId: 'demo', sensorId: 'b', name: 'B' }), ['name']);
    hub.tick();
    expect(names()).toEqual(['a:', 'b:', 'b:B']);
    end();
    await registry.retire('demo', 'a');
    expect(names()).toHaveLength(3);
    expect(hub.size).toBe(0);
  });

  it('tells online and offline at once, last seen every ten seconds', async () => {
    const { hub, pass, hear } = await world(['a']);
    const { seen, sink } = client();
    hub.add('demo', sink);
    for (let index = 0; index < 21; index += 1) {
      pass(1);
      hear('a');
      hub.tick();
    }
    expect(seen.map(({ online }) => online)).toEqual([false, true, true, true]);
    pass(15);
    hub.tick();
    expect(seen.at(-1)?.online).toBe(false);
  });

  it('keeps one entry per sensor for a client that does not read, and tells it the latest', async () => {
    const { registry, hub } = await world(['a', 'b', 'c']);
    const { names, sink, drain } = client(1);
    hub.add('demo', sink);
    for (let index = 0; index < 50; index += 1) {
      await registry.update(Sensor.fromPartial({ tenantId: 'demo', sensorId: 'c', name: `C${index}` }), ['name']);
    }
    expect(names()).toEqual(['a:']);
    drain(100);
    expect(names()).toEqual(['a:', 'b:', 'c:C49']);
  });
});
