import { useState } from 'react';
import { errorText } from '../api/client.js';
import type { ReviewBody, SoundEvent } from '../api/types.js';
import { useReviewMark, useSession } from '../session.js';
import { Dialog } from '../ui/dialog.js';
import { useNow } from '../ui/use-now.js';
import { ReviewPanel } from './review-panel.js';
import { useLabels } from './use-labels.js';

/** One event of a list, to hear and to judge. */
export function ReviewDialog({ event, onClose }: { readonly event: SoundEvent; readonly onClose: () => void }) {
  const { client, marks } = useSession();
  const mark = useReviewMark(event);
  const labels = useLabels();
  const nowMs = useNow(5000);
  const [failure, setFailure] = useState<unknown>(null);
  const [missing, setMissing] = useState<string | null>(null);

  const save = async (body: ReviewBody): Promise<void> => {
    setFailure(null);
    try {
      const saved = await client.putReview(event.id, body);
      marks.set(event.id, { verdict: saved.verdict, label: saved.label, reviewer: saved.reviewer });
      if (saved.clipMissing === null) onClose();
      else setMissing(saved.clipMissing);
    } catch (error) {
      setFailure(error);
    }
  };
  const withdraw = async (): Promise<void> => {
    setFailure(null);
    try {
      await client.deleteReview(event.id);
      marks.set(event.id, null);
      onClose();
    } catch (error) {
      setFailure(error);
    }
  };

  return (
    <Dialog title="Review event" onClose={onClose}>
      <div className="form">
        <ReviewPanel
          {...{ event, mark, labels, nowMs }}
          hasKeys={false}
          autoPlay={false}
          onReview={(body) => void save(body)}
        />
        {missing === null ? null : (
          <p className="field__hint" role="status">
            Saved, without the sound: {missing}.
          </p>
        )}
        {failure === null ? null : (
          <p className="form__error" role="alert">
            {errorText(failure)}
          </p>
        )}
        <div className="form__actions">
          {mark === null ? null : (
            <button type="button" className="button button--danger" onClick={() => void withdraw()}>
              Take the review back
            </button>
          )}
          <button type="button" className="button" data-autofocus onClick={onClose}>
            Close
          </button>
        </div>
      </div>
    </Dialog>
  );
}
