import { ensureTopics as ensure } from '@earshot/platform/kafka';

/** Creates the topics of the one topics table that are missing. Returns the names of those it created. */
export const ensureTopics = async (brokers: string, env: NodeJS.ProcessEnv): Promise<readonly string[]> => {
  const namespace = env['TOPIC_NAMESPACE'] ?? 'earshot';
  const { created } = await ensure({ brokers: brokers.split(','), namespace });
  return created;
};
