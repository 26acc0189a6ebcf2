import { createRandom, type Random } from '../simulator/random.js';

/** What can go wrong. Targets are names of processes, or of a proxy in front of a door. */
export type FaultKind = 'kill' | 'pause' | 'rebalance' | 'cut' | 'delay';

export interface Fault {
  readonly number: number;
  /** Since the beginning of the faults. */
  readonly atMs: number;
  readonly kind: FaultKind;
  readonly target: string;
  /** How long it lasts; 0: a moment. */
  readonly holdMs: number;
}

export interface Targets {
  readonly processes: readonly string[];
  /** Stages that another instance can be added to. */
  readonly scalable: readonly string[];
  readonly doors: readonly string[];
}

const pick = <T>(random: Random, items: readonly T[]): T => {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
};

/** How often each kind comes. */
const KINDS: readonly (readonly [FaultKind, number])[] = [
  ['kill', 5],
  ['pause', 3],
  ['rebalance', 2],
  ['cut', 2],
  ['delay', 1],
];

const between = (random: Random, from: number, to: number): number => Math.round(from + random() * (to - from));

const faultOf = (random: Random, kind: FaultKind, targets: Targets): Pick<Fault, 'kind' | 'target' | 'holdMs'> => {
  if (kind === 'kill') return { kind, target: pick(random, targets.processes), holdMs: 0 };
  // A long pause outlasts the group's session: the process wakes up expelled.
  if (kind === 'pause') return { kind, target: pick(random, targets.processes), holdMs: between(random, 500, 20_000) };
  if (kind === 'rebalance')
    return { kind, target: pick(random, targets.scalable), holdMs: between(random, 5_000, 15_000) };
  if (kind === 'cut') return { kind, target: pick(random, targets.doors), holdMs: 0 };
  return { kind, target: pick(random, targets.doors), holdMs: between(random, 2_000, 8_000) };
};

/**
 * `count` faults over `durationMs`, one in each of as many slots at a random moment of it. Every process is killed once and every kind
 * occurs before chance decides, as far as `count` allows. The same seed and targets give the same schedule.
 */
export const scheduleFaults = (seed: number, count: number, durationMs: number, targets: Targets): readonly Fault[] => {
  const random = createRandom(seed);
  const weights = KINDS.flatMap(([kind, weight]) => new Array<FaultKind>(weight).fill(kind));
  const sure = [
    ...targets.processes.map((target) => ({ kind: 'kill' as const, target, holdMs: 0 })),
    ...KINDS.slice(1).map(([kind]) => faultOf(random, kind, targets)),
  ];
  const kinds = Array.from({ length: count }, (_, i) => sure[i] ?? faultOf(random, pick(random, weights), targets));
  for (let i = kinds.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [kinds[i], kinds[j]] = [kinds[j] as (typeof kinds)[number], kinds[i] as (typeof kinds)[number]];
  }
  const slotMs = durationMs / count;
  return kinds.map((fault, number) => ({ ...fault, number, atMs: Math.round((number + random()) * slotMs) }));
};
