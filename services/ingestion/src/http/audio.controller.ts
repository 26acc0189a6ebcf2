import type { IncomingMessage } from 'node:http';
import { Controller, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { ApiKeys } from '../access/api-keys.js';
import type { SensorDirectory, SensorRef } from '../access/sensors.js';
import type { IngestionMetrics } from '../metrics.js';
import { httpStatusOf, refuse, type Refusal } from '../refusal.js';
import { authenticateUpload, ForbiddenError } from './authenticate.js';
import { discardRest, readBody } from './read-body.js';
import { HeaderError } from './upload-identity.js';
import type { TakeUpload, UploadReceipt } from './upload.js';

export interface AudioDoor {
  readonly directory: SensorDirectory;
  readonly apiKeys: ApiKeys;
  readonly takeUpload: TakeUpload;
  readonly metrics: IngestionMetrics;
  readonly maxBodyBytes: number;
}

export const AUDIO_DOOR = Symbol('AudioDoor');

interface Request {
  readonly raw: IncomingMessage;
}

interface Reply {
  code(status: number): this;
  header(name: string, value: string): this;
  send(body: unknown): unknown;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly retryAfterMs?: number;
}

const failed = (status: number, code: string, message: string): Answer => ({
  status,
  body: { error: { code, message } },
});

const refused = (refusal: Refusal): Answer => ({
  ...failed(httpStatusOf[refusal.code], refusal.code, refusal.message),
  ...(refusal.retryAfterMs === undefined ? {} : { retryAfterMs: refusal.retryAfterMs }),
});

const header = (request: IncomingMessage, name: string): string | undefined => {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
};

const channelOf = (text: string | undefined): number => {
  const channel = text === undefined ? 0 : /^\d{1,3}$/.test(text) ? Number(text) : NaN;
  if (Number.isNaN(channel)) throw new HeaderError(`channel is ${JSON.stringify(text)}; an integer from 0 is needed`);
  return channel;
};

/** Of a refused body so many times the largest one is read and thrown away before the answer. */
const DISCARDED_BODIES = 4;

/** POST /v1/sensors/{id}/audio: a whole WAV, FLAC or Ogg file. */
@Controller('v1/sensors')
export class AudioController {
  constructor(@Inject(AUDIO_DOOR) private readonly door: AudioDoor) {}

  @Post(':id/audio')
  async post(
    @Param('id') sensorId: string,
    @Query('channel') channel: string | undefined,
    @Req() { raw }: Request,
    @Res() reply: Reply,
  ): Promise<void> {
    const answer = await this.answer(raw, sensorId, channel);
    if (answer.retryAfterMs !== undefined) reply.header('retry-after', String(Math.ceil(answer.retryAfterMs / 1000)));
    await discardRest(raw, DISCARDED_BODIES * this.door.maxBodyBytes);
    // What was not read of the body can't stand before the next request.
    if (!raw.complete) reply.header('connection', 'close');
    reply.code(answer.status).send(answer.body);
  }

  private async answer(raw: IncomingMessage, sensorId: string, channel: string | undefined): Promise<Answer> {
    try {
      const sensor = await authenticateUpload(raw.headers, sensorId, this.door.apiKeys, this.door.directory);
      if ('code' in sensor) return refused(this.counted(sensor));
      const taken = await this.take(raw, sensor, channelOf(channel));
      return 'code' in taken ? refused(taken) : { status: 202, body: taken };
    } catch (error) {
      if (error instanceof HeaderError) return failed(400, 'bad_request', error.message);
      if (error instanceof ForbiddenError) return failed(403, 'forbidden', error.message);
      throw error;
    }
  }

  private async take(raw: IncomingMessage, sensor: SensorRef, channel: number): Promise<UploadReceipt | Refusal> {
    const { maxBodyBytes, takeUpload } = this.door;
    const body = await readBody(raw, maxBodyBytes);
    if (body === undefined)
      return this.counted(
        refuse('oversize', `the body is larger than ${maxBodyBytes} bytes; cut it into several uploads of one boot`),
      );
    return takeUpload({
      sensor,
      channel,
      body,
      contentType: header(raw, 'content-type') ?? 'application/octet-stream',
      headers: {
        bootId: header(raw, 'earshot-boot-id'),
        startTime: header(raw, 'earshot-start-time'),
        firstSequence: header(raw, 'earshot-first-sequence'),
        firstSampleIndex: header(raw, 'earshot-first-sample-index'),
      },
    });
  }

  private counted(refusal: Refusal): Refusal {
    this.door.metrics.refusals.inc({ protocol: 'http', code: refusal.code });
    return refusal;
  }
}
