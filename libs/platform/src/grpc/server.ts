import {
  Server,
  ServerCredentials,
  status,
  type handleUnaryCall,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Logger } from '../telemetry/index.js';
import { GrpcError } from './errors.js';

export interface GrpcService {
  /** The generated `XxxServiceService`. */
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
}

export interface GrpcServerOptions {
  /** Default: all interfaces. */
  readonly host?: string;
  /** 0: the system chooses. */
  readonly port: number;
  readonly services: readonly GrpcService[];
  readonly logger: Logger;
  readonly maxMessageBytes?: number;
}

const DRAIN_MS = 3_000;

/** Serves the services without TLS: the network in front of it decides who may call. */
export const startGrpcServer = async (
  options: GrpcServerOptions,
): Promise<{ readonly port: number; stop(): Promise<void> }> => {
  const maxMessageBytes = options.maxMessageBytes ?? 4 * 1024 * 1024;
  const server = new Server({
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.max_send_message_length': maxMessageBytes,
    'grpc.keepalive_time_ms': 30_000,
    'grpc.http2.min_ping_interval_without_data_ms': 10_000,
  });
  for (const { definition, implementation } of options.services) server.addService(definition, implementation);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(
      `${options.host ?? '0.0.0.0'}:${options.port}`,
      ServerCredentials.createInsecure(),
      (error, bound) => {
        if (error === null) resolve(bound);
        else reject(new Error(`gRPC can't listen on port ${options.port}: ${error.message}`, { cause: error }));
      },
    );
  });
  options.logger.info({ port }, 'gRPC listens');
  return {
    port,
    stop: () =>
      new Promise((resolve) => {
        const timer = setTimeout(() => {
          server.forceShutdown();
          resolve();
        }, DRAIN_MS);
        server.tryShutdown(() => {
          clearTimeout(timer);
          resolve();
        });
      }),
  };
};

/** A unary handler from an async function: a thrown `GrpcError` becomes its status, anything else INTERNAL. */
export const unary =
  <Q, R>(handler: (request: Q) => Promise<R>): handleUnaryCall<Q, R> =>
  (call, callback) => {
    handler(call.request).then(
      (response) => callback(null, response),
      (error: unknown) => {
        if (error instanceof GrpcError) callback({ code: error.code, details: error.message });
        else callback({ code: status.INTERNAL, details: error instanceof Error ? error.message : String(error) });
      },
    );
  };
