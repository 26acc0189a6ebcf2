import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Registry } from '@earshot/platform/telemetry';
import type { ServicePart } from './service.js';

export interface HealthState {
  readonly parts: readonly ServicePart[];
  /** All parts have started. */
  readonly started: boolean;
  readonly stopping: boolean;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const live = (state: HealthState): Answer => {
  const stuck = state.parts.flatMap((part) => {
    const reason = part.stuck?.();
    return reason === undefined ? [] : [{ part: part.name, reason }];
  });
  return { status: stuck.length === 0 ? 200 : 503, body: { live: stuck.length === 0, stuck } };
};

const ready = (state: HealthState): Answer => {
  const waiting = state.parts.flatMap((part) => {
    const answer = part.ready?.() ?? true;
    return answer === true ? [] : [{ part: part.name, reason: answer === false ? 'not ready' : answer }];
  });
  const ok = state.started && !state.stopping && waiting.length === 0;
  return { status: ok ? 200 : 503, body: { ready: ok, started: state.started, stopping: state.stopping, waiting } };
};

const backlog = (state: HealthState): Answer => {
  const lags = state.parts.flatMap((part) => part.lag?.() ?? []);
  return {
    status: 200,
    body: {
      lagRecords: lags.length === 0 ? null : lags.reduce((sum, lag) => sum + lag.records, 0),
      lagSeconds: lags.length === 0 ? null : Math.round(Math.max(...lags.map((lag) => lag.seconds)) * 10) / 10,
    },
  };
};

const routes: Readonly<Record<string, (state: HealthState) => Answer>> = {
  '/health/live': live,
  '/health/ready': ready,
  '/health/status': backlog,
};

const answer = async (
  request: IncomingMessage,
  response: ServerResponse,
  registry: Registry,
  state: HealthState,
): Promise<void> => {
  const path = (request.url ?? '').split('?')[0] ?? '';
  if (path === '/metrics') {
    response.writeHead(200, { 'content-type': registry.contentType }).end(await registry.metrics());
    return;
  }
  const route = routes[path];
  const { status, body } = route?.(state) ?? {
    status: 404,
    body: { error: `Known paths: ${Object.keys(routes).join(', ')}, /metrics` },
  };
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

/** Health and metrics of a service on a port of their own, there before anything else starts. */
export const startHealthServer = async (
  port: number,
  registry: Registry,
  state: () => HealthState,
): Promise<Server> => {
  const server = createServer((request, response) => {
    answer(request, response, registry, state()).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, resolve);
  });
  return server;
};
