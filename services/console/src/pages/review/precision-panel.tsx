import type { ReviewSummary } from '../../api/types.js';
import { formatLabel, formatPercent } from '../../lib/format.js';
import { EmptyNote, ErrorNote, LoadingRows } from '../../ui/states.js';
import type { Resource } from '../../ui/use-resource.js';

/** How often each label was right, over what was reviewed in the last 30 days. */
export function PrecisionPanel({ summary }: { readonly summary: Resource<ReviewSummary> }) {
  const labels = summary.data?.labels ?? [];
  return (
    <section className="panel" aria-labelledby="precision-title">
      <div className="panel__head">
        <h2 id="precision-title">Right so far, last 30 days</h2>
      </div>
      {summary.loading ? <LoadingRows rows={3} label="Loading reviews" /> : null}
      {summary.error !== null && summary.data === null ? (
        <ErrorNote error={summary.error} retry={summary.reload} />
      ) : null}
      {summary.data !== null && labels.length === 0 ? <EmptyNote title="Nothing was reviewed yet" /> : null}
      {labels.length === 0 ? null : (
        <ul className="precision" role="list">
          {labels.map((one) => {
            const judged = one.right + one.wrong + one.otherLabel;
            return (
              <li key={one.label} className="precision__row" data-testid="precision-row" data-label-name={one.label}>
                <span className="precision__label">{formatLabel(one.label)}</span>
                <span className="precision__count">
                  {judged === 0 ? '' : `${one.right} of ${judged} right`}
                  {one.missed === 0 ? '' : `${judged === 0 ? '' : ', '}${one.missed} missed`}
                </span>
                {one.precision === null ? null : (
                  <>
                    <strong className="precision__share">{formatPercent(one.precision)}</strong>
                    <span
                      className="precision__bar"
                      title={`95 % interval ${formatPercent(one.precisionLow ?? 0)} to ${formatPercent(one.precisionHigh ?? 1)}`}
                    >
                      <span
                        className="precision__range"
                        style={{
                          left: `${100 * (one.precisionLow ?? 0)}%`,
                          right: `${100 * (1 - (one.precisionHigh ?? 1))}%`,
                        }}
                      />
                      <span className="precision__mark" style={{ left: `${100 * one.precision}%` }} />
                    </span>
                  </>
                )}
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}
