import type { Logger } from '@earshot/platform/telemetry';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CanaryApi, StoredSecond } from './api.js';
import type { CanaryMetrics } from './metrics.js';
import { toneSecond } from './tone.js';

/**
 * A sensor whose sound is known: a second of tone after the other goes in by the public door and has to come out of the
 * public API with its level.
 *
 *   tone ──► POST audio ──► … the whole pipeline … ──► GET levels ──► right, wrong or missing; latency
 */
export interface CanaryOptions {
  readonly api: CanaryApi;
  readonly metrics: CanaryMetrics;
  readonly logger: Logger;
  readonly levelDb: number;
  readonly toleranceDb: number;
  readonly timeoutS: number;
}

/** The filters start in the first second of a boot: its level is not the tone's. */
const FIRST_STEADY_SECOND = 1;
const LOOK_MS = 250;
const RETRY_MS = 1_000;

export class Canary {
  private readonly stopping = new AbortController();
  private running: Promise<unknown> | undefined;
  /** Seconds that were sent and are not seen, and when their sound ended, ms since the Unix epoch. */
  private readonly pending = new Map<number, number>();
  private readonly anchorMs = Math.floor(Date.now() / 1000) * 1000;
  private readonly bootId = `canary-${this.anchorMs}`;
  private registered = false;

  constructor(private readonly options: CanaryOptions) {
    options.metrics.observePending(() => {
      const [oldest] = this.pending.values();
      return oldest === undefined ? 0 : Math.max(0, (Date.now() - oldest) / 1000);
    });
  }

  start(): void {
    this.running = Promise.all([this.play(), this.listen()]);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  ready(): boolean | string {
    return this.registered || 'the sensor is not registered yet';
  }

  /** Sends every second when it is over, each until it is taken, in order. */
  private async play(): Promise<void> {
    const { api } = this.options;
    const wav = toneSecond(this.options.levelDb);
    await this.until(() => api.register());
    this.registered = true;
    for (let second = 0; ; second++) {
      const endMs = this.anchorMs + (second + 1) * 1000;
      await this.pause(endMs - Date.now());
      if (this.isStopped()) return;
      this.pending.set(second, endMs);
      await this.until(() => api.send({ wav, bootId: this.bootId, anchorMs: this.anchorMs, second }));
    }
  }

  private async listen(): Promise<void> {
    while (!this.isStopped()) {
      await this.pause(LOOK_MS);
      const [first] = this.pending.keys();
      if (first === undefined) continue;
      const stored = await this.options.api.levels(this.anchorMs + first * 1000).catch((error: unknown) => {
        this.options.logger.debug({ err: error }, 'The levels could not be read');
        return [];
      });
      for (const one of stored) this.judge(one);
      this.giveUp();
    }
  }

  private judge({ bootId, secondIndex, laeqDb }: StoredSecond): void {
    const endMs = this.pending.get(secondIndex);
    if (bootId !== this.bootId || endMs === undefined) return;
    this.pending.delete(secondIndex);
    if (secondIndex < FIRST_STEADY_SECOND) return;
    const { metrics, levelDb, toleranceDb, logger } = this.options;
    metrics.latency.observe((Date.now() - endMs) / 1000);
    const errorDb = (laeqDb ?? -Infinity) - levelDb;
    metrics.error.set(errorDb);
    const isRight = Math.abs(errorDb) <= toleranceDb;
    metrics.seconds.inc({ result: isRight ? 'right' : 'wrong' });
    if (!isRight) logger.error({ secondIndex, laeqDb, levelDb, toleranceDb }, 'A stored level is wrong');
  }

  private giveUp(): void {
    const { metrics, timeoutS, logger } = this.options;
    for (const [second, endMs] of this.pending) {
      if (Date.now() - endMs < timeoutS * 1000) return;
      this.pending.delete(second);
      metrics.seconds.inc({ result: 'missing' });
      logger.error({ second, timeoutS }, 'A second is not stored in time');
    }
  }

  /** Until it works or the end has come. */
  private async until(attempt: () => Promise<void>): Promise<void> {
    while (!this.isStopped()) {
      try {
        await attempt();
        return;
      } catch (error) {
        this.options.logger.debug({ err: error }, 'Not taken, trying again');
        await this.pause(RETRY_MS);
      }
    }
  }

  private isStopped(): boolean {
    return this.stopping.signal.aborted;
  }

  private async pause(ms: number): Promise<void> {
    if (ms > 0) await sleep(ms, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }
}
