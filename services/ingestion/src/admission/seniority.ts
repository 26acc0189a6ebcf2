const TICK_MS = 5_000;
/** Strain that lasts so long is overload. */
const SUSTAINED_MS = 15_000;
/** A sensor that did not try for so long comes as a new one. */
const FORGET_MS = 60_000;
/** Of the sound that passes under overload, what is let in until the stages have caught up. */
const SHARE = 0.8;
/** Of all sensors, what is let in besides per tick when the stages keep up. */
const GROWTH = 0.05;
/** Ticks whose sound tells what the stages can do. */
const MEASURED_TICKS = 3;

/**
 * Who goes on when there are more sensors than the stages keep up with: those that were here first. Without it an overload
 * is shared by all, every sensor falls behind, and long after it has ended all of them still catch up. Under sustained strain
 * the youngest sensors wait, as many as do not fit into the sound that passed meanwhile; a few at a time are let in
 * again once the strain is over. Strain without progress is an outage and no overload: nobody is sent away for it.
 *
 * Each door counts its own sensors. Times: ms since the Unix epoch, growing.
 */
export class Seniority {
  /** Last attempt by sensor, oldest sensor first. */
  private readonly sensors = new Map<string, number>();
  private readonly waiting = new Set<string>();
  private limit = Number.POSITIVE_INFINITY;
  private tickMs = -Infinity;
  private strainedSinceMs: number | null = null;
  private passedS = 0;
  /** Seconds of sound that passed a second, latest tick first. */
  private rates: readonly number[] = [];

  /** `isStrained`: whether a stage of live sound has fallen behind a little, anywhere. */
  constructor(private readonly isStrained: () => boolean) {}

  /** Sensors that wait. */
  get waitingCount(): number {
    return this.waiting.size;
  }

  /** Whether a frame of the sensor may go on. */
  mayEnter(key: string, nowMs: number): boolean {
    if (nowMs - this.tickMs >= TICK_MS) this.tick(nowMs);
    if (!this.sensors.has(key) && this.sensors.size >= this.limit) this.waiting.add(key);
    this.sensors.set(key, nowMs);
    return !this.waiting.has(key);
  }

  /** `seconds` of sound were taken. */
  passed(seconds: number): void {
    this.passedS += seconds;
  }

  private tick(nowMs: number): void {
    const elapsedS = (nowMs - this.tickMs) / 1000;
    this.rates = [this.passedS / elapsedS, ...this.rates].slice(0, MEASURED_TICKS);
    this.passedS = 0;
    this.tickMs = nowMs;
    for (const [key, lastMs] of this.sensors) if (nowMs - lastMs > FORGET_MS) this.sensors.delete(key);
    if (this.isStrained()) this.shed(nowMs);
    else this.relax();
    this.waiting.clear();
    let rank = 0;
    for (const key of this.sensors.keys()) if (rank++ >= this.limit) this.waiting.add(key);
  }

  private shed(nowMs: number): void {
    this.strainedSinceMs ??= nowMs;
    if (nowMs - this.strainedSinceMs < SUSTAINED_MS) return;
    if (this.rates.length < MEASURED_TICKS || this.rates.some((rate) => rate === 0)) return;
    const rate = this.rates.reduce((sum, one) => sum + one, 0) / this.rates.length;
    const fits = Math.max(1, Math.floor(SHARE * rate));
    if (fits < this.sensors.size) this.limit = Math.min(this.limit, fits);
    // What it brought shows later: the stages first have to catch up.
    this.strainedSinceMs = nowMs + SUSTAINED_MS;
  }

  private relax(): void {
    this.strainedSinceMs = null;
    this.limit += Math.max(1, GROWTH * this.sensors.size);
    if (this.limit >= this.sensors.size) this.limit = Number.POSITIVE_INFINITY;
  }
}
