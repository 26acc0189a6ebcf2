import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { UserError } from '../process/wait.js';
import type { KeyStore } from './key-store.js';

const keyAnswer = z.object({ sensorKey: z.string().min(1) });
const errorAnswer = z.object({ error: z.object({ message: z.string() }) });
const REQUEST_MS = 10_000;
const READY_MS = 60_000;

export interface NewSensor {
  readonly id: string;
  readonly name: string;
  readonly placement: {
    readonly site: string;
    readonly description: string;
    readonly latitude: number;
    readonly longitude: number;
  };
}

/** Sensors and their keys at the api. */
export class Registration {
  constructor(
    private readonly apiUrl: string,
    private readonly apiKey: string,
    private readonly tenant: string,
    private readonly keys: KeyStore,
    /** Ends the waiting for an api that does not answer. */
    private readonly signal: AbortSignal,
  ) {}

  /** The sensor's key: of a new sensor, the one kept, or a new one where it was lost. */
  async ensure(sensor: NewSensor): Promise<string> {
    const known = this.keys.get(this.tenant, sensor.id);
    const answer = await this.post('/v1/sensors', known === undefined ? sensor : { ...sensor, sensorKey: known });
    if (answer.status === 201) return this.keep(sensor.id, answer.body);
    if (answer.status === 409) return known ?? this.rotate(sensor.id);
    throw this.unexpected(`Sensor ${sensor.id} could not be made`, answer);
  }

  /** A new key; the old one is no longer taken. */
  async rotate(sensorId: string): Promise<string> {
    const answer = await this.post(`/v1/sensors/${sensorId}/rotate-key`);
    if (answer.status === 200) return this.keep(sensorId, answer.body);
    throw this.unexpected(
      `Sensor ${sensorId} is there, and its key could not be renewed (another --prefix makes new sensors)`,
      answer,
    );
  }

  private keep(sensorId: string, body: unknown): string {
    const { sensorKey } = keyAnswer.parse(body);
    this.keys.set(this.tenant, sensorId, sensorKey);
    return sensorKey;
  }

  /** Tries for a minute while nobody answers there. */
  private async post(path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
    const deadline = performance.now() + READY_MS;
    for (;;) {
      const answer = await this.attempt(path, body);
      if (answer !== undefined && answer.status !== 503 && answer.status !== 429) return answer;
      if (performance.now() > deadline)
        throw new UserError(
          `The api at ${this.apiUrl} ${answer === undefined ? 'does not answer' : `answers ${answer.status}`}. Start the stack with \`npm start\`, or name another one with --api-url.`,
        );
      await sleep(500 + Math.random() * 1000, undefined, { signal: this.signal });
    }
  }

  private async attempt(path: string, body: unknown): Promise<{ status: number; body: unknown } | undefined> {
    try {
      const response = await fetch(new URL(path, this.apiUrl), {
        method: 'POST',
        headers: {
          authorization: `Bearer ${this.apiKey}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.any([this.signal, AbortSignal.timeout(REQUEST_MS)]),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
    } catch {
      return undefined;
    }
  }

  private unexpected(what: string, { status, body }: { status: number; body: unknown }): UserError {
    const told = errorAnswer.safeParse(body);
    return new UserError(`${what}: the api answers ${status}${told.success ? `, ${told.data.error.message}` : ''}.`);
  }
}
