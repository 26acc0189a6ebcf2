import { useEffect, useState } from 'react';
import { errorText } from '../../api/client.js';
import type { QueueItem, ReviewBody } from '../../api/types.js';
import { formatCount, formatLabel } from '../../lib/format.js';
import { ReviewPanel } from '../../review/review-panel.js';
import { useLabels } from '../../review/use-labels.js';
import { markOf, SHORTCUTS } from '../../review/verdict-text.js';
import { useReviewMark, useSession } from '../../session.js';
import { usePageTitle } from '../../ui/page-title.js';
import { SensorSelect } from '../../ui/sensor-select.js';
import { EmptyNote, ErrorNote, LoadingRows } from '../../ui/states.js';
import { useMedia } from '../../ui/use-media.js';
import { useNow } from '../../ui/use-now.js';
import { useResource } from '../../ui/use-resource.js';
import { PrecisionPanel } from './precision-panel.js';
import type { QueueState } from './queue-state.js';
import { EMPTY_QUEUE, FEW_LEFT, fillQueue, passQueue, returnToQueue, undoQueue } from './queue-state.js';

const HOUR_MS = 3_600_000;
const RANGES = [
  { name: '2h', title: 'Last 2 hours', spanMs: 2 * HOUR_MS },
  { name: '24h', title: 'Last 24 hours', spanMs: 24 * HOUR_MS },
  { name: '7d', title: 'Last 7 days', spanMs: 7 * 24 * HOUR_MS },
] as const;
const ASKED = 50;

interface Failure {
  readonly item: QueueItem;
  readonly error: unknown;
}

/** One event after the other, what teaches most first, with the keyboard. */
export function ReviewPage() {
  usePageTitle('Review');
  const [sensorId, setSensorId] = useState('');
  const [range, setRange] = useState<(typeof RANGES)[number]['name']>('2h');
  return (
    <div className="page" data-testid="review-page">
      <div className="page__head">
        <h1>Review</h1>
        <div className="toolbar">
          <label>
            <span className="visually-hidden">Sensor</span>
            <SensorSelect id="review-sensor" value={sensorId} onChange={setSensorId} />
          </label>
          <div className="segments" role="group" aria-label="Events of">
            {RANGES.map(({ name, title }) => (
              <button
                key={name}
                type="button"
                className="segment"
                aria-pressed={range === name}
                title={name === '2h' ? undefined : 'Sound that was not kept is gone after about two hours'}
                onClick={() => setRange(name)}
              >
                {title}
              </button>
            ))}
          </div>
        </div>
      </div>
      <Queue key={`${sensorId} ${range}`} sensorId={sensorId} range={range} />
    </div>
  );
}

function Queue({ sensorId, range }: { readonly sensorId: string; readonly range: string }) {
  const { client, marks } = useSession();
  const nowMs = useNow(5000);
  const labels = useLabels();
  const hasKeyboard = useMedia('(min-width: 701px) and (hover: hover)');
  const [queue, setQueue] = useState<QueueState>(EMPTY_QUEUE);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [autoPlay, setAutoPlay] = useState(true);
  const [said, setSaid] = useState(0);

  const asked = useResource(`queue ${sensorId} ${range}`, async (signal) => {
    const spanMs = RANGES.find(({ name }) => name === range)?.spanMs ?? HOUR_MS;
    const from = new Date(Date.now() - spanMs).toISOString();
    const answer = await client.reviewQueue({ sensorId, from, limit: ASKED }, signal);
    setQueue((before) => fillQueue(before, answer.items));
    return answer;
  });
  const summary = useResource(`summary ${sensorId}`, (signal) => client.reviewSummary({ sensorId }, signal), 15_000);

  const { reload } = asked;
  const isShort = queue.past.length > 0 && queue.items.length === FEW_LEFT;
  useEffect(() => {
    if (isShort) reload();
  }, [isShort, reload]);
  // The sink stores a review within a second.
  const { reload: reloadSummary } = summary;
  useEffect(() => {
    if (said === 0) return;
    const timer = window.setTimeout(reloadSummary, 1500);
    return () => window.clearTimeout(timer);
  }, [said, reloadSummary]);

  const item = queue.items[0];
  const save = async (reviewed: QueueItem, body: ReviewBody): Promise<void> => {
    const { event } = reviewed;
    const before = marks.of(event);
    marks.set(event.id, markOf(body, event.label));
    setQueue((state) => passQueue(state, true));
    try {
      await client.putReview(event.id, body);
      setSaid((count) => count + 1);
    } catch (error) {
      marks.set(event.id, before);
      setFailure({ item: reviewed, error });
      setQueue((state) => returnToQueue(state, event.id));
    }
  };
  const undo = async (): Promise<void> => {
    const last = queue.past.at(-1);
    if (last === undefined) return;
    setQueue(undoQueue);
    if (!last.isReviewed) return;
    try {
      await client.deleteReview(last.item.event.id);
      marks.set(last.item.event.id, null);
      setSaid((count) => count + 1);
    } catch (error) {
      setFailure({ item: last.item, error });
    }
  };

  const reviewed = queue.past.filter(({ isReviewed }) => isReviewed).length;
  const left = Math.max(0, (asked.data?.unreviewed ?? 0) - reviewed);
  return (
    <div className="columns">
      <section className="panel" aria-label="Event to review">
        <div className="panel__head">
          <h2>{asked.data === null ? 'Events to review' : `${formatCount(left, 'event')} to review`}</h2>
          <label className="check">
            <input type="checkbox" checked={autoPlay} onChange={(change) => setAutoPlay(change.target.checked)} />
            Play at once
          </label>
        </div>
        {failure === null ? null : (
          <p className="form__error review__failure" role="alert">
            {formatLabel(failure.item.event.label)} was not saved: {errorText(failure.error)}
          </p>
        )}
        {asked.error !== null && item === undefined ? <ErrorNote error={asked.error} retry={asked.reload} /> : null}
        {item === undefined ? (
          asked.loading ? (
            <LoadingRows rows={5} label="Loading events" />
          ) : asked.error === null ? (
            <EmptyNote title="Nothing is left to review here">
              <p>New events appear as they close.</p>
              <button type="button" className="button" onClick={asked.reload}>
                Look again
              </button>
            </EmptyNote>
          ) : null
        ) : (
          <CurrentItem
            key={item.event.id}
            {...{ item, labels, nowMs, autoPlay }}
            hasKeys={hasKeyboard}
            onReview={(body) => {
              setFailure(null);
              void save(item, body);
            }}
            onSkip={() => setQueue((state) => passQueue(state, false))}
            onUndo={() => void undo()}
          />
        )}
        <div className="panel__foot review__past">
          <span className="muted small" role="status">
            {reviewed === 0 ? 'What you say trains the next model.' : `${formatCount(reviewed, 'event')} reviewed`}
          </span>
          <button
            type="button"
            className="button button--quiet"
            disabled={queue.past.length === 0}
            onClick={() => void undo()}
          >
            Undo {hasKeyboard ? <kbd>U</kbd> : null}
          </button>
        </div>
      </section>
      <div className="review__side">
        <PrecisionPanel summary={summary} />
        {hasKeyboard ? (
          <section className="panel" aria-labelledby="keys-title">
            <div className="panel__head">
              <h2 id="keys-title">Keys</h2>
            </div>
            <dl className="keys">
              {SHORTCUTS.map(([key, does]) => (
                <div key={key}>
                  <dt>
                    <kbd>{key}</kbd>
                  </dt>
                  <dd>{does}</dd>
                </div>
              ))}
            </dl>
          </section>
        ) : null}
      </div>
    </div>
  );
}

type CurrentItemProps = Omit<Parameters<typeof ReviewPanel>[0], 'event' | 'mark' | 'item'> & {
  readonly item: QueueItem;
};

function CurrentItem({ item, ...rest }: CurrentItemProps) {
  return <ReviewPanel event={item.event} item={item} mark={useReviewMark(item.event)} {...rest} />;
}
