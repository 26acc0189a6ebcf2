import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { PrivateAddressError, publicLookup, refusePrivateUrl } from './address-guard.js';

/** What came of one attempt. `failed` may be tried again; `refused` is final. */
export type PostResult =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string };

export interface WebhookPost {
  readonly url: string;
  readonly idempotencyKey: string;
  /** JSON. */
  readonly body: string;
}

export type PostWebhook = (post: WebhookPost) => Promise<PostResult>;

const TIMEOUT_MS = 10_000;

const judge = (status: number): PostResult => {
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  const final = status >= 300 && status < 500 && status !== 408 && status !== 429;
  return { kind: final ? 'refused' : 'failed', reason: `HTTP ${status}` };
};

/** POSTs once. Redirects are not followed: they would lead around the guard. */
export const createPostWebhook =
  (options: { readonly allowPrivate: boolean; readonly timeoutMs?: number }): PostWebhook =>
  ({ url, idempotencyKey, body }) =>
    new Promise((resolve) => {
      const refusal = options.allowPrivate ? undefined : refusePrivateUrl(url);
      if (refusal !== undefined) {
        resolve({ kind: 'refused', reason: refusal });
        return;
      }
      const target = new URL(url);
      const request = (target.protocol === 'https:' ? requestHttps : requestHttp)(target, {
        method: 'POST',
        agent: false,
        signal: AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS),
        headers: {
          'Content-Type': 'application/json',
          'Content-Length': Buffer.byteLength(body),
          'User-Agent': 'earshot-alerting',
          'Idempotency-Key': idempotencyKey,
        },
        ...(options.allowPrivate ? {} : { lookup: publicLookup }),
      });
      request.on('response', (response) => {
        // The answer is in the status; what follows is not read further than it must be.
        response.destroy();
        resolve(judge(response.statusCode ?? 0));
      });
      request.on('error', (error) => {
        const kind = error instanceof PrivateAddressError ? 'refused' : 'failed';
        resolve({
          kind,
          reason: error.name === 'AbortError' || error.name === 'TimeoutError' ? 'no answer in time' : error.message,
        });
      });
      request.end(body);
    });
