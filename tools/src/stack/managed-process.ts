import type { ChildProcess } from 'node:child_process';

import { endProcess, identify, signalProcess } from '../process/identity.js';
import type { ProcessIdentity } from '../process/identity.js';
import { rotateLog } from '../process/spawn.js';
import { afterEnd, freshBackoff } from './backoff.js';
import type { ProcessRecord, ProcessState } from './record.js';

export interface ManagedSpec {
  name: string;
  kind: ProcessRecord['kind'];
  spawn: () => ChildProcess;
  /** True when it can be used. Must answer in finite time. */
  isReady: () => Promise<boolean>;
  /** False when it runs but is stuck and has to be restarted. */
  isLive: () => Promise<boolean>;
  /** Between two checks once it is ready. */
  checkEveryMs: number;
  healthUrl: string | null;
  logFile: string;
  stopGraceMs: number;
}

const checkWhileStartingMs = 250;
const failuresToRestart = 3;
/** A process that has never been live is left alone this long: it may be restoring. */
const startupGraceMs = 60_000;
const maxLogBytes = 16 * 1024 * 1024;

/**
 * One supervised process: started again whenever it ends (0.5 s doubling to 10 s) or fails its liveness three times in a row,
 * until `stop`. `onChange` is called after each change of state or pid.
 */
export class ManagedProcess {
  readonly spec: ManagedSpec;
  readonly #onChange: (process: ManagedProcess, message: string | undefined) => void;
  #identity: ProcessIdentity | undefined;
  #state: ProcessState = 'waiting';
  #restarts = 0;
  #backoff = freshBackoff;
  #startedAt = 0;
  #failures = 0;
  #hasBeenLive = false;
  #stopping = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(spec: ManagedSpec, onChange: (process: ManagedProcess, message: string | undefined) => void) {
    this.spec = spec;
    this.#onChange = onChange;
  }

  get state(): ProcessState {
    return this.#state;
  }

  get record(): ProcessRecord {
    return {
      name: this.spec.name,
      kind: this.spec.kind,
      state: this.#state,
      identity: this.#identity ?? null,
      restarts: this.#restarts,
      healthUrl: this.spec.healthUrl,
    };
  }

  start(): void {
    if (this.#stopping) return;
    this.#startedAt = performance.now();
    this.#failures = 0;
    this.#hasBeenLive = false;
    const child = this.spec.spawn();
    child.once('error', (error) => {
      this.#ended(`could not be started: ${error.message}`);
    });
    child.once('exit', (code, signal) => {
      this.#ended(signal === null ? `ended with status ${code ?? '?'}` : `was ended by ${signal}`);
    });
    this.#identity = child.pid === undefined ? undefined : identify(child.pid);
    this.#change('starting');
    this.#schedule(checkWhileStartingMs);
  }

  /** SIGTERM, SIGKILL after the grace, no restart. Resolves when it is gone. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    const identity = this.#identity;
    if (identity !== undefined) {
      this.#change('stopping');
      await endProcess(identity, this.spec.stopGraceMs);
    }
    this.#identity = undefined;
    this.#change('stopped');
  }

  #ended(how: string): void {
    if (this.#state === 'restarting' || this.#stopping) return;
    clearTimeout(this.#timer);
    this.#identity = undefined;
    const { delayMs, backoff } = afterEnd(this.#backoff, performance.now() - this.#startedAt);
    this.#backoff = backoff;
    this.#change('restarting', `${how}; starts again in ${delayMs / 1000} s (log: ${this.spec.logFile})`);
    this.#timer = setTimeout(() => {
      this.#restarts += 1;
      this.start();
    }, delayMs);
  }

  #schedule(afterMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#check(), afterMs);
  }

  async #check(): Promise<void> {
    const checked = this.#identity;
    rotateLog(this.spec.logFile, maxLogBytes);
    const [ready, live] = await Promise.all([this.spec.isReady(), this.spec.isLive()]);
    if (this.#stopping || checked === undefined || this.#identity !== checked) return;
    if (live) {
      this.#failures = 0;
      this.#hasBeenLive = true;
    } else if (this.#hasBeenLive || performance.now() - this.#startedAt > startupGraceMs) {
      this.#failures += 1;
    }
    if (this.#failures >= failuresToRestart) {
      this.#change('not-ready', 'failed its liveness check three times in a row and is ended');
      await this.#endStuck(checked);
      return;
    }
    if (ready && this.#state !== 'ready') this.#change('ready');
    else if (!ready && this.#state === 'ready') this.#change('not-ready', 'is not ready');
    this.#schedule(this.#state === 'ready' ? this.spec.checkEveryMs : checkWhileStartingMs);
  }

  /** The exit handler starts it again. */
  async #endStuck(identity: ProcessIdentity): Promise<void> {
    // A stopped (SIGSTOP) process would not see the SIGTERM.
    signalProcess(identity, 'SIGCONT');
    await endProcess(identity, this.spec.stopGraceMs);
  }

  #change(state: ProcessState, message?: string): void {
    this.#state = state;
    this.#onChange(this, message);
  }
}
