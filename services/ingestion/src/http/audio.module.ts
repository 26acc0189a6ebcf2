import { Inject, Module, type DynamicModule, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { AUDIO_DOOR, AudioController, type AudioDoor } from './audio.controller.js';

interface ContentTypeParsers {
  removeAllContentTypeParsers(): void;
  addContentTypeParser(
    type: string,
    parser: (request: unknown, payload: unknown, done: (error: null) => void) => void,
  ): void;
}

/** The HTTP door. Bodies of whatever type stay unread until the sender is known: no parser touches them. */
@Module({ controllers: [AudioController] })
export class AudioModule implements OnModuleInit {
  constructor(@Inject(HttpAdapterHost) private readonly host: HttpAdapterHost) {}

  static of(door: AudioDoor): DynamicModule {
    return { module: AudioModule, providers: [{ provide: AUDIO_DOOR, useValue: door }] };
  }

  onModuleInit(): void {
    const fastify = this.host.httpAdapter.getInstance<ContentTypeParsers>();
    fastify.removeAllContentTypeParsers();
    fastify.addContentTypeParser('*', (_request, _payload, done) => done(null));
  }
}
