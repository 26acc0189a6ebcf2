import { useState } from 'react';
import type { SoundEvent } from '../api/types.js';
import { formatLabel } from '../lib/format.js';
import { useReviewMark } from '../session.js';
import { Badge } from '../ui/badge.js';
import { ReviewDialog } from './review-dialog.js';
import { markText, markTone } from './verdict-text.js';

/** In a row of a list: what was said of the event, or how to say it. */
export function ReviewCell({ event }: { readonly event: SoundEvent }) {
  const mark = useReviewMark(event);
  const [isOpen, setOpen] = useState(false);
  if (event.phase !== 'close') return null;
  const name = `${mark === null ? 'Review' : markText(mark)}: ${formatLabel(event.label)}`;
  return (
    <>
      <button
        type="button"
        className="review-cell"
        aria-label={name}
        data-testid="review-open"
        data-verdict={mark?.verdict ?? ''}
        onClick={() => setOpen(true)}
      >
        {mark === null ? (
          <span className="review-cell__ask">Review</span>
        ) : (
          <Badge tone={markTone(mark)}>{markText(mark)}</Badge>
        )}
      </button>
      {isOpen ? <ReviewDialog event={event} onClose={() => setOpen(false)} /> : null}
    </>
  );
}
