import { Inject, Module, type DynamicModule, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { AudioController } from './audio.controller.js';
import { HTTP_DOOR, type HttpDoor } from './door.js';
import { LevelsController } from './levels.controller.js';

interface ContentTypeParsers {
  removeAllContentTypeParsers(): void;
  addContentTypeParser(
    type: string,
    parser: (request: unknown, payload: unknown, done: (error: null) => void) => void,
  ): void;
}

/** The HTTP door. Bodies of whatever type stay unread until the sender is known: no parser touches them. */
@Module({ controllers: [AudioController, LevelsController] })
export class AudioModule implements OnModuleInit {
  constructor(@Inject(HttpAdapterHost) private readonly host: HttpAdapterHost) {}

  static of(door: HttpDoor): DynamicModule {
    return { module: AudioModule, providers: [{ provide: HTTP_DOOR, useValue: door }] };
  }

  onModuleInit(): void {
    const fastify = this.host.httpAdapter.getInstance<ContentTypeParsers>();
    fastify.removeAllContentTypeParsers();
    fastify.addContentTypeParser('*', (_request, _payload, done) => done(null));
  }
}
