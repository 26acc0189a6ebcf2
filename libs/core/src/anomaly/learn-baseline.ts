import { BANDS, FEATURES, LEVEL } from './profile.js';
import { distance, estimate, nearest, type OperatingState } from './operating-states.js';

/** What is normal for a sensor: its operating states, and the score that a normal second stays below. */
export interface Baseline {
  readonly states: readonly OperatingState[];
  readonly threshold: number;
}

const MAX_STATES = 4;
/** A state is at least this share of the warm-up, so that one passing car does not become one. */
const LEAST_SHARE = 0.08;
/** A group is taken apart when that removes at least this share of its spread. */
const WORTH_SPLITTING = 0.35;
const ROUNDS = 12;
/** Seconds further away than this many times the group's median distance do not count. */
const OUTLIER = 2;
/** The threshold lies this many times (90th percentile - median) of the held-out scores above their median. */
const MARGIN = 4;
/** And never closer to the median than this share of it. */
const LEAST_MARGIN = 0.5;

type Profiles = readonly Float32Array[];

const percentile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const low = sorted[Math.floor(at)] ?? 0;
  return low + ((sorted[Math.ceil(at)] ?? low) - low) * (at - Math.floor(at));
};

const squaredGap = (a: Float32Array, b: Float32Array): number => {
  let sum = 0;
  for (let feature = 0; feature < FEATURES; feature += 1) sum += ((a[feature] ?? 0) - (b[feature] ?? 0)) ** 2;
  return sum + 3 * ((a[LEVEL] ?? 0) - (b[LEVEL] ?? 0)) ** 2;
};

const centreOf = (members: Profiles): Float32Array => estimate(members).mean;

const spread = (members: Profiles): number => {
  const centre = centreOf(members);
  return members.reduce((sum, member) => sum + squaredGap(member, centre), 0);
};

/** Two-means from the member furthest from the centre and the one furthest from that; no chance in it. */
const halves = (members: Profiles): readonly [Profiles, Profiles] => {
  const furthest = (from: Float32Array): Float32Array =>
    members.reduce((best, member) => (squaredGap(member, from) > squaredGap(best, from) ? member : best));
  const first = furthest(centreOf(members));
  let centres: readonly [Float32Array, Float32Array] = [first, furthest(first)];
  let parts: readonly [Profiles, Profiles] = [members, []];
  for (let round = 0; round < ROUNDS; round += 1) {
    const [a, b] = centres;
    const isA = members.map((member) => squaredGap(member, a) <= squaredGap(member, b));
    parts = [members.filter((_, index) => isA[index] === true), members.filter((_, index) => isA[index] === false)];
    if (parts[0].length === 0 || parts[1].length === 0) return parts;
    centres = [centreOf(parts[0]), centreOf(parts[1])];
  }
  return parts;
};

/** Groups of seconds that sound alike, at most four: the widest is taken apart as long as that is worth it. */
const group = (members: Profiles): readonly Profiles[] => {
  const least = Math.max(4, LEAST_SHARE * members.length);
  let done: readonly Profiles[] = [];
  let open: readonly Profiles[] = [members];
  while (open.length > 0 && open.length + done.length < MAX_STATES) {
    const widest = open.reduce((best, one) => (spread(one) > spread(best) ? one : best));
    const others = open.filter((one) => one !== widest);
    const [a, b] = halves(widest);
    const worth =
      a.length >= least && b.length >= least && spread(a) + spread(b) < (1 - WORTH_SPLITTING) * spread(widest);
    if (worth) open = [...others, a, b];
    else {
      done = [...done, widest];
      open = others;
    }
  }
  return [...done, ...open];
};

/** Without the seconds that do not belong: a burst while learning must not widen what is normal. */
const trimmed = (members: Profiles, prior: Float32Array): OperatingState => {
  const first = estimate(members, prior);
  const distances = members.map((member) => distance(first, member));
  const limit = OUTLIER * percentile(distances, 0.5);
  const kept = members.filter((_, index) => (distances[index] ?? 0) <= limit);
  return kept.length === members.length || kept.length === 0 ? first : estimate(kept, prior);
};

/** Every fourth second, in no rhythm that a machine could share. */
const isHeldOut = (index: number): boolean => Math.imul(index + 1, 0x9e3779b1) >>> 30 === 0;

/**
 * Learns from the profiles of the warm-up. A quarter of them is held out: the threshold comes from how far seconds lie that
 * the states were not made from.
 */
export const learnBaseline = (profiles: Profiles): Baseline => {
  const groups = group(profiles.filter((_, index) => !isHeldOut(index)));
  const pooled = new Float32Array(FEATURES);
  const total = groups.reduce((sum, members) => sum + members.length, 0);
  for (const members of groups) {
    const { variance } = estimate(members);
    for (let feature = 0; feature < FEATURES; feature += 1) {
      pooled[feature] = (pooled[feature] ?? 0) + ((variance[feature] ?? 0) * members.length) / total;
    }
  }
  const states = groups.map((members) => trimmed(members, pooled));
  const scores = profiles.filter((_, index) => isHeldOut(index)).map((profile) => nearest(states, profile).score);
  const median = percentile(scores, 0.5);
  const margin = Math.max(LEAST_MARGIN * median, MARGIN * (percentile(scores, 0.9) - median));
  return { states, threshold: Math.fround(median + margin) };
};

/** How far each band lies from a state's mean, in dB of the band itself and in standard deviations. */
export const bandDeviations = (
  { mean, variance }: OperatingState,
  profile: Float32Array,
): readonly { readonly band: number; readonly deviationDb: number; readonly sigmas: number }[] =>
  Array.from({ length: BANDS }, (_, band) => {
    const level = (profile[LEVEL] ?? 0) - (mean[LEVEL] ?? 0);
    const deviationDb = (profile[band] ?? 0) - (mean[band] ?? 0) + level;
    const sigma = Math.sqrt((variance[band] ?? 1) + (variance[LEVEL] ?? 0));
    return { band, deviationDb, sigmas: Math.abs(deviationDb) / sigma };
  });
