import type {
  AlertJson,
  AnomalyJson,
  ClassificationJson,
  LiveLevelJson,
  SnapshotJson,
  SoundEventJson,
} from '../schemas/sound.js';

type Heard = SnapshotJson['sensors'][number]['heard'];

interface SensorState {
  level: LiveLevelJson | undefined;
  newestWindow: ClassificationJson | undefined;
  anomaly: AnomalyJson | undefined;
  readonly openEvents: Map<string, SoundEventJson>;
  /** Ids and revisions of what has ended, so that a late or seeded older state does not open it again. */
  readonly ended: Map<string, number>;
  readonly openAlerts: Map<string, AlertJson>;
}

const HEARD_PROBABILITY = 0.5;
const HOUR_MS = 3_600_000;
const MOST_OPEN = 50;
const MOST_ENDED = 200;

/** The last that is known of every sensor of one tenant. Older news never replaces newer: order and repetition do not matter. */
export class LiveState {
  private readonly sensors = new Map<string, SensorState>();

  level(level: LiveLevelJson): void {
    const state = this.of(level.sensorId);
    if (state.level === undefined || level.time >= state.level.time) state.level = level;
  }

  classification(window: ClassificationJson): void {
    const state = this.of(window.sensorId);
    if (state.newestWindow === undefined || window.time >= state.newestWindow.time) state.newestWindow = window;
  }

  anomaly(anomaly: AnomalyJson): void {
    const state = this.of(anomaly.sensorId);
    if (state.anomaly === undefined || anomaly.time >= state.anomaly.time) state.anomaly = anomaly;
  }

  event(event: SoundEventJson): void {
    const state = this.of(event.sensorId);
    keepOpen(state.openEvents, state.ended, event, event.phase === 'close');
  }

  alert(alert: AlertJson): void {
    const state = this.of(alert.sensorId);
    keepOpen(state.openAlerts, state.ended, alert, alert.state === 'resolved');
  }

  snapshot(nowMs: number, sensorId?: string): SnapshotJson {
    const since = new Date(nowMs - HOUR_MS).toISOString();
    const sensors = [...this.sensors]
      .filter(([id]) => sensorId === undefined || id === sensorId)
      .filter(([, state]) =>
        [state.level?.time, state.newestWindow?.time].some((time) => time !== undefined && time >= since),
      )
      .map(([id, state]) => ({
        sensorId: id,
        level: state.level ?? null,
        heard: heardIn(state.newestWindow),
        openEvents: [...state.openEvents.values()],
        anomaly: state.anomaly ?? null,
        openAlerts: [...state.openAlerts.values()],
      }))
      .sort((a, b) => (a.sensorId < b.sensorId ? -1 : 1));
    return { time: new Date(nowMs).toISOString(), sensors };
  }

  private of(sensorId: string): SensorState {
    let state = this.sensors.get(sensorId);
    if (state === undefined) {
      state = {
        level: undefined,
        newestWindow: undefined,
        anomaly: undefined,
        openEvents: new Map(),
        ended: new Map(),
        openAlerts: new Map(),
      };
      this.sensors.set(sensorId, state);
    }
    return state;
  }
}

const heardIn = (window: ClassificationJson | undefined): Heard =>
  window?.top == null || window.top.probability < HEARD_PROBABILITY ? null : { ...window.top, time: window.time };

const keepOpen = <T extends { readonly id: string; readonly revision: number }>(
  open: Map<string, T>,
  ended: Map<string, number>,
  value: T,
  isEnd: boolean,
): void => {
  const known = open.get(value.id)?.revision ?? ended.get(value.id) ?? -1;
  if (value.revision < known || (!isEnd && ended.has(value.id))) return;
  if (isEnd) {
    open.delete(value.id);
    ended.set(value.id, value.revision);
    dropFirst(ended, MOST_ENDED);
  } else {
    open.set(value.id, value);
    dropFirst(open, MOST_OPEN);
  }
};

const dropFirst = (map: Map<string, unknown>, most: number): void => {
  const first = map.keys().next();
  if (map.size > most && first.done !== true) map.delete(first.value);
};
