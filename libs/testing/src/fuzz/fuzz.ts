import fc from 'fast-check';

/**
 * Property fuzzing: good inputs, spoilt. A short run belongs to every test run; `npm run fuzz -- --minutes N` gives each
 * property its share of N minutes by `FUZZ_SECONDS`. A failure prints the seed and the smallest input that fast-check found.
 */
export interface FuzzBudget {
  /** Inputs in the short run. */
  readonly runs: number;
}

const seconds = Number(process.env['FUZZ_SECONDS'] ?? 0);

/** Checks the property for the budget, or for `FUZZ_SECONDS` where given. Rejects with the counterexample. */
export const fuzz = async <T extends unknown[]>(
  { runs }: FuzzBudget,
  property: fc.IAsyncProperty<T> | fc.IProperty<T>,
): Promise<void> => {
  await fc.assert(
    property,
    seconds > 0
      ? { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: seconds * 1000, markInterruptAsFailure: false }
      : { numRuns: runs },
  );
};

type Edit = (bytes: Uint8Array, place: number, value: number, length: number) => Uint8Array;

const splice = (bytes: Uint8Array, at: number, removed: number, added: Uint8Array): Uint8Array => {
  const result = new Uint8Array(Math.max(0, bytes.length - removed) + added.length);
  result.set(bytes.subarray(0, at));
  result.set(added, at);
  result.set(bytes.subarray(at + removed), at + added.length);
  return result;
};

const withBytes = (bytes: Uint8Array, at: number, values: readonly number[]): Uint8Array => {
  const result = bytes.slice();
  values.forEach((value, index) => {
    if (at + index < result.length) result[at + index] = value;
  });
  return result;
};

/** Lengths and counts of formats, where they do most harm. */
const EXTREMES: readonly (readonly number[])[] = [
  [0, 0, 0, 0],
  [0xff, 0xff, 0xff, 0xff],
  [0x7f, 0xff, 0xff, 0xff],
  [0xff, 0xff, 0xff, 0x7f],
  [0x80, 0, 0, 0],
  [0, 0, 0, 0x80],
  [0, 0, 0, 1],
];

const edits: readonly Edit[] = [
  (bytes, at, value) => withBytes(bytes, at, [value & 0xff]),
  (bytes, at, value) => withBytes(bytes, at, [(bytes[at] ?? 0) ^ (1 << (value % 8))]),
  (bytes, at, value) => withBytes(bytes, at, EXTREMES[value % EXTREMES.length] ?? []),
  (bytes, at) => bytes.slice(0, at),
  (bytes, at, _value, length) => splice(bytes, at, Math.min(length, bytes.length - at), new Uint8Array()),
  (bytes, at, _value, length) => splice(bytes, at, 0, bytes.slice(at, at + length)),
  (bytes, at, value, length) => splice(bytes, at, 0, new Uint8Array(length).fill(value & 0xff)),
];

const edit = fc.record({
  // The beginning of a file holds most of what decides.
  place: fc.oneof(fc.nat({ max: 64 }), fc.nat()),
  kind: fc.nat({ max: edits.length - 1 }),
  value: fc.nat({ max: 255 }),
  length: fc.integer({ min: 1, max: 300 }),
});

/** Seeds with up to eight edits (bits, bytes, lengths at their extremes, cuts, repeats), and now and then plain noise. */
export const mutated = (seeds: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> =>
  fc.oneof(
    {
      weight: 19,
      arbitrary: fc
        .tuple(fc.constantFrom(...seeds), fc.array(edit, { minLength: 1, maxLength: 8 }))
        .map(([seed, list]) =>
          list.reduce<Uint8Array>(
            (bytes, { place, kind, value, length }) =>
              edits[kind]?.(bytes, bytes.length === 0 ? 0 : place % bytes.length, value, length) ?? bytes,
            Uint8Array.from(seed),
          ),
        ),
    },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 400 }) },
  );

/** Numbers that a field of a message may hold and should not; `most` is what fits into it. */
export const oddNumber = (usual: number, most = Number.MAX_SAFE_INTEGER): fc.Arbitrary<number> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constant(usual) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(0, 1, -1, 2 ** 31 - 1, 2 ** 32 - 1, most).filter((value) => value <= most),
    },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 2 * Math.max(1, Math.abs(Math.trunc(usual))) }) },
  );
