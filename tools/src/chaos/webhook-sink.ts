import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Takes webhooks and remembers them. */
export interface WebhookSink {
  readonly url: string;
  /** Deliveries by idempotency key: the bodies that came with it. */
  readonly deliveries: ReadonlyMap<string, readonly string[]>;
  close(): Promise<void>;
}

export const createWebhookSink = async (): Promise<WebhookSink> => {
  const deliveries = new Map<string, string[]>();
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const key = String(request.headers['idempotency-key']);
      deliveries.set(key, [...(deliveries.get(key) ?? []), body]);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    deliveries,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

/** What a transition of an alert is, whatever key it came with. */
const transitionOf = (body: string): string => {
  const { transition, alert } = JSON.parse(body) as { transition: string; alert: { id: string } };
  return `${alert.id} ${transition}`;
};

export interface WebhookCheck {
  readonly deliveries: number;
  readonly keys: number;
  readonly transitions: number;
  /** Transitions that came with more than one key. */
  readonly duplicates: number;
}

export const checkWebhooks = (deliveries: WebhookSink['deliveries']): WebhookCheck => {
  const keysOf = new Map<string, Set<string>>();
  for (const [key, bodies] of deliveries) {
    for (const body of bodies) {
      const transition = transitionOf(body);
      keysOf.set(transition, (keysOf.get(transition) ?? new Set()).add(key));
    }
  }
  return {
    deliveries: [...deliveries.values()].reduce((sum, bodies) => sum + bodies.length, 0),
    keys: deliveries.size,
    transitions: keysOf.size,
    duplicates: [...keysOf.values()].filter((keys) => keys.size > 1).length,
  };
};
