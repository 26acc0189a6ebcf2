import { Alert, AlertState } from '@earshot/contracts';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPostWebhook } from './post-webhook.js';
import { idempotencyKey, webhookBody } from './webhook-body.js';

let server: Server | undefined;

const serve = async (answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> => {
  const made = createServer(answer);
  server = made;
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(made.address() as AddressInfo).port}/hook?x=1`;
};

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

const alert = Alert.fromPartial({
  id: 'r1.1.gate-1.1780000010000000',
  tenantId: 'demo',
  sensorId: 'gate-1',
  ruleId: 'r1',
  ruleName: 'Loud',
  severity: 'critical',
  state: AlertState.ALERT_STATE_RAISED,
  raisedUs: 1_780_000_010e6,
  message: 'Loud.',
  value: Math.fround(72.3),
  limit: 70,
});
const post = (url: string) => ({ url, idempotencyKey: idempotencyKey(alert), body: webhookBody(alert) });
const allowing = createPostWebhook({ allowPrivate: true, timeoutMs: 300 });

describe('post webhook', () => {
  it('posts JSON that names the alert and the transition, with its key and agent', async () => {
    let seen: { method?: string | undefined; headers?: IncomingMessage['headers']; body: string } = { body: '' };
    const url = await serve((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        seen = { method: request.method, headers: request.headers, body };
        response.writeHead(204).end();
      });
    });
    expect(await allowing(post(url))).toEqual({ kind: 'delivered' });
    expect(seen.method).toBe('POST');
    expect(seen.headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'earshot-alerting',
      'idempotency-key': 'r1.1.gate-1.1780000010000000:0',
    });
    expect(JSON.parse(seen.body)).toEqual({
      transition: 'raised',
      alert: {
        id: alert.id,
        tenantId: 'demo',
        sensorId: 'gate-1',
        ruleId: 'r1',
        ruleName: 'Loud',
        severity: 'critical',
        state: 'raised',
        raisedAt: '2026-05-28T20:26:50.000Z',
        resolvedAt: null,
        message: 'Loud.',
        value: 72.3,
        limit: 70,
        causeId: null,
        revision: 0,
      },
    });
  });

  it.each([
    [200, 'delivered'],
    [302, 'refused'],
    [400, 'refused'],
    [404, 'refused'],
    [408, 'failed'],
    [429, 'failed'],
    [500, 'failed'],
    [503, 'failed'],
  ])('takes HTTP %i as %s', async (code, kind) => {
    const url = await serve((_request, response) => response.writeHead(code, { Location: '/elsewhere' }).end());
    expect((await allowing(post(url))).kind).toBe(kind);
  });

  it('does not follow redirects', async () => {
    const paths: string[] = [];
    const url = await serve((request, response) => {
      paths.push(request.url ?? '');
      response.writeHead(307, { Location: '/elsewhere' }).end();
    });
    await allowing(post(url));
    expect(paths).toEqual(['/hook?x=1']);
  });

  it('fails without an answer in time, and when nobody listens', async () => {
    const url = await serve(() => undefined);
    expect(await allowing(post(url))).toEqual({ kind: 'failed', reason: 'no answer in time' });
    server?.closeAllConnections();
    server?.close();
    expect((await allowing(post(url))).kind).toBe('failed');
  });

  it('refuses private targets unless they are allowed', async () => {
    let reached = false;
    const url = await serve((_request, response) => {
      reached = true;
      response.end();
    });
    const guarded = createPostWebhook({ allowPrivate: false });
    expect((await guarded(post(url))).kind).toBe('refused');
    expect((await guarded(post(url.replace('127.0.0.1', 'localhost')))).kind).toBe('refused');
    expect(reached).toBe(false);
  });
});
