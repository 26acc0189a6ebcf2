import { UserError } from '../process/wait.js';

/** Creates the topics of the one topics table that are missing. Returns the names of those it created. */
export const ensureTopics = async (brokers: string, env: NodeJS.ProcessEnv): Promise<readonly string[]> => {
  const namespace = env['TOPIC_NAMESPACE'] ?? 'earshot';
  const platform = await import('@earshot/platform/kafka').catch((error: unknown) => {
    throw new UserError(
      `The topics cannot be created: @earshot/platform/kafka is not built (npm run build). ${String(error)}`,
    );
  });
  const { created } = await platform.ensureTopics({ brokers: brokers.split(','), namespace });
  return created;
};
