import type { OwnStack } from '../../testing/own-stack.js';
import { cpuBetween, cpuOf } from '../capacity/stack-cpu.js';
import { DAY_S, sensorIdOf, YEAR_S } from './fill.js';
import { percentilesOf, type Percentiles } from './frames.js';

/** A kind of request; `pathOf(i)` asks for another sensor or range each time. */
export interface RequestKind {
  readonly name: string;
  /** Bound of the issue for p95, ms; null: none, measured beside. */
  readonly boundMs: number | null;
  readonly pathOf: (index: number) => string;
}

export interface RequestFigures {
  readonly name: string;
  readonly boundMs: number | null;
  readonly atOnce: number;
  readonly requests: number;
  /** From sending to the last byte, ms. */
  readonly ms: Percentiles;
  readonly meanBytes: number;
  /** CPU per request, ms. */
  readonly cpuMs: { readonly database: number; readonly api: number };
}

const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();
/** Five figures of a noise report. */
const FIVE = 'laeqDb,lafmaxDb,la10Db,la50Db,la90Db';
/** Different by a walk over all of `count`. */
const pick = (index: number, count: number): number => (index * 617 + 29) % count;

export const requestKinds = (endS: number, yearSensors: number): readonly RequestKind[] => {
  const year = `from=${iso(endS - YEAR_S)}&to=${iso(endS)}&resolution=15m`;
  const sensor = (index: number): string => sensorIdOf(pick(index, yearSensors));
  const day = (index: number): string => {
    const fromS = endS - (1 + pick(index, 364)) * DAY_S;
    return `from=${iso(fromS)}&to=${iso(fromS + DAY_S)}&resolution=1h`;
  };
  const kind = (name: string, boundMs: number | null, pathOf: (index: number) => string): RequestKind => ({
    ...{ name, boundMs, pathOf },
  });
  return [
    kind('one sensor, a year at 15 min, LAeq', 300, (i) => `/v1/levels?sensorIds=${sensor(i)}&${year}`),
    kind(
      'one sensor, a year at 15 min, five levels',
      300,
      (i) => `/v1/levels?sensorIds=${sensor(i)}&${year}&quantities=${FIVE}`,
    ),
    kind('1,000 sensors, a day at 1 h, LAeq', 300, (i) => `/v1/levels?${day(i)}`),
    kind('1,000 sensors, a day at 1 h, five levels', 300, (i) => `/v1/levels?${day(i)}&quantities=${FIVE}`),
    kind('whole windows: first 1,000 of a year at 15 min', null, (i) => `/v1/sensors/${sensor(i)}/levels?${year}`),
    kind('whole windows: first 10,000', null, (i) => `/v1/sensors/${sensor(i)}/levels?${year}&limit=10000`),
  ];
};

const WARM_UP = 10;

export const measureRequests = async (
  stack: OwnStack,
  { name, boundMs, pathOf }: RequestKind,
  requests: number,
  atOnce: number,
): Promise<RequestFigures> => {
  const { apiUrl, apiKey } = stack.status;
  const ask = async (index: number): Promise<{ readonly ms: number; readonly bytes: number }> => {
    const begin = performance.now();
    const response = await fetch(`${apiUrl}${pathOf(index)}`, { headers: { authorization: `Bearer ${apiKey}` } });
    const bytes = (await response.arrayBuffer()).byteLength;
    if (response.status !== 200) throw new Error(`${name}: the api answered ${response.status}`);
    return { ms: performance.now() - begin, bytes };
  };
  for (let index = 0; index < WARM_UP; index++) await ask(-index - 1 + WARM_UP * 1000);
  const answers: Awaited<ReturnType<typeof ask>>[] = [];
  let next = 0;
  const before = cpuOf(stack);
  const lane = async (): Promise<void> => {
    while (next < requests) answers.push(await ask(next++));
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  const cpu = cpuBetween(before, cpuOf(stack));
  const perRequestMs = (process: string): number => ((cpu.get(process) ?? 0) * 1000) / requests;
  return {
    ...{ name, boundMs, atOnce, requests, ms: percentilesOf(answers.map(({ ms }) => ms)) },
    meanBytes: answers.reduce((sum, { bytes }) => sum + bytes, 0) / requests,
    cpuMs: { database: perRequestMs('clickhouse'), api: perRequestMs('api') },
  };
};
