import { describe, expect, it } from '@jest/globals';
import { errorText, queryString } from './client.js';
import { toFeedMessage } from './feed.js';
import { keyOfFragment } from './key.js';
import { backoffMs } from './live-connection.js';
import { SseDecoder } from './sse.js';

const STREAM =
  ': ping\n\nevent: ready\ndata: {"time":"2026-11-22T10:00:00.000Z"}\n\nevent: notice\r\ndata: {"a":\r\ndata: 1}\r\n\r\ndata: x\n\n';

describe('SseDecoder', () => {
  const whole = new SseDecoder().push(STREAM);

  it('reads events, comments, CRLF and data of several lines', () => {
    expect(whole).toEqual([
      { event: 'ready', data: '{"time":"2026-11-22T10:00:00.000Z"}' },
      { event: 'notice', data: '{"a":\n1}' },
      { event: 'message', data: 'x' },
    ]);
  });

  it('gives the same however the text is cut', () => {
    for (let first = 0; first <= STREAM.length; first++) {
      for (const second of [first, Math.min(STREAM.length, first + 1), Math.min(STREAM.length, first + 7)]) {
        const decoder = new SseDecoder();
        const pieces = [STREAM.slice(0, first), STREAM.slice(first, second), STREAM.slice(second)];
        expect(pieces.flatMap((piece) => decoder.push(piece))).toEqual(whole);
      }
    }
  });

  it('keeps an unfinished message back', () => {
    expect(new SseDecoder().push('event: levels\ndata: {}\n')).toEqual([]);
  });
});

describe('toFeedMessage', () => {
  it('names what it knows and skips what it does not', () => {
    expect(toFeedMessage({ event: 'notice', data: '{"droppedMessages":3}' })).toEqual({
      type: 'notice',
      droppedMessages: 3,
    });
    expect(toFeedMessage({ event: 'of-tomorrow', data: '{}' })).toBeNull();
    expect(toFeedMessage({ event: 'levels', data: '{broken' })).toBeNull();
  });
});

describe('client', () => {
  it('leaves what is not set out of the query', () => {
    expect(queryString({ sensorId: '', from: undefined, limit: 50, open: false, label: 'dog bark' })).toBe(
      '?limit=50&open=false&label=dog+bark',
    );
    expect(queryString({})).toBe('');
  });

  it('says what to look at when nothing answers', () => {
    expect(errorText(new TypeError('Failed to fetch'))).toMatch(/does not answer/);
  });

  it('waits longer with each attempt, up to 15 s', () => {
    const waits = [0, 1, 2, 3, 4, 5, 20].map((attempt) => backoffMs(attempt, 0));
    expect(waits).toEqual([250, 500, 1000, 2000, 4000, 7500, 7500]);
    expect(backoffMs(20, 0.999)).toBeLessThanOrEqual(15_000);
  });

  it('takes the key of the start link and nothing else', () => {
    expect(keyOfFragment('#key=ek_abc')).toBe('ek_abc');
    expect(keyOfFragment('#content')).toBeNull();
    expect(keyOfFragment('#key=')).toBeNull();
    expect(keyOfFragment('')).toBeNull();
  });
});
