import { ModelRoles } from '@earshot/contracts';
import type { IncomingRecord, TopicView } from '../kafka/index.js';

/** A picture as it stands in the topic; kafkaOffset orders what was written at the same time. */
export interface StoredPicture {
  readonly message: ModelRoles;
  readonly kafkaOffset: number;
}

/** The ledger of roles as a view of its topic holds it; see `decodePicture`. */
export type LedgerView = Pick<TopicView<StoredPicture>, 'entries' | 'ready' | 'isReady'>;

export const decodePicture = ({ value, kafkaOffset }: IncomingRecord): StoredPicture | null =>
  value === null ? null : { message: ModelRoles.decode(value), kafkaOffset };

/** By revision. Of two pictures with one revision the one that was written first counts. */
export const countedPictures = (
  view: Pick<LedgerView, 'entries'>,
): ReadonlyMap<number, StoredPicture & { readonly key: string }> => {
  const first = new Map<number, StoredPicture & { readonly key: string }>();
  for (const [key, stored] of view.entries()) {
    const other = first.get(stored.message.revision);
    if (other === undefined || stored.kafkaOffset < other.kafkaOffset)
      first.set(stored.message.revision, { ...stored, key });
  }
  return first;
};

/** Oldest first. */
export const orderedPictures = (view: Pick<LedgerView, 'entries'>): readonly ModelRoles[] =>
  [...countedPictures(view).values()].map(({ message }) => message).sort((a, b) => a.revision - b.revision);
