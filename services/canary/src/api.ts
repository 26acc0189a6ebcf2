import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { RATE_HZ } from './tone.js';

export interface StoredSecond {
  readonly bootId: string;
  readonly secondIndex: number;
  readonly laeqDb: number | null;
}

export interface ToneSecond {
  readonly wav: Uint8Array;
  readonly bootId: string;
  /** Event time of the boot's first sample, ms since the Unix epoch. */
  readonly anchorMs: number;
  readonly second: number;
}

const page = z.object({
  items: z.array(z.object({ bootId: z.string(), secondIndex: z.int(), laeqDb: z.number().nullable() })),
});

interface Ask {
  readonly method?: string;
  readonly body?: string | Buffer<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
}

const REQUEST_MS = 10_000;
const CREATED = 201;
const THERE_ALREADY = 409;
const ACCEPTED = 202;
const OK = 200;

/** The public HTTP API as the canary uses it. What is not answered as hoped for rejects. */
export class CanaryApi {
  constructor(
    private readonly url: string,
    private readonly keyFile: string,
    private readonly sensorId: string,
  ) {}

  async register(): Promise<void> {
    const body = JSON.stringify({ id: this.sensorId, name: 'Canary: a tone of known level' });
    await this.ask([CREATED, THERE_ALREADY], '/v1/sensors', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    });
  }

  async send({ wav, bootId, anchorMs, second }: ToneSecond): Promise<void> {
    await this.ask([ACCEPTED], `/v1/sensors/${this.sensorId}/audio`, {
      method: 'POST',
      body: Buffer.from(wav.slice().buffer),
      headers: {
        'content-type': 'audio/wav',
        'earshot-boot-id': bootId,
        'earshot-start-time': new Date(anchorMs).toISOString(),
        'earshot-first-sequence': String(second),
        'earshot-first-sample-index': String(second * RATE_HZ),
      },
    });
  }

  /** Stored seconds from a time on. */
  async levels(fromMs: number): Promise<readonly StoredSecond[]> {
    const query = new URLSearchParams({
      from: new Date(fromMs).toISOString(),
      to: new Date(Date.now() + 1000).toISOString(),
      resolution: '1s',
    });
    return page.parse(await this.ask([OK], `/v1/sensors/${this.sensorId}/levels?${query.toString()}`)).items;
  }

  private async ask(expected: readonly number[], path: string, init: Ask = {}): Promise<unknown> {
    const key = (await readFile(this.keyFile, 'utf8')).trim();
    const response = await fetch(new URL(path, this.url), {
      ...init,
      headers: { ...init.headers, authorization: `Bearer ${key}` },
      signal: AbortSignal.timeout(REQUEST_MS),
    });
    const text = await response.text();
    if (!expected.includes(response.status))
      throw new Error(`${path} answered ${response.status}: ${text.slice(0, 300)}`);
    return text === '' ? null : JSON.parse(text);
  }
}
