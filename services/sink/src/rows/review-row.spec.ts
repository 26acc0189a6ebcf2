import { EventReview, ReviewVerdict } from '@earshot/contracts';
import { describe, expect, it } from '@jest/globals';

import { recordOf } from '../testing/builders.js';
import { decodeReview } from './decode.js';

const T0_US = Date.UTC(2026, 10, 22, 10) * 1000;
const review = (changes: Partial<EventReview> = {}): EventReview =>
  EventReview.fromPartial({
    ...{ tenantId: 't1', sensorId: 's1', eventId: 'e1', version: 2, reviewer: 'ada', reviewedUs: T0_US + 60e6 },
    verdict: ReviewVerdict.REVIEW_VERDICT_OTHER_LABEL,
    label: 'rooster',
    offsetUs: T0_US + 1e6,
    event: { label: 'dog', onsetUs: T0_US, offsetUs: T0_US + 2e6, confidence: 0.5, modelId: 'm', modelVersion: '1' },
    clip: {
      ...{ key: 't1/s1/a.wav', fromUs: T0_US - 2e6, sampleRateHz: 16_000, sampleCount: 96_000 },
      ...{ coveredSamples: 90_000, sha256: 'x' },
    },
    ...changes,
  });
const decoded = (changes: Partial<EventReview> = {}) =>
  decodeReview(recordOf('reviews', 7, EventReview.encode(review(changes)).finish()));

describe('the row of a review', () => {
  it('has what was said beside what the event claimed', () => {
    expect(decoded()).toMatchObject({
      kind: 'input',
      input: {
        table: 'reviews_rows',
        naturalKey: JSON.stringify(['t1', 's1', T0_US, 'e1']),
        rowVersion: (2n * 2n ** 48n + 7n).toString(),
        columns: {
          ...{ verdict: 'other_label', label: 'rooster', claimed_label: 'dog', confidence: 0.5, version: 2 },
          ...{ onset: '2026-11-22 10:00:00.000000', offset: '2026-11-22 10:00:02.000000' },
          ...{ reviewed_onset: '2026-11-22 10:00:00.000000', reviewed_offset: '2026-11-22 10:00:01.000000' },
          ...{ clip_key: 't1/s1/a.wav', clip_time: '2026-11-22 09:59:58.000000', clip_covered_samples: 90_000 },
        },
      },
    });
  });

  it('of what was missed has its own times, no claim and no confidence', () => {
    const missed = {
      ...{ verdict: ReviewVerdict.REVIEW_VERDICT_MISSED, event: undefined, clip: undefined },
      ...{ onsetUs: T0_US, offsetUs: T0_US + 1e6 },
    };
    expect(decoded(missed)).toMatchObject({
      input: {
        columns: {
          ...{ verdict: 'missed', claimed_label: '', confidence: null, model_id: '', clip_key: '', clip_time: null },
          ...{ onset: '2026-11-22 10:00:00.000000', reviewed_offset: '2026-11-22 10:00:01.000000' },
        },
      },
    });
  });

  it('that was withdrawn has the key of the one before it, and a higher version', () => {
    const [before, after] = [decoded(), decoded({ verdict: ReviewVerdict.REVIEW_VERDICT_WITHDRAWN, version: 3 })];
    if (before.kind !== 'input' || after.kind !== 'input') throw new Error('both are rows');
    expect(after.input.naturalKey).toBe(before.input.naturalKey);
    expect(BigInt(after.input.rowVersion) > BigInt(before.input.rowVersion)).toBe(true);
  });

  it.each<[string, Partial<EventReview>, string]>([
    ['no event id', { eventId: '' }, 'event_id is empty'],
    ['no verdict', { verdict: ReviewVerdict.REVIEW_VERDICT_UNSPECIFIED }, 'verdict is not set'],
    ['neither event nor times', { event: undefined, offsetUs: undefined }, 'onset_us is 0'],
    ['a time in no century', { offsetUs: 5 }, 'reviewed offset_us is 5'],
  ])('with %s is refused', (_, changes, cause) => {
    expect(decoded(changes)).toEqual({ kind: 'dlq', reason: 'invalid', cause: expect.stringContaining(cause) });
  });
});
