/** One event to judge: its facts, its sound, and what can be said of it. */
import { useEffect, useRef, useState } from 'react';
import type { QueueItem, ReviewBody, ReviewMark, SoundEvent } from '../api/types.js';
import { formatDuration, formatLabel, formatPercent } from '../lib/format.js';
import { Link } from '../router.js';
import { sensorAddress } from '../routes.js';
import { useSession } from '../session.js';
import { Badge } from '../ui/badge.js';
import { Moment } from '../ui/moment.js';
import { useClip } from './clip-audio.js';
import { ClipView } from './clip-view.js';
import { LabelPicker } from './label-picker.js';
import { actionOfKey, markText, markTone, type ReviewAction } from './verdict-text.js';

interface ReviewPanelProps {
  readonly event: SoundEvent;
  /** Where it comes from the queue. */
  readonly item?: QueueItem | undefined;
  readonly mark: ReviewMark | null;
  readonly labels: readonly string[];
  readonly nowMs: number;
  readonly onReview: (body: ReviewBody) => void;
  readonly onSkip?: () => void;
  readonly onUndo?: () => void;
  /** Keys of the whole page are ours. */
  readonly hasKeys: boolean;
  readonly autoPlay: boolean;
}

export function ReviewPanel(props: ReviewPanelProps) {
  const { event, item, mark, labels, nowMs, onReview, onSkip, onUndo, hasKeys, autoPlay } = props;
  const { client, store } = useSession();
  const clip = useClip(client, event.id, autoPlay);
  const [isPicking, setPicking] = useState(false);
  const [note, setNote] = useState('');
  const noteField = useRef<HTMLInputElement>(null);
  const say = (body: Omit<ReviewBody, 'note'>): void => {
    setPicking(false);
    onReview({ ...body, note: note.trim() });
  };
  const act = (action: ReviewAction): void => {
    if (action === 'play') clip.toggle();
    else if (action === 'other') setPicking(true);
    else if (action === 'note') noteField.current?.focus();
    else if (action === 'skip') onSkip?.();
    else if (action === 'undo') onUndo?.();
    else say({ verdict: action });
  };
  const actRef = useRef(act);
  useEffect(() => {
    actRef.current = act;
  });
  useEffect(() => {
    if (!hasKeys) return;
    const onKey = (key: KeyboardEvent): void => {
      const action = key.repeat ? null : actionOfKey(key);
      if (action === null) return;
      key.preventDefault();
      actRef.current(action);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [hasKeys]);

  const sensorName = store.sensors.get(event.sensorId)?.name ?? event.sensorId;
  const shortcut = (key: string) => (hasKeys ? <kbd>{key}</kbd> : null);
  return (
    <div className="review" data-testid="review-panel" data-event-id={event.id} data-label-name={event.label}>
      <div className="review__head">
        <p className="review__claim">
          <span className="muted">Is this</span> <strong>{formatLabel(event.label)}</strong>?
        </p>
        {mark === null ? null : <Badge tone={markTone(mark)}>{markText(mark)}</Badge>}
      </div>
      <p className="review__facts muted">
        <Link to={sensorAddress(event.sensorId)}>{sensorName}</Link>
        <Moment time={event.onset} nowMs={nowMs} />
        <span>{formatDuration(event.durationS)}</span>
        <span>
          confidence {formatPercent(event.confidence)}
          {item === undefined ? '' : ` (tells from ${formatPercent(item.threshold)})`}
        </span>
      </p>
      <ClipView state={clip} {...(hasKeys ? { shortcut: 'Space' } : {})} />
      {isPicking ? (
        <LabelPicker
          labels={labels.filter((label) => label !== event.label)}
          onPick={(label) => say({ verdict: 'other_label', label })}
          onCancel={() => setPicking(false)}
        />
      ) : (
        <div className="review__verdicts">
          <button type="button" className="button verdict verdict--right" onClick={() => say({ verdict: 'right' })}>
            Right {shortcut('R')}
          </button>
          <button type="button" className="button verdict verdict--wrong" onClick={() => say({ verdict: 'wrong' })}>
            Wrong {shortcut('W')}
          </button>
          <button type="button" className="button verdict" aria-expanded={false} onClick={() => setPicking(true)}>
            Other label… {shortcut('O')}
          </button>
        </div>
      )}
      <div className="review__foot">
        <input
          ref={noteField}
          className="input"
          aria-label="Note"
          placeholder={hasKeys ? 'Note (N)' : 'Note'}
          maxLength={2000}
          value={note}
          onChange={(change) => setNote(change.target.value)}
          onKeyDown={(key) => {
            if (key.key === 'Enter' || (key.key === 'Escape' && hasKeys)) key.currentTarget.blur();
          }}
        />
        {onSkip === undefined ? null : (
          <button type="button" className="button button--quiet" onClick={onSkip}>
            Skip {shortcut('S')}
          </button>
        )}
      </div>
    </div>
  );
}
