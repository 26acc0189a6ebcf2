import { describe, expect, it } from '@jest/globals';
import type { Alert, Classification, LiveLevel, Sensor, SoundEvent } from '../api/types.js';
import type { ClassWindow } from './class-windows.js';
import { cellOf, chooseLanes, insertWindow } from './class-windows.js';
import { LiveClock } from './live-clock.js';
import { MEL_BANDS, MelRing } from './mel-ring.js';
import { countPresence, openAlerts, selectSensors } from './selectors.js';
import { SensorLive } from './sensor-live.js';

const at = (seconds: number): string => new Date(Date.UTC(2026, 10, 22, 10) + seconds * 1000).toISOString();

const level = (seconds: number, laeqDb: number | null): LiveLevel => ({
  sensorId: 's',
  time: at(seconds),
  durationMs: 1000,
  laeqDb,
  lceqDb: laeqDb,
  lzeqDb: laeqDb,
  lafmaxDb: laeqDb,
  lcpeakDb: laeqDb,
  calibrationId: null,
  fullScaleDb: null,
});

const classification = (seconds: number, label: string, probability: number): Classification => ({
  id: `c${seconds}`,
  sensorId: 's',
  time: at(seconds),
  durationMs: 2000,
  modelId: 'm',
  modelVersion: '1',
  top: { label, probability },
  classes: [{ label, probability }],
  laeqDb: null,
  discontinuity: false,
});

const event = (id: string, phase: SoundEvent['phase'], revision: number): SoundEvent => ({
  id,
  sensorId: 's',
  phase,
  label: 'dog_bark',
  onset: at(0),
  offset: at(1),
  durationS: 1,
  confidence: 0.9,
  laeqDb: null,
  laeqMaxDb: null,
  calibrationId: null,
  modelId: 'm',
  modelVersion: '1',
  revision,
});

const alert = (id: string, severity: Alert['severity'], raised: number, state: Alert['state'] = 'raised'): Alert => ({
  id,
  sensorId: 's',
  ruleId: 'r',
  ruleName: 'r',
  state,
  severity,
  raisedAt: at(raised),
  resolvedAt: null,
  message: id,
  value: 1,
  limit: 0,
  causeId: null,
  revision: 0,
});

const sensor = (id: string, changes: Partial<Sensor> = {}): SensorLive => {
  const live = new SensorLive(id);
  live.record = {
    id,
    name: id,
    state: 'active',
    online: true,
    placement: { site: '', description: '', latitude: null, longitude: null },
    fullScaleDb: null,
    timeZone: '',
    calibrated: false,
    sampleRateHz: null,
    lastSeen: at(0),
    lastReceived: null,
    gapSeconds: 0,
    gapCount: 0,
    createdAt: at(0),
    updatedAt: at(0),
    version: 1,
    ...changes,
  };
  return live;
};

describe('SensorLive', () => {
  it('keeps the newest level when an older one comes late', () => {
    const live = new SensorLive('s');
    live.applyLevel(level(2, -20));
    live.applyLevel(level(1, -50));
    expect(live.level?.laeqDb).toBe(-20);
    expect(live.sparkline.at(Date.parse(at(1)) / 1000)).toBe(-50);
  });

  it('hears a label only from probability 0.5 on, and only for a while', () => {
    const live = new SensorLive('s');
    live.applyClassification(classification(1, 'rain', 0.49), 0);
    expect(live.heardAt(0)).toBeNull();
    live.applyClassification(classification(2, 'rain', 0.5), 1000);
    expect(live.heardAt(1000)?.label).toBe('rain');
    expect(live.heardAt(60_000)).toBeNull();
  });

  it('forgets what it heard when the stream breaks', () => {
    const live = new SensorLive('s');
    live.applyClassification(classification(1, 'rain', 0.9), 0);
    live.applyClassification({ ...classification(2, 'rain', 0.9), top: null, classes: [], discontinuity: true }, 0);
    expect(live.heardAt(0)).toBeNull();
  });

  it('never opens again an event whose close came first', () => {
    const live = new SensorLive('s');
    live.applyEvent(event('e', 'open', 0));
    live.applyEvent(event('e', 'close', 2));
    live.applyEvent(event('e', 'update', 1));
    expect(live.openEvents.size).toBe(0);
  });

  it('keeps what the feed told when the snapshot is older', () => {
    const live = new SensorLive('s');
    live.applyLevel(level(5, -20));
    live.applyClassification(classification(5, 'rain', 0.9), 0);
    live.applySnapshot(
      {
        sensorId: 's',
        level: level(3, -40),
        heard: { label: 'rooster', probability: 0.8, time: at(3) },
        openEvents: [],
        anomaly: null,
        openAlerts: [],
      },
      0,
    );
    expect(live.level?.laeqDb).toBe(-20);
    expect(live.heardAt(0)?.label).toBe('rain');
  });
});

describe('selectors', () => {
  const sensors = [
    sensor('b-10'),
    sensor('b-9', { online: false, placement: { site: 'Harbour', description: '', latitude: null, longitude: null } }),
    sensor('a', { state: 'retired', online: false }),
    sensor('new', { online: false, lastSeen: null }),
  ];

  it('counts every sensor once', () => {
    expect(countPresence(sensors)).toEqual({ 'in-service': 3, online: 1, silent: 1, retired: 1, 'never-heard': 1 });
  });

  it('orders names as people do and hides the retired', () => {
    const shown = selectSensors(sensors, { text: '', presence: 'in-service', sort: 'name' });
    expect(shown.map(({ id }) => id)).toEqual(['b-9', 'b-10', 'new']);
  });

  it('finds by site', () => {
    const shown = selectSensors(sensors, { text: 'HARB b-', presence: 'in-service', sort: 'name' });
    expect(shown.map(({ id }) => id)).toEqual(['b-9']);
  });

  it('puts critical alerts first, then the newest', () => {
    const live = sensor('x');
    live.applyAlert(alert('old', 'warning', 1));
    live.applyAlert(alert('new', 'warning', 9));
    live.applyAlert(alert('bad', 'critical', 0));
    live.applyAlert(alert('gone', 'critical', 2));
    live.applyAlert(alert('gone', 'critical', 2, 'resolved'));
    expect(openAlerts([live]).map(({ id }) => id)).toEqual(['bad', 'new', 'old']);
  });
});

describe('class windows', () => {
  const window = (timeMs: number, label = 'rain', probability = 1): ClassWindow => ({
    timeMs,
    durationMs: 2000,
    probabilities: new Map([[label, probability]]),
  });

  it('keeps order, one window per time, and drops the old', () => {
    const windows: ClassWindow[] = [];
    for (const timeMs of [1000, 500, 1500, 1000]) insertWindow(windows, window(timeMs), 0);
    expect(windows.map(({ timeMs }) => timeMs)).toEqual([500, 1000, 1500]);
    insertWindow(windows, window(2000), 1200);
    expect(windows.map(({ timeMs }) => timeMs)).toEqual([1500, 2000]);
  });

  it('draws overlapping windows side by side, around their middles', () => {
    const windows = [window(0), window(500), window(1000)];
    expect([0, 1, 2].map((index) => cellOf(windows, index))).toEqual([
      { startMs: 750, endMs: 1250 },
      { startMs: 1250, endMs: 1750 },
      { startMs: 1750, endMs: 2250 },
    ]);
  });

  it('does not stretch a cell over a gap', () => {
    expect(cellOf([window(0), window(60_000)], 0)).toEqual({ startMs: 0, endMs: 2000 });
  });

  it('shows the most probable of many labels, in order of name', () => {
    const windows = [window(0, 'z', 0.9), window(1, 'a', 0.2), window(2, 'm', 0.5)];
    expect(chooseLanes(windows, ['q'], 2)).toEqual(['m', 'z']);
    expect(chooseLanes(windows, ['q'], 9)).toEqual(['a', 'm', 'q', 'z']);
  });
});

describe('MelRing', () => {
  const chunk = (frame: number, frames: number, value: number) => ({
    timeMs: frame * 20,
    hopMs: 20,
    bands: MEL_BANDS,
    bytes: new Uint8Array(frames * MEL_BANDS).fill(value),
  });

  it('marks frames that never came', () => {
    const ring = new MelRing(100);
    ring.write(chunk(1000, 10, 5));
    ring.write(chunk(1020, 10, 7));
    const present = (frame: number) => ring.present[ring.slot(frame)];
    expect([1009, 1010, 1019, 1020, 1029].map(present)).toEqual([1, 0, 0, 1, 1]);
  });

  it('clears a whole lap after a long absence', () => {
    const ring = new MelRing(100);
    ring.write(chunk(0, 100, 5));
    ring.write(chunk(5000, 10, 7));
    expect(ring.present.reduce((sum, value) => sum + value, 0)).toBe(10);
  });

  it('refuses another front end and what is older than it holds', () => {
    const ring = new MelRing(100);
    ring.write(chunk(1000, 10, 5));
    expect(ring.write({ ...chunk(1010, 10, 5), hopMs: 10 })).toBeNull();
    expect(ring.write(chunk(500, 10, 5))).toBeNull();
  });

  it('takes its contrast from the sound, not from digital silence', () => {
    const ring = new MelRing(100);
    ring.write(chunk(0, 50, 0));
    expect(ring.contrast()).toBeNull();
    ring.write(chunk(50, 50, 120));
    expect(ring.contrast()).toEqual({ low: 120, high: 120 });
  });
});

describe('LiveClock', () => {
  it('stands behind what arrived, and moves evenly', () => {
    const clock = new LiveClock();
    clock.observe(9_000, 10_000);
    clock.observe(10_000, 11_200);
    const edge = clock.edgeMs(11_200);
    expect(edge).toBeLessThanOrEqual(10_000);
    expect(clock.edgeMs(11_700) - edge).toBeCloseTo(500, 6);
  });

  it('is the time of day before anything came', () => {
    expect(new LiveClock().edgeMs(5)).toBe(5);
  });
});
