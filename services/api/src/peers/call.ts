import type { CallOptions, ClientUnaryCall, Metadata, ServiceError } from '@grpc/grpc-js';
import { callUnary } from '@earshot/platform/grpc';

type Unary<Q, R> = (
  request: Q,
  metadata: Metadata,
  options: Partial<CallOptions>,
  callback: (error: ServiceError | null, response: R) => void,
) => ClientUnaryCall;

type RequestOf<M> = M extends Unary<infer Q, infer _> ? Q : never;
type ResponseOf<M> = M extends Unary<infer _, infer R> ? R : never;

/** Calls one unary RPC of a generated client by its name. @throws GrpcError */
export const call = <C, N extends keyof C>(
  client: C,
  method: N,
  request: RequestOf<C[N]>,
  options: { readonly deadlineMs?: number } = {},
): Promise<ResponseOf<C[N]>> =>
  callUnary(client, (one) => one[method] as Unary<RequestOf<C[N]>, ResponseOf<C[N]>>, request, options);
