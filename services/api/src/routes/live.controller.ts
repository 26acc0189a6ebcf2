import { Controller, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

import type { ApiConfig } from '../config.js';
import { securityHeaders } from '../console/console.js';
import { endpoints, liveTopics } from '../endpoints.js';
import type { InputOf } from '../http/endpoint.js';
import { ApiError } from '../http/errors.js';
import { Input, Serves } from '../http/serves.js';
import { ClientQueue, sseMessage } from '../live/client-queue.js';
import type { LiveHub } from '../live/live-hub.js';
import { LIVE_HUB, SETTINGS } from '../tokens.js';

const HEARTBEAT_MS = 15_000;
const defaultTopics = liveTopics.filter((topic) => topic !== 'features');

/** The live feed as server-sent events, and what is known now. */
@Controller('v1')
export class LiveController {
  private readonly openByKey = new Map<string, number>();

  constructor(
    @Inject(LIVE_HUB) private readonly hub: LiveHub,
    @Inject(SETTINGS) private readonly settings: ApiConfig,
  ) {}

  @Serves(endpoints.live)
  live(@Input() { tenantId, key, query }: InputOf<typeof endpoints.live>, @Res() reply: FastifyReply): void {
    const open = this.openByKey.get(key.id) ?? 0;
    if (open >= this.settings.LIVE_CLIENTS_PER_KEY) {
      throw new ApiError('too_many_requests', `key ${key.id} holds ${open} live feeds open, more are not allowed`, 10);
    }
    this.openByKey.set(key.id, open + 1);
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      ...securityHeaders,
    });
    const queue = new ClientQueue(raw);
    raw.on('drain', () => queue.drained());
    queue.push(sseMessage('ready', { time: new Date().toISOString() }));
    const leave = this.hub.join({
      tenantId,
      sensorId: query.sensorId,
      topics: new Set(query.topics ?? defaultTopics),
      queue,
    });
    const heartbeat = setInterval(() => queue.push(': ping\n\n'), HEARTBEAT_MS);
    raw.once('close', () => {
      clearInterval(heartbeat);
      leave();
      this.openByKey.set(key.id, (this.openByKey.get(key.id) ?? 1) - 1);
    });
  }

  @Serves(endpoints.liveSnapshot)
  async snapshot(@Input() { tenantId, query }: InputOf<typeof endpoints.liveSnapshot>) {
    return this.hub.snapshot(tenantId, query.sensorId);
  }
}
