import type { SensorFrame } from '@earshot/contracts';
import { decodePcm, encodeWav16 } from '@earshot/platform/audio';
import { setTimeout as sleep } from 'node:timers/promises';
import { backoff, NotLetIn, type Sender, type SensorIdentity, type Sent } from './sender.js';

/** Statuses after which the same upload can't succeed. */
const REFUSED = new Set([400, 410, 413, 415, 422]);
const NOT_LET_IN = new Set([401, 403, 404]);
const MAX_STRANGER_TRIES = 5;
const REQUEST_MS = 60_000;

const microsecondTime = (timeUs: number): string => {
  const text = new Date(Math.floor(timeUs / 1000)).toISOString();
  return `${text.slice(0, -1)}${String(timeUs % 1000).padStart(3, '0')}Z`;
};

const wavOf = ({ body, sampleRateHz }: SensorFrame): Uint8Array => {
  const samples = body?.$case === 'pcm' ? decodePcm(body.value.data, 's16le')[0] : undefined;
  return encodeWav16(samples ?? new Float32Array(), sampleRateHz);
};

/** Each frame as one WAV upload that continues the boot. `baseUrl` is the api's or ingestion's own. */
export const createHttpSender = (baseUrl: string, { tenantId, sensorId, key }: SensorIdentity): Sender => {
  const stopping = new AbortController();
  const { signal } = stopping;

  const post = async (frame: SensorFrame): Promise<{ status: number; retryAfterMs: number }> => {
    const response = await fetch(new URL(`/v1/sensors/${sensorId}/audio`, baseUrl), {
      method: 'POST',
      body: Buffer.from(wavOf(frame)),
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'audio/wav',
        'earshot-tenant': tenantId,
        'earshot-boot-id': frame.bootId,
        'earshot-start-time': microsecondTime(frame.anchorTimeUs),
        'earshot-first-sequence': String(frame.sequence),
        'earshot-first-sample-index': String(frame.firstSampleIndex),
      },
      signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_MS)]),
    });
    await response.arrayBuffer();
    return { status: response.status, retryAfterMs: Number(response.headers.get('retry-after') ?? 0) * 1000 };
  };

  const attempt = async (frame: SensorFrame): Promise<{ status: number; retryAfterMs: number }> => {
    try {
      return await post(frame);
    } catch (error) {
      if (signal.aborted) throw error;
      return { status: 0, retryAfterMs: 0 }; // no connection
    }
  };

  return {
    window: 2,
    open: () => Promise.resolve(),
    send: async (frame): Promise<Sent> => {
      for (let tries = 0, stranger = 0; ; tries++) {
        const { status, retryAfterMs } = await attempt(frame);
        if (status === 202) return 'acknowledged';
        if (REFUSED.has(status)) return 'refused';
        if (NOT_LET_IN.has(status) && ++stranger >= MAX_STRANGER_TRIES)
          throw new NotLetIn(`HTTP: ${sensorId} or the key is not taken (status ${status})`);
        if (retryAfterMs > 0) await sleep(Math.random() * retryAfterMs, undefined, { signal });
        await backoff(Math.min(tries, 4), signal);
      }
    },
    close: () => {
      stopping.abort();
      return Promise.resolve();
    },
  };
};
