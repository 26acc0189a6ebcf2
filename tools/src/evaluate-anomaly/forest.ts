/**
 * Chainsaw, helicopter and crackling fire at 0 dB SNR in the forest day, after learning on its other half. The halves are alternate half hours. Day 1:
 * the learning half is heard at its clock times. Day 2: the judged half, each recording by itself from the state after day 1, as it is and with
 * an event in it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createDetectAnomalies,
  defaultAnomalyConfig,
  type AnomalyConfig,
  type AnomalyVerdict,
  type HeardSecond,
} from '@earshot/core/anomaly';
import type { RealFft } from '@earshot/core/dsp';
import { emitted } from '@earshot/core/stage';
import { decodeAudio } from '@earshot/platform/audio';
import { createRandom, mixSeed } from '../simulator/random.js';
import { resample } from '../simulator/sound/resample.js';
import { areaUnderRoc } from './auc.js';
import { hear } from './hear.js';
import { mixIn } from './mixing.js';

export const forestClasses = ['chainsaw', 'helicopter', 'crackling_fire'] as const;

export interface ForestOptions {
  /** Times that the events are drawn anew; absent: once. */
  readonly rounds?: number;
  /** Folder that holds forest-day/ and esc10/. */
  readonly recordings: string;
  readonly seed: number;
  /** Which half hours of the day are judged: those at even or odd places; the others are learned from. */
  readonly judged: 'even' | 'odd';
  readonly folds: readonly number[];
  readonly snrDb: number;
}

interface Injected {
  readonly label: string;
  readonly heard: readonly HeardSecond[];
  readonly onsetS: number;
  readonly offsetS: number;
}

/** What the detector is given: the learning half on day 1, the judged half on day 2 as it is and with events. */
export interface ForestDay {
  readonly learning: readonly HeardSecond[];
  readonly judged: readonly {
    readonly fromUs: number;
    readonly plain: readonly HeardSecond[];
    readonly injected: readonly Injected[];
  }[];
}

interface Areas {
  readonly auc: number;
  readonly pauc: number;
  readonly positives: number;
}

export interface ForestResult {
  /** Of single seconds; positive: at least half of it lies in the event. */
  readonly seconds: Readonly<Record<string, Areas>>;
  /** Of verdicts as the service gives them (5 s, the worst second counts); positive: at least 1 s of the event. */
  readonly verdicts: Readonly<Record<string, Areas>>;
  readonly falseAlarms: number;
  readonly judgedRecordings: number;
  /** Share of the recordings with an event in which the sensor became anomalous. */
  readonly foundShare: Readonly<Record<string, number>>;
  readonly threshold: number;
}

const HALF_HOUR_US = 1800e6;
const DAY_US = 86_400e6;
const START_US = Date.UTC(2026, 5, 1) * 1000;
const LONGEST_EVENT_S = 5;

interface Recording {
  readonly samples: Float32Array;
  readonly rateHz: number;
}

const read = async (file: string): Promise<Recording> => {
  const decoded = await decodeAudio(readFileSync(file));
  return { samples: decoded.channels[0] ?? new Float32Array(), rateHz: decoded.sampleRateHz };
};

const resampled = ({ samples, rateHz }: Recording, toHz: number): Float32Array =>
  rateHz === toHz ? samples : resample(samples, rateHz, toHz);

const readAll = async (
  folder: string,
  suffix: string,
  wanted: (name: string) => boolean,
): Promise<readonly Recording[]> => {
  const names = readdirSync(folder).filter((name) => name.endsWith(suffix) && wanted(name));
  return Promise.all(names.sort().map((name) => read(join(folder, name))));
};

type Run = (seconds: readonly HeardSecond[]) => readonly AnomalyVerdict[];

const areas = (negatives: readonly number[], positives: readonly number[]): Areas => ({
  auc: areaUnderRoc(negatives, positives),
  pauc: areaUnderRoc(negatives, positives, 0.1),
  positives: positives.length,
});

const overlapS = (verdict: AnomalyVerdict, fromUs: number, onsetS: number, offsetS: number): number => {
  const start = (verdict.timeUs - fromUs) / 1e6;
  return Math.min(offsetS, start + verdict.durationMs / 1000) - Math.max(onsetS, start);
};

/** Hears the day: recordings, and events mixed into the judged ones. */
export const hearForest = async (options: ForestOptions, fft: RealFft): Promise<ForestDay> => {
  const { recordings, seed, judged, folds, snrDb } = options;
  const day = await readAll(join(recordings, 'forest-day'), '.wav', () => true);
  const clips = new Map<string, readonly Recording[]>();
  for (const label of forestClasses) {
    const isWanted = (name: string): boolean => folds.includes(Number(name.split('-')[0]));
    clips.set(label, await readAll(join(recordings, 'esc10', label), '.ogg', isWanted));
  }
  const isJudged = (place: number): boolean => place % 2 === (judged === 'even' ? 0 : 1);
  const random = createRandom(seed);
  const learning: HeardSecond[] = [];
  const heardDay: ForestDay['judged'][number][] = [];
  for (const [place, { samples, rateHz }] of day.entries()) {
    const fromUs = START_US + place * HALF_HOUR_US;
    if (!isJudged(place)) {
      learning.push(...hear(samples, rateHz, fromUs, fft));
      continue;
    }
    const injected = forestClasses.map((label): Injected => {
      const pool = clips.get(label) ?? [];
      const event = resampled(pool[Math.floor(random() * pool.length)] as Recording, rateHz);
      const { onsetS, offsetS, ...mixture } = mixIn(samples, event, {
        rateHz,
        snrDb,
        longestS: LONGEST_EVENT_S,
        random,
      });
      return { label, onsetS, offsetS, heard: hear(mixture.samples, rateHz, fromUs + DAY_US, fft) };
    });
    heardDay.push({ fromUs: fromUs + DAY_US, plain: hear(samples, rateHz, fromUs + DAY_US, fft), injected });
  }
  return { learning, judged: heardDay };
};

interface Scores {
  readonly seconds: number[];
  readonly verdicts: number[];
}

/** What the detector makes of it. `change`: of its default configuration, whose warm-up is here the whole learning half. */
export const judgeForest = (days: readonly ForestDay[], change: Partial<AnomalyConfig> = {}): ForestResult => {
  const { learning, judged: plainDay } = days[0] ?? { learning: [], judged: [] };
  const usable = learning.filter(({ discontinuity }) => !discontinuity).length;
  const config: AnomalyConfig = { ...defaultAnomalyConfig, warmUpS: usable, ...change };
  const stage = createDetectAnomalies(config);
  const fine = createDetectAnomalies({ ...config, intervalS: 1 });
  const { state } = stage.step(stage.init('t/s'), learning);
  const perSecond: Run = (seconds) => emitted(fine.step(state, seconds).outcomes);
  const perVerdict: Run = (seconds) => {
    const { state: after, outcomes } = stage.step(state, seconds);
    return [...emitted(outcomes), ...stage.flush(after)];
  };
  const scores = (): Scores => ({ seconds: [], verdicts: [] });
  const negatives = scores();
  const positives = new Map<string, Scores>(forestClasses.map((label) => [label, scores()]));
  const found = new Map<string, number>();
  for (const { plain } of plainDay) {
    negatives.seconds.push(...perSecond(plain).map(({ score }) => score));
    negatives.verdicts.push(...perVerdict(plain).map(({ score }) => score));
  }
  for (const { fromUs, injected } of days.flatMap(({ judged }) => judged)) {
    for (const { label, heard, onsetS, offsetS } of injected) {
      const has = (least: number) => (one: AnomalyVerdict) => overlapS(one, fromUs, onsetS, offsetS) >= least;
      const verdicts = perVerdict(heard);
      const own = positives.get(label) ?? scores();
      own.seconds.push(
        ...perSecond(heard)
          .filter(has(0.5))
          .map(({ score }) => score),
      );
      own.verdicts.push(...verdicts.filter(has(1)).map(({ score }) => score));
      const isFound = verdicts.some((one) => one.state === 'anomalous');
      found.set(label, (found.get(label) ?? 0) + (isFound ? 1 : 0));
    }
  }
  const onsets = perVerdict(plainDay.flatMap(({ plain }) => plain))
    .filter((one) => one.state === 'anomalous')
    .map(({ episodeOnsetUs }) => episodeOnsetUs);
  const per = (unit: keyof Scores): Record<string, Areas> => ({
    ...Object.fromEntries([...positives].map(([label, own]) => [label, areas(negatives[unit], own[unit])])),
    all: areas(
      negatives[unit],
      [...positives.values()].flatMap((one) => one[unit]),
    ),
  });
  return {
    seconds: per('seconds'),
    verdicts: per('verdicts'),
    falseAlarms: new Set(onsets).size,
    judgedRecordings: plainDay.length,
    foundShare: Object.fromEntries(
      [...found].map(([label, count]) => [label, count / (plainDay.length * days.length)]),
    ),
    threshold: state.listener.baseline?.threshold ?? 0,
  };
};

/** Hears and judges the day, events drawn `rounds` times. */
export const evaluateForest = async (options: ForestOptions, fft: RealFft): Promise<ForestResult> => {
  const days: ForestDay[] = [];
  for (let round = 0; round < (options.rounds ?? 1); round += 1)
    days.push(await hearForest({ ...options, seed: mixSeed(options.seed, round) }, fft));
  return judgeForest(days);
};
