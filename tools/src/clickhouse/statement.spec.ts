import { describe, expect, it } from '@jest/globals';

import { toException } from './exception.js';
import { statementOf } from './statement.js';
import type { RequestParts } from './statement.js';

const request = (query: Record<string, string>, body = '', more: Partial<RequestParts> = {}): RequestParts => ({
  method: 'POST',
  url: new URLSearchParams(query),
  header: () => undefined,
  body: Buffer.from(body),
  fallbackQueryId: 'id',
  ...more,
});

describe('the mapping of an HTTP request', () => {
  it('takes the statement from the body, parameters and settings from the address', () => {
    const statement = statementOf(
      request(
        { database: 'd', param_a: '1', max_threads: '2', query_id: 'q', wait_end_of_query: '1' },
        'SELECT 1 FORMAT CSV',
      ),
    );
    expect(statement).toMatchObject({ sql: 'SELECT 1 FORMAT CSV', database: 'd', queryId: 'q', format: 'CSV' });
    expect([...statement.params]).toEqual([['a', '1']]);
    expect([...statement.settings]).toEqual([['max_threads', '2']]);
  });

  it('keeps the data of an INSERT as bytes', () => {
    const statement = statementOf(request({ query: 'INSERT INTO t FORMAT CSV' }, '1,2'));
    expect(statement).toMatchObject({ sql: 'INSERT INTO t FORMAT CSV', data: Buffer.from('1,2') });
  });

  it('joins a statement that is split over address and body', () => {
    expect(statementOf(request({ query: 'SELECT' }, '1')).sql).toBe('SELECT\n1');
  });

  it('refuses an empty query, a GET that writes, and sessions', () => {
    expect(() => statementOf(request({}))).toThrow('Code: 62.');
    expect(() => statementOf(request({ query: 'DROP TABLE t' }, '', { method: 'GET' }))).toThrow('Code: 164.');
    expect(() => statementOf(request({ query: 'SELECT 1', session_id: 's' }))).toThrow('Code: 48.');
  });
});

describe('the engine’s errors', () => {
  it('are said once, with their code and status', () => {
    const twice =
      'Code: 108. DB::Exception: Code: 108. DB::Exception: No data. (NO_DATA_TO_INSERT) (version 26.7.2.1). (NO_DATA_TO_INSERT)';
    const failure = toException(new Error(twice));
    expect(failure.message).toBe('Code: 108. DB::Exception: No data. (NO_DATA_TO_INSERT)');
    expect([failure.code, failure.httpStatus]).toEqual([108, 400]);
  });

  it('have a code even when the engine gave none', () => {
    expect(toException(new Error('lost'))).toMatchObject({ code: 1002, httpStatus: 500 });
  });
});
