import { describe, expect, it } from '@jest/globals';

import type { SoundEventJson } from '../schemas/sound.js';
import { ClientQueue, sseMessage } from './client-queue.js';
import { LiveState } from './live-state.js';

const event = (changes: Partial<SoundEventJson> = {}): SoundEventJson => ({
  id: 'e1',
  sensorId: 's1',
  phase: 'open',
  label: 'dog',
  onset: '2026-11-22T10:00:00.000Z',
  offset: '2026-11-22T10:00:01.000Z',
  durationS: 1,
  confidence: 0.9,
  laeqDb: null,
  laeqMaxDb: null,
  calibrationId: null,
  modelId: 'm',
  modelVersion: '1',
  revision: 0,
  ...changes,
});

const level = (time: string, laeqDb: number, sensorId = 's1') => ({
  sensorId,
  time,
  durationMs: 1000,
  laeqDb,
  lceqDb: null,
  lzeqDb: null,
  lafmaxDb: null,
  lcpeakDb: null,
  lafminDb: null,
  lasmaxDb: null,
  laimaxDb: null,
  dcDb: null,
  flags: [],
  calibrationId: null,
  fullScaleDb: null,
  laf125msDb: [],
});

const nowMs = Date.UTC(2026, 10, 22, 10, 0, 5);
const time = '2026-11-22T10:00:00.000Z';

describe('live state', () => {
  it('never goes back to older news', () => {
    const state = new LiveState();
    state.level(level('2026-11-22T10:00:01.000Z', 50));
    state.level(level(time, 40));
    expect(state.snapshot(nowMs).sensors[0]?.level?.laeqDb).toBe(50);
  });

  it('holds an event from its opening to its close, which nothing undoes', () => {
    const state = new LiveState();
    const open = (): readonly string[] => state.snapshot(nowMs).sensors[0]?.openEvents.map((one) => one.phase) ?? [];
    state.level(level(time, 50));
    state.event(event());
    state.event(event({ phase: 'update', revision: 1 }));
    state.event(event());
    expect(open()).toEqual(['update']);
    state.event(event({ phase: 'close', revision: 2 }));
    expect(open()).toEqual([]);
    state.event(event());
    expect(open()).toEqual([]);
  });

  it('shows what is heard now only when it is likely', () => {
    const state = new LiveState();
    const window = (at: string, probability: number) => ({
      id: at,
      sensorId: 's1',
      time: at,
      durationMs: 2000,
      modelId: 'm',
      modelVersion: '1',
      top: { label: 'dog', probability },
      classes: [],
      laeqDb: null,
      discontinuity: false,
    });
    state.classification(window(time, 0.5));
    expect(state.snapshot(nowMs).sensors[0]?.heard).toEqual({ label: 'dog', probability: 0.5, time });
    state.classification(window('2026-11-22T10:00:01.000Z', 0.49));
    expect(state.snapshot(nowMs).sensors[0]?.heard).toBeNull();
  });

  it('leaves out sensors that were not heard within the hour, and other sensors than the one asked for', () => {
    const state = new LiveState();
    state.level(level('2026-11-22T08:59:00.000Z', 50, 'old'));
    state.level(level(time, 50, 'b'));
    state.level(level(time, 50, 'a'));
    expect(state.snapshot(nowMs).sensors.map((one) => one.sensorId)).toEqual(['a', 'b']);
    expect(state.snapshot(nowMs, 'b').sensors.map((one) => one.sensorId)).toEqual(['b']);
  });
});

describe('queue of a client', () => {
  /** Takes `room` writes, then says that it is full, until `room` is raised. */
  const slowOutput = () => {
    const written: string[] = [];
    const output = {
      room: 1,
      written,
      write: (text: string): boolean => {
        written.push(text);
        output.room -= 1;
        return output.room > 0;
      },
    };
    return output;
  };

  it('drops the oldest when a client is slow, and says how many', () => {
    const output = slowOutput();
    const queue = new ClientQueue(output, 3);
    for (const text of ['1', '2', '3', '4', '5', '6']) queue.push(text);
    expect(output.written).toEqual(['1']);
    output.room = 10;
    queue.drained();
    expect(output.written).toEqual(['1', sseMessage('notice', { droppedMessages: 2 }), '4', '5', '6']);
    queue.push('7');
    expect(output.written.at(-1)).toBe('7');
  });

  it('keeps the order when the output fills up again while it drains', () => {
    const output = slowOutput();
    const queue = new ClientQueue(output, 10);
    for (const text of ['1', '2', '3', '4']) queue.push(text);
    output.room = 2;
    queue.drained();
    queue.push('5');
    output.room = 10;
    queue.drained();
    expect(output.written).toEqual(['1', '2', '3', '4', '5']);
  });

  it('writes one line of data per message', () => {
    expect(sseMessage('alert', { text: 'a\nb' })).toBe('event: alert\ndata: {"text":"a\\nb"}\n\n');
  });
});
