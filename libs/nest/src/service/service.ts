import type { Kafka, RecordProducer } from '@earshot/platform/kafka';
import type { Logger, Registry } from '@earshot/platform/telemetry';
import type { BaseConfig } from '../config/index.js';

/**
 * How a service starts and ends. Every service is a NestJS application with a health server; what it does is given as
 * parts that start in order and stop in reverse order on SIGTERM or SIGINT.
 */
export interface ServicePart {
  readonly name: string;
  start(): Promise<void>;
  /** Finishes what is under way (drain), then closes. Called once. */
  stop(): Promise<void>;
  /** False or a reason while it can't accept work (a dependency is down, views are loading). */
  ready?(): boolean | string;
  /** A reason when it is stuck and only a restart helps. */
  stuck?(): string | undefined;
  /** Backlog, for /health/status. */
  lag?(): { readonly records: number; readonly seconds: number } | undefined;
}

/** What every service has in hand. */
export interface ServiceContext {
  readonly kafka: Kafka;
  /** The one producer of the service; connected on first use, waits until a broker answers. */
  producer(): Promise<RecordProducer>;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly namespace: string;
  readonly config: BaseConfig;
}
