import {
  credentials,
  Metadata,
  type CallOptions,
  type ChannelCredentials,
  type ClientOptions,
  type ClientUnaryCall,
  type ServiceError,
} from '@grpc/grpc-js';
import { GrpcError } from './errors.js';

type UnaryMethod<Q, R> = (
  request: Q,
  metadata: Metadata,
  options: Partial<CallOptions>,
  callback: (error: ServiceError | null, response: R) => void,
) => ClientUnaryCall;

/** `localhost:50052` or `http://localhost:50052` → a client of a generated class. */
export const createGrpcClient = <C>(
  Client: new (address: string, credentials: ChannelCredentials, options?: Partial<ClientOptions>) => C,
  url: string,
  maxMessageBytes = 4 * 1024 * 1024,
): C =>
  new Client(url.replace(/^[a-z]+:\/\//, ''), credentials.createInsecure(), {
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.max_send_message_length': maxMessageBytes,
    // A callee that was restarted is found again within a second or two.
    'grpc.initial_reconnect_backoff_ms': 200,
    'grpc.max_reconnect_backoff_ms': 2_000,
  });

/** Calls `client.method(request)`; rejects with `GrpcError`. Waits for a connection until the deadline. */
export const callUnary = <C, Q, R>(
  client: C,
  method: (client: C) => UnaryMethod<Q, R>,
  request: Q,
  options: { readonly deadlineMs?: number; readonly metadata?: Readonly<Record<string, string>> } = {},
): Promise<R> =>
  new Promise((resolve, reject) => {
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(options.metadata ?? {})) metadata.set(name, value);
    const deadline = Date.now() + (options.deadlineMs ?? 5_000);
    method(client).call(client, request, metadata, { deadline }, (error, response) => {
      if (error === null) resolve(response);
      else reject(new GrpcError(error.code, error.details));
    });
  });
