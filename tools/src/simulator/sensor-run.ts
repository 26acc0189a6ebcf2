import { ClockQuality, PcmFormat, type SensorFrame } from '@earshot/contracts';
import { encodePcm } from '@earshot/platform/audio';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sender } from './senders/sender.js';
import type { SoundStream } from './sound/clip.js';

/** What became of the seconds of one sensor. */
export interface Tally {
  sent: number;
  acknowledged: number;
  refused: number;
}

export interface SensorRun {
  readonly sender: Sender;
  readonly sound: SoundStream;
  readonly bootId: string;
  /** Event time of the first sample, µs since the Unix epoch; sending starts then. */
  readonly anchorTimeUs: number;
  readonly speed: number;
  /** Undefined: until stopped. */
  readonly seconds: number | undefined;
  readonly tally: Tally;
  readonly resend: Resend;
  /** No more sound is recorded once it is aborted; what is on its way still is. */
  readonly signal: AbortSignal;
}

const secondOf = (run: SensorRun, second: number, samples: Float32Array): SensorFrame => ({
  bootId: run.bootId,
  sequence: second,
  anchorTimeUs: run.anchorTimeUs,
  firstSampleIndex: second * run.sound.sampleRateHz,
  sampleRateHz: run.sound.sampleRateHz,
  sampleCount: samples.length,
  clockQuality: ClockQuality.CLOCK_QUALITY_SYNCHRONISED,
  body: {
    $case: 'pcm',
    value: { format: PcmFormat.PCM_FORMAT_S16LE, data: Buffer.from(encodePcm(samples, 's16le').buffer) },
  },
});

/** Which frames go out again, and when. */
export interface Resend {
  /** A frame was acknowledged. */
  keep(frame: SensorFrame): void;
  /** One that is due again, if any. */
  due(): SensorFrame | undefined;
}

/** Frames that are out at a time, each a few frames after it was acknowledged. */
const RESEND_AFTER = 3;

/** `share`: of the frames, 0 to 1. */
export const createResend = (share: number, random: () => number): Resend => {
  const kept: SensorFrame[] = [];
  return {
    keep: (frame) => {
      if (share > 0 && random() < share) kept.push(frame);
    },
    due: () => (kept.length >= RESEND_AFTER ? kept.splice(Math.floor(random() * kept.length), 1)[0] : undefined),
  };
};

/**
 * Frames that may be sent after one that has no answer yet: a sensor that catches up must not run ahead of the frame that it
 * still tries to send, or that one comes too late for its place (feature-extraction waits for 16 frames).
 */
const MOST_AHEAD = 8;

/** Resolves at the time, which is counted from the anchor: delays do not add up. False: stopped before. */
const until = async (timeUs: number, signal: AbortSignal): Promise<boolean> => {
  const leftMs = timeUs / 1000 - Date.now();
  if (leftMs > 0) await sleep(leftMs, undefined, { signal }).catch(() => undefined);
  return !signal.aborted;
};

/**
 * Plays, second after second, when each is over: what can't be sent yet waits, as in a sensor with a buffer. Resolves once
 * every second sent has its answer.
 */
export const runSensor = async (run: SensorRun): Promise<void> => {
  const { sender, sound, tally } = run;
  const underway = new Set<Promise<void>>();
  const unanswered = new Set<number>();
  const isAhead = (second: number): boolean => {
    const [oldest] = unanswered;
    return oldest !== undefined && second - oldest > MOST_AHEAD;
  };
  let failure: Error | undefined;
  for (let second = 0; second < (run.seconds ?? Infinity) && failure === undefined; second++) {
    const samples = await sound.read(sound.sampleRateHz);
    if (!(await until(run.anchorTimeUs + ((second + 1) * 1e6) / run.speed, run.signal))) break;
    while (underway.size >= sender.window || isAhead(second)) await Promise.race(underway);
    if (run.signal.aborted) break;
    tally.sent += 1;
    const frame = secondOf(run, second, samples);
    unanswered.add(second);
    const answer = sender.send(frame).then(
      (sent) => {
        unanswered.delete(second);
        tally[sent] += 1;
        run.resend.keep(frame);
      },
      (error: unknown) => {
        failure ??= error instanceof Error ? error : new Error(String(error));
      },
    );
    underway.add(answer);
    void answer.finally(() => underway.delete(answer));
    const again = run.resend.due();
    if (again !== undefined) {
      const repeated = sender.send(again).then(
        () => undefined,
        () => undefined,
      );
      underway.add(repeated);
      void repeated.finally(() => underway.delete(repeated));
    }
  }
  await Promise.all(underway);
  sound.end();
  if (failure !== undefined && !run.signal.aborted) throw failure;
};
