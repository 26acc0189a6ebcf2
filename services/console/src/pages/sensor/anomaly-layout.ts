/** Where verdicts and their bands lie in the anomaly trace. Pure; places in the units of the drawing. */
import type { Anomaly } from '../../api/types.js';

export const TRACE_WIDTH = 600;
export const SCORE_HEIGHT = 60;
export const BANDS_HEIGHT = 60;
export const TRACE_S = 900;

/** Scores are drawn up to this many times the threshold, on a logarithmic scale; the threshold lies at a third of the height from the top. */
const HIGHEST = 4;
const LOWEST = 1 / 16;
const LOWEST_HZ = 50;
const HIGHEST_HZ = 8000;
const MOST_RADIUS = 6;

export interface TraceVerdict {
  readonly id: string;
  readonly x: number;
  readonly width: number;
  readonly y: number;
  readonly condition: Anomaly['condition'];
}

export interface TraceBand {
  readonly key: string;
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly louder: boolean;
}

export interface Trace {
  readonly verdicts: readonly TraceVerdict[];
  readonly bands: readonly TraceBand[];
  readonly thresholdY: number;
}

const clamp = (value: number): number => Math.max(0, Math.min(1, value));

function scoreY(share: number): number {
  return SCORE_HEIGHT * (1 - clamp(Math.log(share / LOWEST) / Math.log(HIGHEST / LOWEST)));
}

export function bandY(frequencyHz: number): number {
  return BANDS_HEIGHT * (1 - clamp(Math.log(frequencyHz / LOWEST_HZ) / Math.log(HIGHEST_HZ / LOWEST_HZ)));
}

/** The verdicts that end within `TRACE_S` before `endMs`; while learning there is no score to draw. */
export function layOutTrace(anomalies: Iterable<Anomaly>, endMs: number): Trace {
  const startMs = endMs - TRACE_S * 1000;
  const x = (timeMs: number): number => TRACE_WIDTH * clamp((timeMs - startMs) / (TRACE_S * 1000));
  const shown = [...anomalies]
    .filter(({ time, durationMs, state }) => {
      const fromMs = Date.parse(time);
      return state !== 'learning' && fromMs + durationMs > startMs && fromMs < endMs;
    })
    .sort((a, b) => a.time.localeCompare(b.time));
  return {
    thresholdY: scoreY(1),
    verdicts: shown.map(({ id, time, durationMs, score, threshold, condition }) => {
      const left = x(Date.parse(time));
      const right = x(Date.parse(time) + durationMs);
      return { id, x: left, width: Math.max(1, right - left), y: scoreY(score / threshold), condition };
    }),
    bands: shown.flatMap(({ id, time, durationMs, explanation }) =>
      explanation.map(({ frequencyHz, deviationDb }) => ({
        key: `${id} ${frequencyHz}`,
        x: x(Date.parse(time) + durationMs / 2),
        y: bandY(frequencyHz),
        radius: Math.max(1.5, Math.min(MOST_RADIUS, Math.abs(deviationDb) / 5)),
        louder: deviationDb > 0,
      })),
    ),
  };
}
