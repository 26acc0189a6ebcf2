export { callUnary, createGrpcClient } from './client.js';
export { GrpcError, isUnavailable } from './errors.js';
export { startGrpcServer, unary, type GrpcServerOptions, type GrpcService } from './server.js';
export { status as grpcStatus } from '@grpc/grpc-js';
