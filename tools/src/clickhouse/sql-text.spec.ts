import { describe, expect, it } from '@jest/globals';

import {
  leadingKeyword,
  mentionsParameter,
  outputFormatOf,
  parseInsertHeader,
  preludeOf,
  quoteLiteral,
} from './sql-text.js';

const clean = { database: 'default', dirtySettings: new Set<string>() };
const none = new Map<string, string>();

describe('SQL text', () => {
  it('keeps a literal inside its quotes', () => {
    expect(quoteLiteral("a'; DROP TABLE x; --\\")).toBe("'a\\'; DROP TABLE x; --\\\\'");
  });

  it('finds the first word past comments', () => {
    expect(leadingKeyword('-- a\n /* b */ (select 1)')).toBe('SELECT');
    expect(leadingKeyword('  ')).toBe('');
  });

  it('reads the output format at the end only', () => {
    expect(outputFormatOf('SELECT 1\nFORMAT JSONEachRow;')).toBe('JSONEachRow');
    expect(outputFormatOf('SELECT 1 FORMAT CSV SETTINGS max_threads = 1')).toBe('CSV');
    expect(outputFormatOf("SELECT 'FORMAT CSV'")).toBeUndefined();
  });

  it('reads the insert whose data can go as bytes, and no other', () => {
    expect(parseInsertHeader('INSERT INTO earshot.`levels_1s` (`a`, b) FORMAT JSONEachRow')).toEqual({
      table: 'earshot.levels_1s',
      columns: ['a', 'b'],
      format: 'JSONEachRow',
    });
    expect(parseInsertHeader('insert into t format CSV')).toEqual({ table: 't', format: 'CSV' });
    for (const other of [
      'INSERT INTO t VALUES',
      'INSERT INTO t (* EXCEPT(a)) FORMAT CSV',
      'INSERT INTO t SETTINGS a = 1 FORMAT CSV',
      'INSERT INTO FUNCTION null() FORMAT CSV',
      'INSERT INTO t SELECT 1 FORMAT CSV',
    ]) {
      expect(parseInsertHeader(other)).toBeUndefined();
    }
  });

  it('sees which parameters a statement uses', () => {
    expect(mentionsParameter('SELECT { a : String}', 'a')).toBe(true);
    expect(mentionsParameter('SELECT {ab:String}', 'a')).toBe(false);
  });

  it('needs no prelude when nothing differs', () => {
    expect(preludeOf(clean, { database: 'default', settings: none, params: none }, none)).toBe('');
  });

  it('sets what is asked, binds parameters as literals and puts the former statement’s settings back', () => {
    const state = { database: 'default', dirtySettings: new Set(['max_threads', 'max_result_bytes', 'kept']) };
    const next = {
      database: 'ear`shot',
      settings: new Map([['kept', "it's"]]),
      params: new Map([['a', "x'\\n"]]),
    };
    expect(preludeOf(state, next, new Map([['max_result_bytes', '5']]))).toBe(
      "USE `ear\\`shot`; SET max_threads = DEFAULT, max_result_bytes = '5', kept = 'it\\'s', param_a = 'x\\'\\\\n'",
    );
  });

  it('refuses a name that is not an identifier', () => {
    const next = { database: 'default', settings: new Map([['a = 1; DROP', '1']]), params: none };
    expect(() => preludeOf(clean, next, none)).toThrow(RangeError);
  });
});
