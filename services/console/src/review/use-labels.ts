import { useSession } from '../session.js';
import { useResource } from '../ui/use-resource.js';

/** All labels that models know, in order. */
export function useLabels(): readonly string[] {
  const { client } = useSession();
  const models = useResource('models', (signal) => client.models(signal));
  return [...new Set((models.data?.items ?? []).flatMap(({ labels }) => labels))].sort();
}
