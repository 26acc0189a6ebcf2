/**
 * Seeded days of a sensor as log-mel seconds, made in the mel domain (a day of audio takes too long). Everything in them is normal: a night that is
 * quieter than the day, slow swell and drift of the microphone, passing cars, doors and dogs, dawn birds, wind, spells of rain, machines that
 * work in shifts. What a place has, its spectra, levels and rates are drawn from the seed.
 */
import type { HeardSecond } from '@earshot/core/anomaly';
import { FRONT_END } from '@earshot/core/dsp';
import { createRandom, mixSeed, type Random } from '../simulator/random.js';

const BANDS = FRONT_END.melBands;
/** Windows overlap by 69 %: every third frame is new. */
const STEPS = 17;
const FRAMES_PER_STEP = 3;
const FRAMES = 50;
const DAY_S = 86_400;
const HOUR_S = 3600;
const CODES_PER_DB = 2;
const FLOOR_DB = -100;
const START_US = Date.UTC(2026, 2, 2) * 1000;

export const places = ['street', 'yard', 'park', 'plant'] as const;
export type Place = (typeof places)[number];

/** dB per band. */
type Spectrum = Float64Array;

const gaussian = (random: Random): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const between = (random: Random, from: number, to: number): number => from + (to - from) * random();
const powerOf = (db: number): number => 10 ** (db / 10);

/** Falls by `tiltDb` from the lowest band to the highest, with smooth bumps; mean 0 dB. */
const smooth = (random: Random, tiltDb: number, bumpsDb = 4): Spectrum => {
  const knots = Array.from({ length: 10 }, () => bumpsDb * gaussian(random));
  const out = Float64Array.from({ length: BANDS }, (_, band) => {
    const at = (band / BANDS) * 8;
    const knot = Math.floor(at);
    const blend = 0.5 - 0.5 * Math.cos(Math.PI * (at - knot));
    return -tiltDb * (band / BANDS - 0.5) + (knots[knot] ?? 0) * (1 - blend) + (knots[knot + 1] ?? 0) * blend;
  });
  return out;
};

/** A band of `width` bands about `centre`, falling off outside. */
const hump = (centre: number, width: number): Spectrum =>
  Float64Array.from({ length: BANDS }, (_, band) => -12 * ((band - centre) / width) ** 2);

const plus = (a: Spectrum, b: Spectrum): Spectrum => a.map((value, band) => value + (b[band] ?? 0));
const toPower = (spectrum: Spectrum, levelDb: number): Float64Array => spectrum.map((db) => powerOf(db + levelDb));

/** Something that sounds for a while. */
interface Sounding {
  readonly untilS: number;
  readonly power: Float64Array;
  /** Gain of the power at a time. */
  gain(atS: number): number;
}

interface Recipe {
  readonly baseDb: number;
  readonly base: Spectrum;
  /** How much quieter the night is, dB. */
  readonly nightDb: number;
  readonly carsPerHour: number;
  readonly knocksPerHour: number;
  readonly birds: number;
  readonly rainsPerDay: number;
  readonly windDb: number;
  readonly machine: readonly Spectrum[];
  readonly driftDbPerDay: number;
  readonly knocks: readonly Spectrum[];
  readonly car: Spectrum;
  readonly rain: Spectrum;
  readonly bird: readonly Spectrum[];
}

const draw = (random: Random, place: Place): Recipe => {
  const pick = (street: number, yard: number, park: number, plant: number): number =>
    ({ street, yard, park, plant })[place] * between(random, 0.6, 1.6);
  return {
    baseDb: between(random, -62, -48),
    base: smooth(random, between(random, 8, 26)),
    nightDb: pick(7, 6, 5, 1),
    carsPerHour: pick(70, 12, 3, 2),
    knocksPerHour: pick(10, 25, 4, 40),
    birds: place === 'plant' ? 0 : pick(0.1, 0.1, 0.35, 0),
    rainsPerDay: place === 'plant' ? 0 : between(random, 0.5, 2.5),
    windDb: pick(1, 1, 3, 0),
    machine:
      place === 'yard' || place === 'plant'
        ? Array.from({ length: 3 }, () =>
            plus(smooth(random, between(random, 0, 20), 6), hump(between(random, 4, 50), between(random, 6, 30))),
          )
        : [],
    driftDbPerDay: between(random, -1.5, 1.5),
    knocks: Array.from({ length: 5 }, () =>
      plus(smooth(random, between(random, -6, 14), 5), hump(between(random, 8, 55), between(random, 8, 30))),
    ),
    car: plus(smooth(random, 6, 2), hump(between(random, 16, 28), 26)),
    rain: smooth(random, between(random, -8, 4), 2),
    bird: Array.from({ length: 4 }, () => hump(between(random, 38, 56), between(random, 1.5, 4))),
  };
};

/** Share of day in the sound of a place at an hour, 0 (night) to 1. */
const daytime = (hour: number): number =>
  0.5 - 0.5 * Math.cos((2 * Math.PI * Math.min(18, Math.max(0, hour - 4.5))) / 18);
const rush = (hour: number): number =>
  0.05 + daytime(hour) * (1 + 0.6 * Math.exp(-((hour - 8) ** 2)) + 0.5 * Math.exp(-((hour - 17.5) ** 2)));

/** dB of the mean of some exponentially distributed powers: the noise of a band's estimate. */
const noiseTables = (random: Random): readonly Float64Array[] =>
  [2, 3, 5, 8, 12].map((bins) =>
    Float64Array.from({ length: 4096 }, () => {
      let sum = 0;
      for (let bin = 0; bin < bins; bin += 1) sum -= Math.log(1 - random());
      return 10 * Math.log10(sum / bins);
    }),
  );

const passingCar = (recipe: Recipe, random: Random, atS: number): Sounding => {
  const halfS = between(random, 1.2, 4.5);
  const peakS = atS + 3 * halfS;
  const level = recipe.baseDb + between(random, 6, 24);
  return {
    untilS: peakS + 6 * halfS,
    power: toPower(plus(recipe.car, smooth(random, between(random, -4, 6), 1.5)), level),
    gain: (time) => 1 / (1 + ((time - peakS) / halfS) ** 2) ** 1.5,
  };
};

const knock = (recipe: Recipe, random: Random, atS: number): Sounding => {
  const fromS = atS + random();
  const lastS = between(random, 0.05, 0.5);
  const repeatS = random() < 0.4 ? between(random, 0.3, 0.9) : Infinity;
  const count = repeatS === Infinity ? 1 : 1 + Math.floor(4 * random());
  const kind = recipe.knocks[Math.floor(random() * recipe.knocks.length)] ?? recipe.base;
  return {
    untilS: fromS + (count - 1) * (repeatS === Infinity ? 0 : repeatS) + 5 * lastS,
    power: toPower(plus(kind, smooth(random, 0, 1.5)), recipe.baseDb + between(random, 5, 26)),
    gain: (time) => {
      const since = repeatS === Infinity ? time - fromS : Math.min(time - fromS, (time - fromS) % repeatS);
      return since < 0 ? 0 : Math.exp(-since / lastS);
    },
  };
};

const rainSpell = (recipe: Recipe, random: Random, atS: number): Sounding => {
  const lastS = between(random, 600, 5400);
  const rampS = between(random, 60, 400);
  const swing = between(random, 0.05, 0.3);
  const phase = random() * 100;
  return {
    untilS: atS + lastS,
    power: toPower(recipe.rain, recipe.baseDb + between(random, 0, 14)),
    gain: (time) =>
      Math.min(1, Math.max(0, (time - atS) / rampS), Math.max(0, (atS + lastS - time) / rampS)) *
      (1 + swing * Math.sin(time / 37 + phase)),
  };
};

/** Endless normal seconds of one sensor. */
export function* sensorSeconds(seed: number, place: Place): Generator<HeardSecond> {
  const recipe = draw(createRandom(mixSeed(seed, 1)), place);
  const random = createRandom(mixSeed(seed, 2));
  const tables = noiseTables(createRandom(mixSeed(seed, 3)));
  const basePower = toPower(recipe.base, recipe.baseDb);
  const machinePower = recipe.machine.map((spectrum) => toPower(spectrum, recipe.baseDb + 8));
  const birdPower = recipe.bird.map((spectrum) => toPower(spectrum, recipe.baseDb + 10));
  const windPower = toPower(smooth(createRandom(mixSeed(seed, 4)), 45, 1), recipe.baseDb + 4);
  let sounding: Sounding[] = [];
  let [swellDb, gust, machine, machineUntilS] = [0, 0, -1, 0];
  let [chirp, chirpLeft] = [0, 0];
  const power = new Float64Array(BANDS);
  for (let second = 0; ; second += 1) {
    const hour = (second / HOUR_S) % 24;
    swellDb += -swellDb / 600 + 0.055 * gaussian(random);
    gust += -gust / 8 + 0.35 * gaussian(random);
    if (random() < (recipe.carsPerHour * rush(hour)) / HOUR_S) sounding.push(passingCar(recipe, random, second));
    if (random() < (recipe.knocksPerHour * (0.1 + daytime(hour))) / HOUR_S)
      sounding.push(knock(recipe, random, second));
    if (random() < recipe.rainsPerDay / DAY_S) sounding.push(rainSpell(recipe, random, second));
    const atWork = hour >= 6 && hour < 22;
    if (machinePower.length > 0 && second >= machineUntilS) {
      machine = (place === 'plant' || atWork) && random() < 0.85 ? Math.floor(random() * machinePower.length) : -1;
      machineUntilS = second + between(random, 20, 600);
    }
    sounding = sounding.filter(({ untilS }) => untilS > second);
    const singing = recipe.birds * (0.15 * daytime(hour) + Math.exp(-(((hour - 5.5) / 1.2) ** 2)));
    const ambientDb = swellDb - recipe.nightDb * (1 - daytime(hour));
    const sensitivityDb = (recipe.driftDbPerDay * second) / DAY_S;
    const baseGain = powerOf(ambientDb);
    const windGain = recipe.windDb === 0 ? 0 : powerOf(recipe.windDb * (gust - 1));
    const logMel = new Uint8Array(FRAMES * BANDS);
    for (let step = 0; step < STEPS; step += 1) {
      const time = second + step / STEPS;
      for (let band = 0; band < BANDS; band += 1)
        power[band] = (basePower[band] ?? 0) * baseGain + (windPower[band] ?? 0) * windGain;
      const add = (other: Float64Array | undefined, gain: number): void => {
        if (other === undefined || gain < 1e-6) return;
        for (let band = 0; band < BANDS; band += 1) power[band] = (power[band] ?? 0) + gain * (other[band] ?? 0);
      };
      if (machine >= 0) add(machinePower[machine], 1);
      for (const each of sounding) add(each.power, each.gain(time));
      if (chirpLeft === 0 && random() < singing / 6)
        [chirp, chirpLeft] = [Math.floor(random() * birdPower.length), 1 + Math.floor(8 * random())];
      if (chirpLeft > 0) {
        add(birdPower[chirp], between(random, 0.3, 2));
        chirpLeft -= 1;
      }
      const from = step * FRAMES_PER_STEP * BANDS;
      for (let band = 0; band < BANDS; band += 1) {
        const noise = tables[Math.floor(band / 13)]?.[Math.floor(random() * 4096)] ?? 0;
        const db = 10 * Math.log10((power[band] ?? 0) + 1e-10) + sensitivityDb + noise;
        logMel[from + band] = Math.max(0, Math.min(255, Math.round((db - FLOOR_DB) * CODES_PER_DB)));
      }
      for (let copy = 1; copy < FRAMES_PER_STEP && step * FRAMES_PER_STEP + copy < FRAMES; copy += 1) {
        logMel.copyWithin(from + copy * BANDS, from, from + BANDS);
      }
    }
    yield {
      tenantId: 't',
      sensorId: `${place}-${seed}`,
      bootId: 'b1',
      timeUs: START_US + second * 1e6,
      frameCount: FRAMES,
      logMel,
      discontinuity: false,
      receivedTimeUs: 0,
    };
  }
}

export { DAY_S };
