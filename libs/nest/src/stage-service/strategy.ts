import type { StageRunner } from '@earshot/platform/stage-runner';
import { Server, type CustomTransportStrategy } from '@nestjs/microservices';

/** NestJS transport strategy: a microservice whose one message source is a stage runner. */
export class StageTransportStrategy<S, I, O> extends Server implements CustomTransportStrategy {
  constructor(private readonly runner: StageRunner<S, I, O>) {
    super();
  }

  listen(callback: (error?: unknown) => void): void {
    this.runner.start().then(() => callback(), callback);
  }

  close(): Promise<void> {
    return this.runner.stop();
  }

  /** The runner calls its stage itself: there are no client events. */
  on(): this {
    return this;
  }

  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the signature is Nest's
  unwrap<T>(): T {
    return this.runner as unknown as T;
  }
}
