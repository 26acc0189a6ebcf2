import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { needOf, rankQueue, uncertaintyOf, type Candidate, type LabelTally } from './queue.js';

const candidate = (id: string, changes: Partial<Candidate> = {}): Candidate => ({
  id,
  sensorId: 's1',
  label: 'dog',
  confidence: 0.6,
  threshold: 0.5,
  onsetUs: 0,
  ...changes,
});
const idsOf = (ranked: ReturnType<typeof rankQueue>): readonly string[] => ranked.map((one) => one.candidate.id);

const candidates = fc.array(
  fc.record({
    id: fc.string({ minLength: 1, maxLength: 3 }),
    sensorId: fc.constantFrom('s1', 's2', 's3'),
    label: fc.constantFrom('dog', 'rain', 'siren'),
    confidence: fc.double({ min: 0, max: 1, noNaN: true }),
    threshold: fc.double({ min: 0, max: 1, noNaN: true }),
    onsetUs: fc.nat(7_200_000_000),
    disagreement: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  { maxLength: 40 },
);
const tallies = fc.uniqueArray(
  fc.record({ label: fc.constantFrom('dog', 'rain', 'siren'), right: fc.nat(1000), wrong: fc.nat(1000) }),
  { selector: ({ label }) => label },
);

describe('uncertaintyOf', () => {
  it.each([
    [0.5, 0.5, 1],
    [0.75, 0.5, 0.5],
    [1, 0.5, 0.1],
    [0.25, 0.5, 0.5],
    [0.9, 0.8, 0.5],
    [1, 1, 0.1],
    [0, 0, 1],
  ])('of confidence %d at threshold %d is %d', (confidence, threshold, expected) => {
    expect(uncertaintyOf({ confidence, threshold })).toBeCloseTo(threshold === 1 ? 0.1 : expected, 12);
  });

  it('is what models disagree by, where that is more', () => {
    expect(uncertaintyOf({ confidence: 1, threshold: 0.5, disagreement: 0.8 })).toBe(0.8);
  });
});

describe('needOf', () => {
  it('is 1 without reviews and falls with every review', () => {
    expect(needOf({ right: 0, wrong: 0 })).toBeCloseTo(1, 12);
    expect(needOf({ right: 10, wrong: 0 })).toBeLessThan(needOf({ right: 5, wrong: 0 }));
    expect(needOf({ right: 100, wrong: 0 })).toBeLessThan(0.05);
  });

  it('stays higher for a label that is often wrong', () => {
    expect(needOf({ right: 5, wrong: 5 })).toBeGreaterThan(needOf({ right: 10, wrong: 0 }));
  });
});

describe('rankQueue', () => {
  it('is no list of fifty times the same dog, which a sort by confidence is', () => {
    const dogs = Array.from({ length: 50 }, (_, i) => candidate(`dog-${i}`, { confidence: 0.51, onsetUs: i * 2e6 }));
    const others = [
      candidate('rain', { label: 'rain', confidence: 0.58, onsetUs: 1e6 }),
      candidate('siren', { label: 'siren', confidence: 0.7, onsetUs: 2e6 }),
      candidate('far dog', { sensorId: 's2', confidence: 0.55 }),
    ];
    const all = [...dogs, ...others];
    const byConfidence = [...all].sort((a, b) => a.confidence - b.confidence).slice(0, 5);
    expect(new Set(byConfidence.map(({ label }) => label))).toEqual(new Set(['dog']));
    const ranked = rankQueue(all, [], 5);
    expect(idsOf(ranked).slice(0, 4)).toEqual(['dog-0', 'rain', 'far dog', 'siren']);
    expect(ranked[0]).toEqual({
      candidate: dogs[0],
      score: 0.98,
      uncertainty: 0.98,
      need: expect.closeTo(1, 12),
      novelty: 1,
    });
  });

  it('prefers the class that nobody judged to the one that is known, though that is nearer to its threshold', () => {
    const known: LabelTally = { label: 'dog', right: 40, wrong: 2 };
    expect(
      idsOf(
        rankQueue(
          [candidate('a', { confidence: 0.5 }), candidate('b', { label: 'rain', confidence: 0.9 })],
          [known],
          2,
        ),
      ),
    ).toEqual(['b', 'a']);
  });

  it('takes the threshold of the label, not the confidence alone', () => {
    const strict = candidate('strict', { label: 'siren', confidence: 0.86, threshold: 0.85 });
    const sure = candidate('sure', { confidence: 0.8, threshold: 0.3 });
    expect(idsOf(rankQueue([sure, strict], [], 2))).toEqual(['strict', 'sure']);
  });

  it('prefers what is later and elsewhere among equals', () => {
    const [first, soon, late] = [0, 60e6, 3_600e6].map((onsetUs, i) => candidate(`e${i}`, { onsetUs }));
    if (first === undefined || soon === undefined || late === undefined) throw new Error('three are there');
    expect(idsOf(rankQueue([first, soon, late], [], 3))).toEqual(['e0', 'e2', 'e1']);
  });

  it('is bounded, falls, and holds each event at most once', () => {
    fc.assert(
      fc.property(candidates, tallies, fc.nat(50), (all, known, most) => {
        const ranked = rankQueue(all, known, most);
        const ids = idsOf(ranked);
        expect(new Set(ids).size).toBe(ids.length);
        expect(ids.length).toBe(Math.min(most, new Set(all.map(({ id }) => id)).size));
        for (const { score, uncertainty, need, novelty } of ranked) {
          for (const part of [score, uncertainty, need, novelty]) {
            expect(part).toBeGreaterThan(0);
            expect(part).toBeLessThanOrEqual(1 + 1e-12);
          }
        }
        ranked.slice(1).forEach(({ score }, i) => expect(score).toBeLessThanOrEqual((ranked[i]?.score ?? 0) + 1e-12));
      }),
    );
  });

  it('does not depend on the order of what it is given, and a longer queue begins with the shorter', () => {
    fc.assert(
      fc.property(candidates, tallies, fc.nat(20), fc.infiniteStream(fc.nat()), (drawn, known, most, shuffle) => {
        const all = [...new Map(drawn.map((one) => [one.id, one])).values()];
        const shuffled = all
          .map((one) => ({ one, place: shuffle.next().value as number }))
          .sort((a, b) => a.place - b.place)
          .map(({ one }) => one);
        const ranked = rankQueue(all, known, most);
        expect(rankQueue(shuffled, [...known].reverse(), most)).toEqual(ranked);
        expect(rankQueue(all, known, most + 5).slice(0, most)).toEqual(ranked);
      }),
    );
  });
});
