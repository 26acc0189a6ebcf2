import { setTimeout as sleep } from 'node:timers/promises';
import type { MadeSensor } from '../../chaos/sensors.js';
import { readSettings } from '../../config/settings.js';
import { services } from '../../stack/services.js';
import { startOwnStack, type OwnStack } from '../../testing/own-stack.js';
import { cpuSecondsOf } from '../../process/usage.js';
import { makeSensors } from './drain.js';
import { bucketsBetween, bucketsOf, quantileOf, type Buckets } from './histogram.js';
import { CAPACITY_SETTINGS, startLoadOn } from './stack.js';
import { cpuBetween, cpuOf, memoryMbOf, totalOf } from './stack-cpu.js';

export interface LiveOptions {
  readonly sensors: number;
  /** Measured; one more minute comes before them. */
  readonly minutes: number;
  readonly protocol: 'mqtt' | 'grpc';
  readonly seed: number;
  readonly say: (text: string) => void;
}

export interface Lag {
  readonly stage: string;
  readonly seconds: number;
}

export interface LiveReport {
  readonly bench: 'live';
  readonly sound: string;
  readonly sensors: number;
  readonly minutes: number;
  /** From the last sample to the stored result, s. */
  readonly levelsP50S: number | null;
  readonly levelsP99S: number | null;
  readonly alertsP99S: number | null;
  readonly alerts: number;
  /** The stage that lags most, as it says itself, minute by minute. */
  readonly lags: readonly Lag[];
  /** CPU of everything but the generator, cores. */
  readonly cores: number;
  readonly generatorCores: number;
  /** CPU per second of sound of one sensor, ms. */
  readonly perProcess: Readonly<Record<string, number>>;
  readonly memoryMb: Readonly<Record<string, number>>;
  /** Longest that the generator sent a frame after it was due, s: its own fault, or the doors held it. */
  readonly sentLateS: number;
  readonly problems: readonly string[];
}

const MOST_LEVELS_P99_S = 2;
const MOST_ALERTS_P99_S = 3;
const MOST_LAG_S = 10;
/** Each sensor is loud for two seconds so often, and a rule raises an alert. */
const LOUD_EVERY_S = 60;
const LOUD_DB = -4.5;
const WARM_UP_S = 60;
const AGE = 'earshot_sink_result_age_seconds';

const addRule = async (stack: OwnStack): Promise<void> => {
  const condition = { kind: 'level', quantity: 'laeq', aboveDb: LOUD_DB, forS: 1, resolveAfterS: 5 };
  const rule = { name: 'Loud', severity: 'warning', sensorIds: [], condition };
  const { status, body } = await stack.api('POST', '/v1/rules', rule);
  if (status !== 201) throw new Error(`The rule was not made: ${status} ${JSON.stringify(body)}`);
};

interface Ages {
  readonly levels: Buckets;
  readonly alerts: Buckets;
}

const agesOf = async (stack: OwnStack): Promise<Ages> => {
  const index = services.findIndex(({ name }) => name === 'sink');
  const port = readSettings(stack.env).ports.healthBase + index;
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const of = (table: string): Buckets => bucketsOf(text, AGE, `table="${table}"`);
  return { levels: of('levels_1s_rows'), alerts: of('alerts_rows') };
};

const lagOf = async (stack: OwnStack): Promise<Lag> =>
  (await stack.refresh()).services
    .map(({ name, lagSeconds }) => ({ stage: name, seconds: lagSeconds ?? 0 }))
    .reduce((most, one) => (one.seconds > most.seconds ? one : most));

/** Plays `sensors` in real time on a running stack, and measures. */
export const holdLive = async (
  stack: OwnStack,
  sensors: readonly MadeSensor[],
  { minutes, protocol, seed, say }: Omit<LiveOptions, 'sensors'>,
): Promise<LiveReport> => {
  const load = await startLoadOn(stack, sensors, { protocol, seed });
  try {
    const seconds = WARM_UP_S + minutes * 60;
    const anchorTimeUs = (Math.floor(Date.now() / 1000) + 2) * 1e6;
    const order = { bootId: `live-${anchorTimeUs}`, anchorTimeUs, seconds, paced: true, loudEveryS: LOUD_EVERY_S };
    const played = load.play(order);
    await sleep(anchorTimeUs / 1000 + WARM_UP_S * 1000 - Date.now());
    const [before, agesBefore, generatorBefore] = [cpuOf(stack), await agesOf(stack), cpuSecondsOf(load.pid)];
    const lags: Lag[] = [];
    const begin = performance.now();
    for (let minute = 1; minute <= minutes; minute++) {
      await sleep(begin + minute * 60_000 - 2_000 - performance.now());
      const lag = await lagOf(stack);
      lags.push(lag);
      const ages = await agesOf(stack);
      const p99 = quantileOf(bucketsBetween(agesBefore.levels, ages.levels), 0.99);
      say(
        `minute ${minute}: lag ${lag.seconds.toFixed(1)} s (${lag.stage}), levels stored after ${p99?.toFixed(2)} s (p99)`,
      );
    }
    const wallS = (performance.now() - begin) / 1000;
    const cpu = cpuBetween(before, cpuOf(stack));
    const generatorCores = (cpuSecondsOf(load.pid) - generatorBefore) / wallS;
    const agesAfter = await agesOf(stack);
    const { latestS, refused } = await played;
    const levels = bucketsBetween(agesBefore.levels, agesAfter.levels);
    const alerts = bucketsBetween(agesBefore.alerts, agesAfter.alerts);
    const [levelsP99S, alertsP99S] = [quantileOf(levels, 0.99), quantileOf(alerts, 0.99)];
    const expected = sensors.length * wallS;
    const storedCount = levels.get(Infinity) ?? 0;
    const checks: readonly (readonly [boolean, string])[] = [
      [storedCount >= 0.98 * expected, `${storedCount} levels stored in time, of about ${Math.round(expected)}`],
      [levelsP99S !== null && levelsP99S <= MOST_LEVELS_P99_S, `levels after ${levelsP99S} s (p99)`],
      [alertsP99S !== null && alertsP99S <= MOST_ALERTS_P99_S, `alerts after ${alertsP99S} s (p99)`],
      [
        lags.every(({ seconds: behind }) => behind <= MOST_LAG_S),
        `a lag of ${Math.max(...lags.map(({ seconds: behind }) => behind)).toFixed(1)} s`,
      ],
      [refused === 0, `${refused} frames refused`],
    ];
    return {
      ...{ bench: 'live', sound: load.sound, sensors: sensors.length, minutes, levelsP99S, alertsP99S, lags },
      levelsP50S: quantileOf(levels, 0.5),
      alerts: alerts.get(Infinity) ?? 0,
      cores: totalOf(cpu) / wallS,
      generatorCores,
      perProcess: Object.fromEntries([...cpu].map(([name, cpuS]) => [name, (1000 * cpuS) / expected])),
      memoryMb: Object.fromEntries([...memoryMbOf(stack)].map(([name, mb]) => [name, Math.round(mb)])),
      sentLateS: latestS,
      problems: checks.filter(([isRight]) => !isRight).map(([, problem]) => problem),
    };
  } finally {
    await load.stop();
  }
};

/** So many sensors in real time on a stack of its own, the load generator on the same cores. */
export const benchLive = async (options: LiveOptions): Promise<LiveReport> => {
  options.say('Starting a stack …');
  const stack = await startOwnStack(CAPACITY_SETTINGS);
  try {
    await addRule(stack);
    const sensors = await makeSensors(stack, options.sensors, (index) => `live-${String(index + 1).padStart(4, '0')}`);
    options.say(`${options.sensors} sensors play for ${options.minutes} min after one to warm up`);
    return await holdLive(stack, sensors, options);
  } finally {
    await stack.stop();
  }
};
