import { GrpcError } from '@earshot/platform/grpc';
import { KafkaUnavailableError } from '@earshot/platform/kafka';
import { status } from '@grpc/grpc-js';
import type { Result } from '../registry/result.js';

/** The value, or the refusal as a gRPC status. Kafka away: UNAVAILABLE, the change may be there all the same. */
export const answered = async <T>(result: Result<T> | Promise<Result<T>>): Promise<T> => {
  let settled: Result<T>;
  try {
    settled = await result;
  } catch (error) {
    if (!(error instanceof KafkaUnavailableError)) throw error;
    throw new GrpcError(status.UNAVAILABLE, 'Kafka did not acknowledge the change in time; look before trying again');
  }
  if (!settled.ok) throw new GrpcError(status[settled.code], settled.message);
  return settled.value;
};
