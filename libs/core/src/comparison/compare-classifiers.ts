import type { ScoredWindow } from '../classification/index.js';
import { LabelTally } from './label-tally.js';
import type { Comparison, LabelRate } from './types.js';

/** From which probability on a window counts as one of a label: what class shares of window levels count. */
export const WINDOW_THRESHOLD = 0.5;

type Windows = ReadonlyMap<number, ScoredWindow>;

const windowsBySensor = (all: readonly ScoredWindow[]): ReadonlyMap<string, Windows> => {
  const sensors = new Map<string, Map<number, ScoredWindow>>();
  for (const window of all) {
    if (window.discontinuity) continue;
    const sensor = `${window.tenantId}/${window.sensorId}`;
    const mine = sensors.get(sensor) ?? new Map<number, ScoredWindow>();
    sensors.set(sensor, mine.set(window.timeUs, window));
  }
  return sensors;
};

const hoppedS = (windows: Iterable<ScoredWindow>): number => {
  let totalMs = 0;
  for (const { hopMs } of windows) totalMs += hopMs;
  return totalMs / 1000;
};
const allOf = (sensors: ReadonlyMap<string, Windows>): readonly ScoredWindow[] =>
  [...sensors.values()].flatMap((windows) => [...windows.values()]);

/** How two classifiers agree on the windows that both scored (those that begin at the same time). A window stands for its hop. */
export const compareClassifiers = (a: readonly ScoredWindow[], b: readonly ScoredWindow[]): Comparison => {
  const [windowsA, windowsB] = [windowsBySensor(a), windowsBySensor(b)];
  const tally = new LabelTally();
  const common: { a: ScoredWindow; b: ScoredWindow }[] = [];
  let sensors = 0;
  for (const [sensor, mine] of windowsA) {
    const pairs = [...mine].flatMap(([timeUs, one]) => {
      const other = windowsB.get(sensor)?.get(timeUs);
      return other === undefined ? [] : [{ a: one, b: other }];
    });
    sensors += pairs.length > 0 ? 1 : 0;
    common.push(...pairs);
  }
  const threshold = () => WINDOW_THRESHOLD;
  for (const pair of common) tally.add(probabilitiesOf(pair.a), probabilitiesOf(pair.b), threshold, threshold);
  const commonS = Math.max(hoppedS(common.map((pair) => pair.a)), hoppedS(common.map((pair) => pair.b)));
  return {
    sensors,
    commonS,
    a: {
      scoredS: hoppedS(allOf(windowsA)),
      rates: ratesOf(
        common.map((pair) => pair.a),
        commonS,
      ),
    },
    b: {
      scoredS: hoppedS(allOf(windowsB)),
      rates: ratesOf(
        common.map((pair) => pair.b),
        commonS,
      ),
    },
    agreement: tally.agreement,
    labels: tally.labels,
    events: null,
    alerts: null,
  };
};

const probabilitiesOf = ({ labels, probabilities }: ScoredWindow): ReadonlyMap<string, number> =>
  new Map(labels.map((label, index) => [label, probabilities[index] ?? 0]));

const ratesOf = (windows: readonly ScoredWindow[], commonS: number): readonly LabelRate[] => {
  const counts = new Map<string, number>();
  for (const window of windows)
    for (const [label, probability] of probabilitiesOf(window))
      if (probability >= WINDOW_THRESHOLD) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts]
    .map(([label, count]) => ({
      label,
      count,
      perHour: (3600 * count) / commonS,
      timeShare: count / Math.max(1, windows.length),
    }))
    .sort((x, y) => (x.label < y.label ? -1 : 1));
};
