import { describe, expect, it } from '@jest/globals';
import { LevelsCsvError, parseLevelsCsv, toCsvSeconds } from './index.js';

const T0 = 1_566_274_777_000;
const parse = (...lines: string[]) => parseLevelsCsv(lines.join('\n'), { latestMs: Date.UTC(2030, 0, 1) });
const steady = (count: number, from = T0): string[] =>
  Array.from({ length: count }, (_, index) => `${from + index * 125},60,63,50`);
const HEADER = 'epoch,laeq,leq,1000';

describe('a levels file', () => {
  it('names a bad row by its line and keeps the others', () => {
    const lines = steady(8);
    lines[1] = 'x,60,63,50';
    lines[2] = `${T0 + 250},,63,50`;
    lines[3] = `${T0 + 375},60,NaN,50`;
    lines[4] = `${T0 + 500},60,63`;
    lines[5] = `${T0 + 625},260,63,50`;
    const { rows, bad } = parse(HEADER, ...lines);
    expect(rows.map(({ line }) => line)).toEqual([2, 8, 9]);
    expect(bad.map(({ line, message }) => `${line}: ${message}`)).toEqual([
      expect.stringMatching(/^3: epoch is "x"; whole milliseconds .* are allowed$/),
      expect.stringMatching(/^4: laeq is empty; -30 to 200 dB are allowed$/),
      expect.stringMatching(/^5: leq is "NaN"; -30 to 200 dB are allowed$/),
      expect.stringMatching(/^6: 3 cells; 4 are needed/),
      expect.stringMatching(/^7: laeq is "260"/),
    ]);
    expect(bad[3]?.text).toBe(`${T0 + 500},60,63`);
  });

  it('takes rows in any order, with CRLF, a byte order mark, quotes, empty lines and columns of other names', () => {
    const text = `\uFEFFdate,"LAeq",epoch\r\n"x",61,${T0 + 125}\r\n\r\ny, 60 ,${T0}\r\n`;
    const { rows, bad } = parseLevelsCsv(text, { latestMs: Date.UTC(2030, 0, 1) });
    expect(bad).toEqual([]);
    expect(rows.map(({ line, timeMs, laeqDb, leqDb }) => [line, timeMs, laeqDb, leqDb])).toEqual([
      [4, T0, 60, null],
      [2, T0 + 125, 61, null],
    ]);
  });

  it('keeps the first of rows that tell of one time, and the rows of one sensor', () => {
    const { rows, bad } = parse(
      'sensor,epoch,laeq',
      `a,${T0},60`,
      `a,${T0 + 20},61`,
      `b,${T0 + 125},62`,
      `a,${T0 + 250},63`,
    );
    expect(rows.map(({ line }) => line)).toEqual([2, 5]);
    expect(bad.map(({ line, message }) => [line, message])).toEqual([
      [3, expect.stringContaining('20 ms after that of line 2')],
      [4, expect.stringContaining('one file is of one sensor, here "a"')],
    ]);
  });

  it('says which columns are needed', () => {
    expect(() => parse('time,level', '1,2')).toThrow(LevelsCsvError);
    expect(() => parse('time,level')).toThrow(/epoch and laeq are needed/);
    expect(() => parse('epoch,laeq,laeq')).toThrow(/"laeq" twice/);
    expect(() => parse('')).toThrow(LevelsCsvError);
  });

  it('refuses times before 2000 and after the limit', () => {
    const { bad } = parse('epoch,laeq', '1566274777,60', `${Date.UTC(2030, 0, 1) + 1},60`);
    expect(bad.map(({ line }) => line)).toEqual([2, 3]);
  });
});

describe('seconds of a levels file', () => {
  it('averages energy, never decibels', () => {
    const lines = Array.from({ length: 8 }, (_, index) => `${T0 + index * 125},${index < 4 ? 60 : 40},,`);
    const [second] = toCsvSeconds(parse(HEADER, ...lines).rows);
    expect(second?.laeqDb).toBeCloseTo(57.0329, 4);
    expect(second).toMatchObject({ durationMs: 1000, lzeqDb: null });
    expect(second?.thirdOctaveDb.every((level) => level === null)).toBe(true);
  });

  it('tells of holes and edges by the duration and the time of the first row', () => {
    const rows = parse(HEADER, ...steady(11, T0 + 750)).rows.filter((_, index) => index !== 5);
    expect(toCsvSeconds(rows).map(({ timeMs, durationMs }) => [timeMs - T0, durationMs])).toEqual([
      [750, 250],
      [1000, 875],
      [2000, 125],
    ]);
  });

  it('puts 1000 Hz at its place among the bands', () => {
    const [second] = toCsvSeconds(parse(HEADER, ...steady(8)).rows);
    expect(second?.thirdOctaveDb[16]).toBeCloseTo(50, 9);
    expect(second?.thirdOctaveDb[15]).toBeNull();
  });

  it('gives the same whole seconds however the series is cut into files', () => {
    const lines = steady(40, T0 + 317);
    const whole = toCsvSeconds(parse(HEADER, ...lines).rows);
    for (const cut of [6, 14, 22]) {
      const parts = [lines.slice(0, cut), lines.slice(cut)].map((part) => toCsvSeconds(parse(HEADER, ...part).rows));
      expect(parts.flat()).toEqual(whole);
    }
  });

  it('a clock that wanders may put nine rows into a second: it is no longer than a second', () => {
    const lines = [...steady(8), `${T0 + 999},70,73,60`];
    expect(toCsvSeconds(parse(HEADER, ...lines).rows).map(({ durationMs }) => durationMs)).toEqual([1000]);
  });
});
