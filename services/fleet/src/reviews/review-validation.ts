import { ID_PATTERN, ID_RULE, ReviewVerdict, type EventReview } from '@earshot/contracts';
import { labelFault } from '@earshot/core/reviews';

type Problems = readonly string[];

const EARLIEST_US = Date.UTC(2000, 0, 1) * 1000;
const LATEST_US = Date.UTC(2100, 0, 1) * 1000;
/** Longest sound that a review may speak of, s. */
const MAX_SOUND_S = 86_400;
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROL_CHARACTERS = /[\u0000-\u001f]/;

export const verdictNames = {
  [ReviewVerdict.REVIEW_VERDICT_RIGHT]: 'right',
  [ReviewVerdict.REVIEW_VERDICT_WRONG]: 'wrong',
  [ReviewVerdict.REVIEW_VERDICT_OTHER_LABEL]: 'other_label',
  [ReviewVerdict.REVIEW_VERDICT_MISSED]: 'missed',
} as const;

const ok = (fine: boolean, problem: string): Problems => (fine ? [] : [problem]);
const id = (name: string, value: string): Problems =>
  ok(ID_PATTERN.test(value), `${name} ${JSON.stringify(value)}: ${ID_RULE}`);
const time = (name: string, timeUs: number): Problems =>
  ok(
    Number.isSafeInteger(timeUs) && timeUs >= EARLIEST_US && timeUs < LATEST_US,
    `${name} ${timeUs}: µs since 1970, from 2000-01-01 to 2099-12-31`,
  );

const labelProblems = ({ label, verdict, event }: EventReview): Problems => {
  const isNamed =
    verdict === ReviewVerdict.REVIEW_VERDICT_OTHER_LABEL || verdict === ReviewVerdict.REVIEW_VERDICT_MISSED;
  if (!isNamed) return [];
  const fault = labelFault(label);
  if (fault !== undefined) return [`label ${JSON.stringify(label)}: ${fault}`];
  return ok(label !== event?.label, `label ${JSON.stringify(label)} is the event's own: then the verdict is right`);
};

const eventProblems = ({ verdict, eventId, event }: EventReview): Problems => {
  if (verdict === ReviewVerdict.REVIEW_VERDICT_MISSED)
    return ok(event === undefined, 'event: a missed one has none; review the event instead');
  if (event === undefined) return ['event is missing: the event as it stands'];
  return [
    ...ok(
      eventId.length > 0 && eventId.length <= 400 && !CONTROL_CHARACTERS.test(eventId),
      'event_id: 1 to 400 characters, none of them a control character',
    ),
    ...ok(event.label.length > 0 && event.label.length <= 200, 'event.label: 1 to 200 characters'),
    ...time('event.onset_us', event.onsetUs),
    ...time('event.offset_us', event.offsetUs),
    ...ok(event.confidence >= 0 && event.confidence <= 1, `event.confidence ${event.confidence}: 0 to 1`),
  ];
};

/** The sound that is spoken of: what is corrected in the place of what the event says. */
export const soundOf = ({
  onsetUs,
  offsetUs,
  event,
}: EventReview): { readonly onsetUs: number; readonly offsetUs: number } => ({
  onsetUs: onsetUs ?? event?.onsetUs ?? NaN,
  offsetUs: offsetUs ?? event?.offsetUs ?? NaN,
});

const spanProblems = (review: EventReview): Problems => {
  const { verdict, onsetUs, offsetUs } = review;
  if (verdict === ReviewVerdict.REVIEW_VERDICT_MISSED && (onsetUs === undefined || offsetUs === undefined))
    return ['onset_us and offset_us: a missed one needs both'];
  const given = [
    ...(onsetUs === undefined ? [] : time('onset_us', onsetUs)),
    ...(offsetUs === undefined ? [] : time('offset_us', offsetUs)),
  ];
  const sound = soundOf(review);
  const seconds = (sound.offsetUs - sound.onsetUs) / 1e6;
  const untouched = onsetUs === undefined && offsetUs === undefined;
  return given.length > 0 || untouched
    ? given
    : ok(
        seconds > 0 && seconds <= MAX_SOUND_S,
        `onset to offset are ${seconds} s: more than 0, at most ${MAX_SOUND_S}`,
      );
};

/** What is wrong with a review that somebody wants to put, every mistake at once. */
export const reviewProblems = (review: EventReview): Problems => [
  ...id('tenant_id', review.tenantId),
  ...id('sensor_id', review.sensorId),
  ...ok(review.verdict in verdictNames, `verdict ${review.verdict}: one of ${Object.values(verdictNames).join(', ')}`),
  ...labelProblems(review),
  ...eventProblems(review),
  ...spanProblems(review),
  ...ok(review.reviewer.length > 0 && review.reviewer.length <= 200, 'reviewer: 1 to 200 characters'),
  ...ok(review.note.length <= 2_000, 'note: at most 2000 characters'),
];
