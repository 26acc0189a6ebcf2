import { z } from 'zod';

/** A trace event of Chromium; times in µs, `tdur` of the thread's CPU. */
const traceEvent = z.object({
  name: z.string(),
  ph: z.string(),
  pid: z.number(),
  tid: z.number(),
  ts: z.number(),
  dur: z.number().optional(),
  tdur: z.number().optional(),
  args: z.record(z.string(), z.unknown()).optional(),
});
type TraceEvent = z.infer<typeof traceEvent>;

export interface FrameWork {
  readonly frames: number;
  /** CPU time of the page's main thread per frame, ms. */
  readonly cpuMs: Percentiles;
  /** The same by the clock, waits for a core among it, ms. */
  readonly clockMs: Percentiles;
  /** Frames whose CPU time surpasses 16 ms. */
  readonly over16: number;
}

export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** Nearest rank; NaN without values. */
export const percentilesOf = (values: readonly number[]): Percentiles => {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
};

const nameOfThread = ({ args }: TraceEvent): unknown => args?.['name'];

/**
 * What the main thread of the renderer with the most animation frames did from one animation frame to the next: all tasks, so
 * messages, timers, scripts, styles, layout and paint.
 */
export const frameWorkOf = (trace: string): FrameWork => {
  const { traceEvents } = z.object({ traceEvents: z.array(z.unknown()) }).parse(JSON.parse(trace));
  const events = traceEvents.flatMap((event) => {
    const parsed = traceEvent.safeParse(event);
    return parsed.success ? [parsed.data] : [];
  });
  const threadOf = ({ pid, tid }: TraceEvent): string => `${pid}/${tid}`;
  const mains = new Set(
    events.filter((event) => event.name === 'thread_name' && nameOfThread(event) === 'CrRendererMain').map(threadOf),
  );
  const firesOf = (thread: string): readonly number[] =>
    events
      .filter((event) => event.name === 'FireAnimationFrame' && threadOf(event) === thread)
      .map(({ ts }) => ts)
      .sort((a, b) => a - b);
  const [thread = '', fires = []] =
    [...mains].map((one) => [one, firesOf(one)] as const).sort((a, b) => b[1].length - a[1].length)[0] ?? [];
  const tasks = events.filter(
    ({ name, ph, ...event }) => name === 'RunTask' && ph === 'X' && threadOf({ name, ph, ...event }) === thread,
  );
  // Animation frames of one picture fire together: the first counts.
  const begins = fires.filter((ts, index) => index === 0 || ts - (fires[index - 1] ?? 0) > 4000);
  const cpu = new Array<number>(Math.max(0, begins.length - 1)).fill(0);
  const clock = [...cpu];
  for (const { ts, dur = 0, tdur = dur } of tasks) {
    const frame = begins.findLastIndex((begin) => begin <= ts + dur);
    if (frame < 0 || frame >= cpu.length) continue;
    cpu[frame] = (cpu[frame] ?? 0) + tdur / 1000;
    clock[frame] = (clock[frame] ?? 0) + dur / 1000;
  }
  return {
    frames: cpu.length,
    cpuMs: percentilesOf(cpu),
    clockMs: percentilesOf(clock),
    over16: cpu.filter((ms) => ms > 16).length,
  };
};
