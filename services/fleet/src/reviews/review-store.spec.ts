import { EventReview, ReviewVerdict } from '@earshot/contracts';
import type { OutgoingRecord } from '@earshot/platform/kafka';
import { describe, expect, it } from '@jest/globals';
import { ReviewStore } from './review-store.js';

const T0_US = Date.UTC(2026, 10, 22, 10) * 1000;
const EVENT_ID = 'demo/gate-1/b1/m@1/dog/1';

const review = (changes: Partial<EventReview> = {}): EventReview =>
  EventReview.fromPartial({
    tenantId: 'demo',
    eventId: EVENT_ID,
    sensorId: 'gate-1',
    verdict: ReviewVerdict.REVIEW_VERDICT_RIGHT,
    reviewer: 'ada',
    event: { label: 'dog', onsetUs: T0_US, offsetUs: T0_US + 2e6, confidence: 0.75, modelId: 'm', modelVersion: '1' },
    ...changes,
  });
const missed = (changes: Partial<EventReview> = {}): EventReview => ({
  ...review({ verdict: ReviewVerdict.REVIEW_VERDICT_MISSED, label: 'dog', onsetUs: T0_US, offsetUs: T0_US + 1e6 }),
  eventId: '',
  event: undefined,
  ...changes,
});

const newStore = () => {
  const records: OutgoingRecord[] = [];
  let nowUs = T0_US + 60e6;
  const store = new ReviewStore({
    namespace: 'test',
    nowUs: () => (nowUs += 1e6),
    isRegistered: (tenantId, sensorId) => tenantId === 'demo' && sensorId === 'gate-1',
    producer: {
      send: (sent) => {
        records.push(...sent);
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    },
  });
  const written = (): EventReview[] => records.map(({ value }) => EventReview.decode(value ?? new Uint8Array()));
  return { store, records, written };
};
const valueOf = async (result: ReturnType<ReviewStore['put']>): Promise<EventReview> => {
  const settled = await result;
  if (!settled.ok) throw new Error(settled.message);
  return settled.value;
};

describe('a review', () => {
  it('is written with the event it speaks of, the label of its verdict, its time and version 1', async () => {
    const { store, records, written } = newStore();
    const put = await valueOf(store.put(review({ label: 'whatever', version: 7, reviewedUs: 7 })));
    expect(put).toEqual(review({ label: 'dog', version: 1, reviewedUs: T0_US + 61e6 }));
    expect(records.map(({ topic, key }) => [topic, key])).toEqual([['test.reviews.v1', `demo/${EVENT_ID}`]]);
    expect(written()).toEqual([put]);
    expect(store.get('demo', EVENT_ID)).toEqual({ ok: true, value: put });
  });

  it('said twice is one', async () => {
    const { store, records } = newStore();
    const first = await valueOf(store.put(review()));
    expect(await valueOf(store.put(review({ event: { ...first.event, confidence: 0.8 } as never })))).toEqual(first);
    expect(records.length).toBe(1);
  });

  it('that says something else has the next version; a wrong one has no label', async () => {
    const { store } = newStore();
    await store.put(review());
    const wrong = await valueOf(store.put(review({ verdict: ReviewVerdict.REVIEW_VERDICT_WRONG, label: 'dog' })));
    expect(wrong).toMatchObject({ version: 2, label: '' });
    const other = review({ verdict: ReviewVerdict.REVIEW_VERDICT_OTHER_LABEL, label: 'rooster' });
    expect(await valueOf(store.put(other))).toMatchObject({ version: 3, label: 'rooster' });
    expect(await valueOf(store.put({ ...other, onsetUs: T0_US + 5e5 }))).toMatchObject({ version: 4 });
  });

  it('of several at once get versions one after the other', async () => {
    const { store, written } = newStore();
    await Promise.all([1, 2, 3].map((i) => store.put(review({ note: `note ${i}` }))));
    expect(written().map(({ version, note }) => [version, note])).toEqual([
      [1, 'note 1'],
      [2, 'note 2'],
      [3, 'note 3'],
    ]);
  });

  it('that was withdrawn is gone, and its versions go on when there is another', async () => {
    const { store, written } = newStore();
    const first = await valueOf(store.put(review({ note: 'private' })));
    expect(await valueOf(store.withdraw('demo', EVENT_ID, 'bob'))).toEqual(first);
    expect(written().at(-1)).toMatchObject({
      ...{ verdict: ReviewVerdict.REVIEW_VERDICT_WITHDRAWN, version: 2, label: '', note: '', reviewer: 'bob' },
      event: first.event,
    });
    expect(store.get('demo', EVENT_ID)).toMatchObject({ ok: false, code: 'NOT_FOUND' });
    expect(await store.withdraw('demo', EVENT_ID, 'bob')).toMatchObject({ ok: false, code: 'NOT_FOUND' });
    expect(await valueOf(store.put(review()))).toMatchObject({ version: 3 });
  });

  it('of something missed is named after sensor, label and onset', async () => {
    const { store, records } = newStore();
    const first = await valueOf(store.put(missed()));
    expect(first.eventId).toBe(`missed/gate-1/dog/${T0_US}`);
    expect(await valueOf(store.put(missed()))).toEqual(first);
    expect(records.length).toBe(1);
    await store.put(missed({ label: 'rain' }));
    expect(store.size).toBe(2);
  });

  it('of something missed needs a sensor that is registered', async () => {
    const { store, records } = newStore();
    expect(await store.put(missed({ sensorId: 'gate-2' }))).toMatchObject({ ok: false, code: 'NOT_FOUND' });
    expect(records).toEqual([]);
  });

  it('is known again from the topic, an older version does not come back', async () => {
    const { store, written, records } = newStore();
    await store.put(review());
    await store.put(review({ note: 'second' }));
    const [old, last] = written();
    const again = newStore().store;
    const key = records[0]?.key ?? '';
    again.apply(key, last);
    again.apply(key, old);
    expect(again.get('demo', EVENT_ID)).toEqual({ ok: true, value: last });
    again.apply(key, undefined);
    expect(again.size).toBe(0);
  });

  it.each<[string, EventReview, RegExp]>([
    [
      'no verdict',
      review({ verdict: ReviewVerdict.REVIEW_VERDICT_UNSPECIFIED }),
      /one of right, wrong, other_label, missed/,
    ],
    ['withdrawn by put', review({ verdict: ReviewVerdict.REVIEW_VERDICT_WITHDRAWN }), /one of right/],
    ['another label without one', review({ verdict: ReviewVerdict.REVIEW_VERDICT_OTHER_LABEL }), /label "": 1 to 100/],
    [
      'the same label as another one',
      review({ verdict: ReviewVerdict.REVIEW_VERDICT_OTHER_LABEL, label: 'dog' }),
      /then the verdict is right/,
    ],
    ['none as a label', missed({ label: 'none' }), /verdict wrong/],
    ['no event', review({ event: undefined }), /event is missing/],
    ['a missed one with an event', { ...review(), ...missed(), event: review().event }, /a missed one has none/],
    ['a missed one without its end', missed({ offsetUs: undefined }), /needs both/],
    ['an end before the onset', review({ offsetUs: T0_US - 1 }), /more than 0/],
    ['an onset in no century', review({ onsetUs: 5 }), /onset_us 5/],
    ['a sensor that is no id', review({ sensorId: 'a/b' }), /sensor_id "a\/b"/],
    ['no reviewer', review({ reviewer: '' }), /reviewer/],
    ['a long note', review({ note: 'x'.repeat(2_001) }), /note: at most 2000/],
  ])('with %s is refused', async (_, wanted, message) => {
    const { store, records } = newStore();
    const refused = await store.put(wanted);
    expect(refused).toMatchObject({ ok: false, code: 'INVALID_ARGUMENT', message: expect.stringMatching(message) });
    expect(records).toEqual([]);
  });
});
