import { describe, expect, it } from '@jest/globals';
import type { QueueItem, SoundEvent } from '../../api/types.js';
import { ReviewMarks } from '../../live/review-marks.js';
import { actionOfKey, labelOfText, markOf, markText, matchingLabels } from '../../review/verdict-text.js';
import { EMPTY_QUEUE, fillQueue, passQueue, returnToQueue, undoQueue, type QueueState } from './queue-state.js';

const event = (id: string, changes: Partial<SoundEvent> = {}): SoundEvent => ({
  id,
  sensorId: 's1',
  phase: 'close',
  label: 'dog',
  onset: '2026-11-22T10:00:00.000Z',
  offset: '2026-11-22T10:00:02.000Z',
  durationS: 2,
  confidence: 0.6,
  laeqDb: null,
  laeqMaxDb: null,
  calibrationId: null,
  modelId: 'm',
  modelVersion: '1',
  revision: 1,
  ...changes,
});
const item = (id: string): QueueItem => ({
  event: event(id),
  threshold: 0.5,
  score: 1,
  uncertainty: 1,
  need: 1,
  novelty: 1,
});
const ids = ({ items }: QueueState): readonly string[] => items.map((one) => one.event.id);
const filled = (...names: string[]): QueueState => fillQueue(EMPTY_QUEUE, names.map(item));

describe('the queue', () => {
  it('goes from one to the next and back', () => {
    const after = passQueue(passQueue(filled('a', 'b', 'c'), true), false);
    expect(ids(after)).toEqual(['c']);
    expect(after.past.map(({ isReviewed }) => isReviewed)).toEqual([true, false]);
    expect(ids(undoQueue(undoQueue(after)))).toEqual(['a', 'b', 'c']);
    expect(undoQueue(filled('a'))).toEqual(filled('a'));
  });

  it('keeps the current one when it is filled again, and brings nothing back that was passed', () => {
    const working = passQueue(filled('a', 'b', 'c'), false);
    expect(ids(fillQueue(working, ['d', 'a', 'b', 'e'].map(item)))).toEqual(['b', 'd', 'e']);
  });

  it('takes one back whose review was not saved', () => {
    const working = passQueue(passQueue(filled('a', 'b', 'c'), true), true);
    const returned = returnToQueue(working, 'a');
    expect(ids(returned)).toEqual(['a', 'c']);
    expect(returned.past.map((one) => one.item.event.id)).toEqual(['b']);
    expect(returnToQueue(working, 'unknown')).toEqual(working);
  });

  it('at its end stays empty', () => expect(passQueue(EMPTY_QUEUE, true)).toEqual(EMPTY_QUEUE));
});

describe('keys', () => {
  const press = (key: string, changes: object = {}) =>
    actionOfKey({ key, ctrlKey: false, metaKey: false, altKey: false, target: { tagName: 'BODY' }, ...changes });

  it('judge, play and skip', () => {
    expect(['r', 'R', 'w', 'o', ' ', 's', 'ArrowRight', 'u', 'n', 'x'].map((key) => press(key))).toEqual([
      ...['right', 'right', 'wrong', 'other', 'play', 'skip', 'skip', 'undo', 'note', null],
    ]);
  });

  it('in a field or with a modifier do nothing', () => {
    expect(press('r', { ctrlKey: true })).toBeNull();
    for (const tagName of ['INPUT', 'SELECT', 'TEXTAREA']) expect(press('r', { target: { tagName } })).toBeNull();
    expect(press(' ', { target: { tagName: 'BUTTON' } })).toBeNull();
    expect(press('r', { target: { tagName: 'BUTTON' } })).toBe('right');
  });
});

describe('a typed label', () => {
  const labels = ['dog_bark', 'rain', 'sea_waves'];

  it('is the model’s own where it reads the same, else what was typed', () => {
    expect(labelOfText(' Dog bark ', labels)).toBe('dog_bark');
    expect(labelOfText('dog', labels)).toBe('dog');
    expect(labelOfText(' lawn mower ', labels)).toBe('lawn mower');
  });

  it('narrows what is offered', () => {
    expect(matchingLabels('A', labels)).toEqual(labels);
    expect(matchingLabels('sea w', labels)).toEqual(['sea_waves']);
    expect(matchingLabels('', labels)).toEqual(labels);
  });
});

describe('marks', () => {
  it('are words', () => {
    expect(markText({ verdict: 'other_label', label: 'crying_baby', reviewer: '' })).toBe('Was crying baby');
    expect(markText({ verdict: 'wrong', label: null, reviewer: '' })).toBe('Wrong');
    expect(markOf({ verdict: 'right', note: '' }, 'dog')).toEqual({ verdict: 'right', label: 'dog', reviewer: '' });
  });

  it('of lists stay when the feed tells the event without them; what was said here counts', () => {
    const marks = new ReviewMarks();
    const right = { verdict: 'right', label: 'dog', reviewer: 'ada' } as const;
    marks.note([event('a', { review: right }), event('b', { review: null })]);
    expect(marks.of(event('a'))).toEqual(right);
    expect(marks.of(event('b'))).toBeNull();
    let told = 0;
    const stop = marks.subscribe(() => told++);
    const wrong = { verdict: 'wrong', label: null, reviewer: 'bob' } as const;
    marks.set('a', wrong);
    marks.note([event('a', { review: right })]);
    expect([marks.of(event('a', { review: right })), told]).toEqual([wrong, 1]);
    stop();
    marks.set('a', null);
    expect([marks.of(event('a', { review: right })), told]).toEqual([null, 1]);
  });
});
