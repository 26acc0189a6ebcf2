// Inner loops of the level meter, in AssemblyScript: `npm run kernels` compiles them to src/levels/generated/kernel.ts.
//
// All addresses are bytes into the module's memory, all numbers f64; src/levels/kernel.ts says what lies where. Every sum is
// taken sample by sample, so that results do not depend on how a stream is cut into calls.

const F64: usize = 8;
const PAIR: usize = 16;

// @ts-ignore: decorator
@inline
function at(base: usize, index: i32): usize {
  return base + (<usize>index << 3);
}

// @ts-ignore: decorator
@inline
function pair(a: usize, b: usize): v128 {
  return f64x2.replace_lane(v128.load64_splat(a), 1, load<f64>(b));
}

// @ts-ignore: decorator
@inline
function spread(x: v128, a: usize, b: usize): void {
  v128.store64_lane(a, x, 0);
  v128.store64_lane(b, x, 1);
}

// @ts-ignore: decorator
@inline
function mul(a: v128, b: v128): v128 {
  return f64x2.mul(a, b);
}

// @ts-ignore: decorator
@inline
function add(a: v128, b: v128): v128 {
  return f64x2.add(a, b);
}

// @ts-ignore: decorator
@inline
function sub(a: v128, b: v128): v128 {
  return f64x2.sub(a, b);
}

/**
 * What the flags need. `watch`: last sample, length of its run. `gathered`: number of clipped samples, number that are not zero,
 * their sum, longest run, grid (0: 16 bits, 1: 24 bits, 2: finer).
 */
export function watch(
  block: usize,
  length: i32,
  fullScale: f64,
  last: usize,
  clippedAt: usize,
  nonZeroAt: usize,
  sumAt: usize,
  longestAt: usize,
  gridAt: usize,
): void {
  let previous = load<f64>(last);
  let run = load<f64>(last, 8);
  let longest = load<f64>(longestAt);
  let sum = load<f64>(sumAt);
  let grid = load<f64>(gridAt);
  let clipped: i32 = 0;
  let zeros: i32 = 0;
  for (let i = 0; i < length; i++) {
    const x = load<f64>(at(block, i));
    sum += x;
    clipped += i32(abs(x) >= fullScale);
    zeros += i32(x == 0);
    if (x == previous && x != 0) {
      run += 1;
      longest = max(longest, run);
    } else run = 1;
    previous = x;
  }
  let i = 0;
  if (grid == 0) {
    while (i < length) {
      const x = load<f64>(at(block, i)) * 32768.0;
      if (x != nearest(x)) break;
      i++;
    }
    if (i < length) grid = 1;
  }
  if (grid == 1) {
    while (i < length) {
      const x = load<f64>(at(block, i)) * 8388608.0;
      if (x != nearest(x)) break;
      i++;
    }
    if (i < length) grid = 2;
  }
  store<f64>(last, previous);
  store<f64>(last, run, 8);
  store<f64>(longestAt, longest);
  store<f64>(sumAt, sum);
  store<f64>(gridAt, grid);
  store<f64>(clippedAt, load<f64>(clippedAt) + f64(clipped));
  store<f64>(nonZeroAt, load<f64>(nonZeroAt) + f64(length - zeros));
}

/**
 * DC removal, A and C side by side (A in lane 0), time weightings F, S and I. `m`: the weighter's memory, `more`: its second part,
 * `coefficients`: dcGain, dcPole, s1, s2, rising, falling, then pairs (A, C): b1, b2, a1, a2 of the low section, b0, b1, b2, a1,
 * a2 of the two high ones, then (F, S). Leaves Z in `block` and C in `c`.
 */
export function weigh(
  block: usize,
  length: i32,
  c: usize,
  m: usize,
  more: usize,
  coefficients: usize,
  zEnergyAt: usize,
  cEnergyAt: usize,
  aEnergyAt: usize,
  cPeakAt: usize,
  lafMaxAt: usize,
  lafMinAt: usize,
  settledFrom: i32,
): void {
  const dcGain = load<f64>(coefficients);
  const dcPole = load<f64>(coefficients, 8);
  const s1 = load<f64>(coefficients, 16);
  const s2 = load<f64>(coefficients, 24);
  const rising = load<f64>(coefficients, 32);
  const falling = load<f64>(coefficients, 40);
  const lb1 = v128.load(coefficients, 48);
  const lb2 = v128.load(coefficients, 64);
  const la1 = v128.load(coefficients, 80);
  const la2 = v128.load(coefficients, 96);
  const hb0 = v128.load(coefficients, 112);
  const hb1 = v128.load(coefficients, 128);
  const hb2 = v128.load(coefficients, 144);
  const ha1 = v128.load(coefficients, 160);
  const ha2 = v128.load(coefficients, 176);
  const gb0 = v128.load(coefficients, 192);
  const gb1 = v128.load(coefficients, 208);
  const gb2 = v128.load(coefficients, 224);
  const ga1 = v128.load(coefficients, 240);
  const ga2 = v128.load(coefficients, 256);
  const smoothing = v128.load(coefficients, 272);

  let x1 = load<f64>(m);
  let z1 = load<f64>(m, 8);
  let p = load<f64>(m, 16);
  let pp = load<f64>(m, 24);
  // C has no low section of its own: its lane passes through.
  let q = f64x2.replace_lane(f64x2.splat(0), 0, load<f64>(m, 32));
  let qq = f64x2.replace_lane(f64x2.splat(0), 0, load<f64>(m, 40));
  let r = pair(m + 6 * F64, m + 10 * F64);
  let rr = pair(m + 7 * F64, m + 11 * F64);
  let u = pair(m + 8 * F64, m + 12 * F64);
  let uu = pair(m + 9 * F64, m + 13 * F64);
  // F and S of A.
  let average = pair(m + 14 * F64, more);
  let rise = load<f64>(more, 8);
  let lai = load<f64>(more, 16);
  let zEnergy = load<f64>(zEnergyAt);
  let energy = pair(aEnergyAt, cEnergyAt);
  let cPeak = load<f64>(cPeakAt);
  let most = pair(lafMaxAt, lafMinAt + F64);
  let laiMost = load<f64>(lafMinAt, 16);
  let lafMin = load<f64>(lafMinAt);
  for (let i = 0; i < length; i++) {
    const here = at(block, i);
    const x = load<f64>(here);
    const z = dcGain * (x - x1) + dcPole * z1;
    x1 = x;
    z1 = z;
    store<f64>(here, z);
    zEnergy += z * z;

    const low = z + p;
    p = pp - 2.0 * z - s1 * low;
    pp = z - s2 * low;

    const l = f64x2.splat(low);
    const e = add(l, q);
    q = sub(add(qq, mul(lb1, l)), mul(la1, e));
    qq = sub(mul(lb2, l), mul(la2, e));
    const f = add(mul(hb0, e), r);
    r = add(sub(mul(hb1, e), mul(ha1, f)), rr);
    rr = sub(mul(hb2, e), mul(ha2, f));
    const g = add(mul(gb0, f), u);
    u = add(sub(mul(gb1, f), mul(ga1, g)), uu);
    uu = sub(mul(gb2, f), mul(ga2, g));

    v128.store64_lane(at(c, i), g, 1);
    cPeak = max(cPeak, abs(f64x2.extract_lane(g, 1)));
    const squares = mul(g, g);
    energy = add(energy, squares);
    const square = f64x2.extract_lane(squares, 0);
    average = add(average, mul(smoothing, sub(f64x2.splat(square), average)));
    most = f64x2.pmax(most, average);
    if (i >= settledFrom) lafMin = min(lafMin, f64x2.extract_lane(average, 0));
    rise += rising * (square - rise);
    lai = max(lai * falling, rise);
    laiMost = max(laiMost, lai);
  }
  store<f64>(m, x1);
  store<f64>(m, z1, 8);
  store<f64>(m, p, 16);
  store<f64>(m, pp, 24);
  v128.store64_lane(m + 4 * F64, q, 0);
  v128.store64_lane(m + 5 * F64, qq, 0);
  spread(r, m + 6 * F64, m + 10 * F64);
  spread(rr, m + 7 * F64, m + 11 * F64);
  spread(u, m + 8 * F64, m + 12 * F64);
  spread(uu, m + 9 * F64, m + 13 * F64);
  spread(average, m + 14 * F64, more);
  store<f64>(more, rise, 8);
  store<f64>(more, lai, 16);
  store<f64>(zEnergyAt, zEnergy);
  spread(energy, aEnergyAt, cEnergyAt);
  store<f64>(cPeakAt, cPeak);
  spread(most, lafMaxAt, lafMinAt + F64);
  store<f64>(lafMinAt, laiMost, 16);
  store<f64>(lafMinAt, lafMin);
}

/** Third differences of the input into `out` from index 2, with the last two of the call before at 0 and 1. */
// @ts-ignore: decorator
@inline
function differentiate(memory: usize, input: usize, length: i32, out: usize): void {
  // The input has room for the three samples before it.
  store<f64>(input - 8, load<f64>(memory));
  store<f64>(input - 16, load<f64>(memory, 8));
  store<f64>(input - 24, load<f64>(memory, 16));
  store<f64>(out, load<f64>(memory, 24));
  store<f64>(out, load<f64>(memory, 32), 8);
  const three = f64x2.splat(3);
  // A pair at a time; an odd length writes one beyond, which nobody reads.
  for (let i = 0; i < length; i += 2) {
    const x = at(input, i);
    const inner = sub(v128.load(x - 8), v128.load(x - 16));
    v128.store(at(out, i), sub(sub(v128.load(x), v128.load(x - 24)), mul(three, inner)), 16);
  }
  const end = at(input, length);
  store<f64>(memory, load<f64>(end - 8));
  store<f64>(memory, load<f64>(end - 16), 8);
  store<f64>(memory, load<f64>(end - 24), 16);
  const last = at(out, length);
  store<f64>(memory, load<f64>(last), 24);
  store<f64>(memory, load<f64>(last, 8), 32);
}

/**
 * Four bands over differences, two pairs at a time, for one alone would wait for itself. `table`: per pair the addresses (u32) of both
 * memories and both energies; `k`: per pair n0, n1, n2, then a1, a2 of the three sections of poles.
 */
// @ts-ignore: decorator
@inline
function runBands(table: usize, k: usize, differences: usize, length: i32): void {
  const memoryA = <usize>load<u32>(table, 0);
  const otherA = <usize>load<u32>(table, 4);
  const energyA = <usize>load<u32>(table, 8);
  const otherEnergyA = <usize>load<u32>(table, 12);
  const memoryB = <usize>load<u32>(table, 16);
  const otherB = <usize>load<u32>(table, 20);
  const energyB = <usize>load<u32>(table, 24);
  const otherEnergyB = <usize>load<u32>(table, 28);
  const n0A = v128.load(k, 0);
  const n1A = v128.load(k, 16);
  const n2A = v128.load(k, 32);
  const a1A = v128.load(k, 48);
  const a2A = v128.load(k, 64);
  const b1A = v128.load(k, 80);
  const b2A = v128.load(k, 96);
  const c1A = v128.load(k, 112);
  const c2A = v128.load(k, 128);
  const n0B = v128.load(k, 144);
  const n1B = v128.load(k, 160);
  const n2B = v128.load(k, 176);
  const a1B = v128.load(k, 192);
  const a2B = v128.load(k, 208);
  const b1B = v128.load(k, 224);
  const b2B = v128.load(k, 240);
  const c1B = v128.load(k, 256);
  const c2B = v128.load(k, 272);
  let p1A = pair(memoryA + 0, otherA + 0);
  let p2A = pair(memoryA + 8, otherA + 8);
  let q1A = pair(memoryA + 16, otherA + 16);
  let q2A = pair(memoryA + 24, otherA + 24);
  let r1A = pair(memoryA + 32, otherA + 32);
  let r2A = pair(memoryA + 40, otherA + 40);
  let sumA = pair(energyA, otherEnergyA);
  let p1B = pair(memoryB + 0, otherB + 0);
  let p2B = pair(memoryB + 8, otherB + 8);
  let q1B = pair(memoryB + 16, otherB + 16);
  let q2B = pair(memoryB + 24, otherB + 24);
  let r1B = pair(memoryB + 32, otherB + 32);
  let r2B = pair(memoryB + 40, otherB + 40);
  let sumB = pair(energyB, otherEnergyB);
  let d2 = v128.load64_splat(differences);
  let d1 = v128.load64_splat(differences, 8);
  const end = at(differences, length);
  for (let here = differences; here < end; here += 8) {
    const d = v128.load64_splat(here, 16);
    const pA = sub(
      sub(add(add(mul(n0A, d), mul(n1A, d1)), mul(n2A, d2)), mul(a2A, p2A)),
      mul(a1A, p1A),
    );
    const qA = sub(sub(pA, mul(b2A, q2A)), mul(b1A, q1A));
    const rA = sub(sub(qA, mul(c2A, r2A)), mul(c1A, r1A));
    sumA = add(sumA, mul(rA, rA));
    const pB = sub(
      sub(add(add(mul(n0B, d), mul(n1B, d1)), mul(n2B, d2)), mul(a2B, p2B)),
      mul(a1B, p1B),
    );
    const qB = sub(sub(pB, mul(b2B, q2B)), mul(b1B, q1B));
    const rB = sub(sub(qB, mul(c2B, r2B)), mul(c1B, r1B));
    sumB = add(sumB, mul(rB, rB));
    d2 = d1;
    d1 = d;
    p2A = p1A;
    p1A = pA;
    q2A = q1A;
    q1A = qA;
    r2A = r1A;
    r1A = rA;
    p2B = p1B;
    p1B = pB;
    q2B = q1B;
    q1B = qB;
    r2B = r1B;
    r1B = rB;
  }
  spread(p1A, memoryA + 0, otherA + 0);
  spread(p2A, memoryA + 8, otherA + 8);
  spread(q1A, memoryA + 16, otherA + 16);
  spread(q2A, memoryA + 24, otherA + 24);
  spread(r1A, memoryA + 32, otherA + 32);
  spread(r2A, memoryA + 40, otherA + 40);
  spread(sumA, energyA, otherEnergyA);
  spread(p1B, memoryB + 0, otherB + 0);
  spread(p2B, memoryB + 8, otherB + 8);
  spread(q1B, memoryB + 16, otherB + 16);
  spread(q2B, memoryB + 24, otherB + 24);
  spread(r1B, memoryB + 32, otherB + 32);
  spread(r2B, memoryB + 40, otherB + 40);
  spread(sumB, energyB, otherEnergyB);
}

/**
 * Halves the rate of `data` in place; returns the number of samples left. An odd sample waits for the next call. Both all-pass branches
 * run side by side: odd samples in lane 0, even ones in lane 1. `memory`: 4 numbers of each branch, the waiting sample and whether
 * there is one (at `waiting`). `h`: pairs of coefficients.
 */
// @ts-ignore: decorator
@inline
function decimate(memory: usize, waiting: usize, h: usize, data: usize, length: i32): i32 {
  const h0 = v128.load(h);
  const h1 = v128.load(h, 16);
  const h2 = v128.load(h, 32);
  let m0 = pair(memory + 32, memory);
  let m1 = pair(memory + 40, memory + 8);
  let m2 = pair(memory + 48, memory + 16);
  let m3 = pair(memory + 56, memory + 24);
  // What waited goes before the data: pairs are read from there.
  const waits = load<f64>(waiting, 8) != 0;
  const from = waits ? data - F64 : data;
  if (waits) store<f64>(from, load<f64>(waiting));
  const total = waits ? length + 1 : length;
  const out = total >> 1;
  for (let i = 0; i < out; i++) {
    const x = v128.load(from + <usize>i * PAIR);
    const y1 = add(mul(h0, sub(x, m1)), m0);
    const y2 = add(mul(h1, sub(y1, m2)), m1);
    const y3 = add(mul(h2, sub(y2, m3)), m2);
    m0 = x;
    m1 = y1;
    m2 = y2;
    m3 = y3;
    store<f64>(at(data, i), 0.5 * (f64x2.extract_lane(y3, 1) + f64x2.extract_lane(y3, 0)));
  }
  spread(m0, memory + 32, memory);
  spread(m1, memory + 40, memory + 8);
  spread(m2, memory + 48, memory + 16);
  spread(m3, memory + 56, memory + 24);
  if (total & 1) {
    store<f64>(waiting, load<f64>(at(from, total - 1)));
    store<f64>(waiting, 1, 8);
  } else {
    store<f64>(waiting, 0);
    store<f64>(waiting, 0, 8);
  }
  return out;
}

/**
 * All stages of the bank over `length` samples of `input`, which are destroyed (as are the three before them). `plan`: per stage the
 * u32s memory, sample count, coefficients, then the table of `runBands`.
 */
export function bank(plan: usize, stages: i32, h: usize, input: usize, length: i32, differences: usize): void {
  let count = length;
  for (let s = 0; s < stages && count > 0; s++) {
    const stage = plan + <usize>s * 44;
    const memory = <usize>load<u32>(stage);
    const countAt = <usize>load<u32>(stage, 4);
    const coefficients = <usize>load<u32>(stage, 8);
    // The decimator reads the input, whose three samples before are written over here.
    differentiate(memory, input, count, differences);
    runBands(stage + 12, coefficients, differences, count);
    store<f64>(countAt, load<f64>(countAt) + f64(count));
    if (s < stages - 1) count = decimate(memory + 40, memory + 17 * F64, h, input, count);
  }
}
