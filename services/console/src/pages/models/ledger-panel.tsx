import type { ModelRoles } from '../../api/types.js';
import { Moment } from '../../ui/moment.js';
import { EmptyNote, ErrorNote, LoadingRows } from '../../ui/states.js';
import type { Resource } from '../../ui/use-resource.js';
import { changesOf } from './model-text.js';

interface LedgerPanelProps {
  /** Newest first. */
  readonly ledger: Resource<readonly ModelRoles[]>;
  readonly nowMs: number;
}

/** Who changed which roles when, newest first. */
export function LedgerPanel({ ledger, nowMs }: LedgerPanelProps) {
  const pictures = ledger.data;
  return (
    <section className="panel" aria-labelledby="ledger-title">
      <div className="panel__head">
        <h2 id="ledger-title">Changes</h2>
      </div>
      {ledger.error === null ? null : <ErrorNote error={ledger.error} retry={ledger.reload} />}
      {pictures === null ? (
        ledger.loading ? (
          <LoadingRows rows={3} label="Loading changes" />
        ) : null
      ) : pictures.length === 0 ? (
        <EmptyNote title="No change yet" />
      ) : (
        <ul className="rows" role="list">
          {pictures.map((picture, index) => (
            <li key={picture.revision} className="row" data-testid="ledger-row" data-action={picture.action}>
              <div className="row__main">
                <span className="row__text">
                  {changesOf(picture, pictures[index + 1]).map((change) => (
                    <span key={change} className="ledger__change">
                      {change}
                    </span>
                  ))}
                </span>
                <span className="row__time muted">
                  {picture.effectiveFrom === null ? (
                    'from the beginning'
                  ) : (
                    <Moment time={picture.effectiveFrom} nowMs={nowMs} />
                  )}
                </span>
              </div>
              <p className="row__detail muted">
                <span>{picture.action}</span>
                {picture.performedBy === '' ? null : <span>by {picture.performedBy}</span>}
                {picture.note === '' ? null : <span>{picture.note}</span>}
              </p>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
