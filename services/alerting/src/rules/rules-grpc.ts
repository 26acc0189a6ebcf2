import type { RulesServiceServer } from '@earshot/contracts';
import { GrpcError, grpcStatus, unary } from '@earshot/platform/grpc';
import { KafkaUnavailableError } from '@earshot/platform/kafka';
import type { RuleResult, RuleStore } from './rule-store.js';

/** The value, or the refusal as a gRPC status. Kafka away: UNAVAILABLE, the change may be there all the same. */
const answered = async <T>(result: Promise<RuleResult<T>>): Promise<T> => {
  let settled: RuleResult<T>;
  try {
    settled = await result;
  } catch (error) {
    if (!(error instanceof KafkaUnavailableError)) throw error;
    throw new GrpcError(
      grpcStatus.UNAVAILABLE,
      'Kafka did not acknowledge the change in time; look before trying again',
    );
  }
  if (!settled.ok) throw new GrpcError(grpcStatus[settled.code], settled.message);
  return settled.value;
};

export const createRulesGrpc = (store: RuleStore): RulesServiceServer => ({
  putRule: unary(async ({ rule }) => {
    if (rule === undefined) throw new GrpcError(grpcStatus.INVALID_ARGUMENT, 'rule is missing');
    return { rule: await answered(store.put(rule)) };
  }),
  deleteRule: unary(async ({ tenantId, ruleId }) => {
    await answered(store.delete(tenantId, ruleId));
    return {};
  }),
  listRules: unary(({ tenantId }) => Promise.resolve({ rules: [...store.list(tenantId)] })),
});
