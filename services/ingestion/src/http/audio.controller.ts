import type { IncomingMessage } from 'node:http';
import { Controller, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { SensorRef } from '../access/sensors.js';
import type { Refusal } from '../refusal.js';
import { serve, type Reply, type Request } from './answer.js';
import { HTTP_DOOR, type HttpDoor } from './door.js';
import { HeaderError } from './upload-identity.js';
import type { UploadReceipt } from './upload.js';

const header = (request: IncomingMessage, name: string): string | undefined => {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
};

const channelOf = (text: string | undefined): number => {
  const channel = text === undefined ? 0 : /^\d{1,3}$/.test(text) ? Number(text) : NaN;
  if (Number.isNaN(channel)) throw new HeaderError(`channel is ${JSON.stringify(text)}; an integer from 0 is needed`);
  return channel;
};

/** POST /v1/sensors/{id}/audio: a whole WAV, FLAC or Ogg file. */
@Controller('v1/sensors')
export class AudioController {
  constructor(@Inject(HTTP_DOOR) private readonly door: HttpDoor) {}

  @Post(':id/audio')
  async post(
    @Param('id') sensorId: string,
    @Query('channel') channel: string | undefined,
    @Req() { raw }: Request,
    @Res() reply: Reply,
  ): Promise<void> {
    await serve(this.door, raw, reply, sensorId, () => {
      const number = channelOf(channel);
      return (sensor, body) => this.take(raw, sensor, number, body);
    });
  }

  private take(
    raw: IncomingMessage,
    sensor: SensorRef,
    channel: number,
    body: Uint8Array,
  ): Promise<UploadReceipt | Refusal> {
    return this.door.takeUpload({
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
}
