/** The ledger of calibrations of one sensor, and how to add to it. */
import { useState } from 'react';
import type { Calibration } from '../../api/types.js';
import { formatDb } from '../../lib/format.js';
import { formatClock } from '../../lib/time.js';
import { useSession } from '../../session.js';
import { Badge } from '../../ui/badge.js';
import { Moment } from '../../ui/moment.js';
import { EmptyNote, ErrorNote, LoadingRows } from '../../ui/states.js';
import { useNow } from '../../ui/use-now.js';
import { useResource } from '../../ui/use-resource.js';
import { AddCalibrationDialog } from './add-calibration-dialog.js';
import { ArmCalibrationDialog } from './arm-calibration-dialog.js';
import { driftText, methodText } from './calibration-text.js';

type Open = 'add' | 'arm' | null;

interface Armed {
  readonly untilMs: number;
  readonly levelDb: number;
  /** Highest version when it was armed: a higher one ends the waiting. */
  readonly version: number;
}

const REFRESH_MS = 30_000;
const ARMED_REFRESH_MS = 3_000;

export function CalibrationPanel({ id }: { readonly id: string }) {
  const { client } = useSession();
  const [open, setOpen] = useState<Open>(null);
  const [armed, setArmed] = useState<Armed | null>(null);
  const nowMs = useNow(1000);
  const waiting = armed !== null && armed.untilMs > nowMs;
  const { data, error, reload } = useResource(
    `calibrations ${id}`,
    (signal) => client.calibrations(id, signal),
    waiting ? ARMED_REFRESH_MS : REFRESH_MS,
  );
  const items = data?.items ?? [];
  const newest = items[0]?.version ?? 0;
  const close = (): void => setOpen(null);
  return (
    <section className="panel" aria-labelledby="calibration-title" data-testid="calibration-panel">
      <div className="panel__head">
        <h2 id="calibration-title">Calibration</h2>
        <div className="calibration__tools">
          <button type="button" className="button" onClick={() => setOpen('arm')}>
            Listen for a calibrator
          </button>
          <button type="button" className="button" onClick={() => setOpen('add')}>
            Enter by hand
          </button>
        </div>
      </div>
      <p className="calibration__state" role="status">
        {armed === null ? null : <ArmedText armed={armed} waiting={waiting} heard={newest > armed.version} />}
      </p>
      {data === null && error !== null ? <ErrorNote error={error} retry={reload} /> : null}
      {data === null && error === null ? <LoadingRows rows={2} label="Loading calibrations" /> : null}
      {data === null ? null : <Ledger items={items} nowMs={nowMs} />}
      {open === 'add' ? <AddCalibrationDialog id={id} onClose={close} onAdded={reload} /> : null}
      {open === 'arm' ? (
        <ArmCalibrationDialog
          id={id}
          onClose={close}
          onArmed={(levelDb, untilMs) => setArmed({ levelDb, untilMs, version: newest })}
        />
      ) : null}
    </section>
  );
}

interface ArmedTextProps {
  readonly armed: Armed;
  readonly waiting: boolean;
  readonly heard: boolean;
}

function ArmedText({ armed, waiting, heard }: ArmedTextProps) {
  if (heard) return <Badge tone="ok">Calibrator heard: a calibration was added</Badge>;
  if (!waiting) return <Badge tone="warning">No steady {armed.levelDb} dB tone was heard</Badge>;
  return (
    <Badge tone="accent">
      Listening for {armed.levelDb} dB at 1 kHz until {formatClock(armed.untilMs)}
    </Badge>
  );
}

function Ledger({ items, nowMs }: { readonly items: readonly Calibration[]; readonly nowMs: number }) {
  if (items.length === 0) {
    return (
      <EmptyNote title="Never calibrated">
        <p className="muted">
          Its levels are dB re full scale. A calibration that comes later shifts the stored ones too.
        </p>
      </EmptyNote>
    );
  }
  return (
    <ul className="rows" role="list">
      {items.map((item) => (
        <LedgerRow key={item.id} item={item} nowMs={nowMs} />
      ))}
    </ul>
  );
}

function LedgerRow({ item, nowMs }: { readonly item: Calibration; readonly nowMs: number }) {
  const drift = driftText(item.driftDb);
  return (
    <li className="row" data-testid="calibration-row" data-calibration-id={item.id}>
      <div className="row__main">
        <strong>{formatDb(item.fullScaleDb, 2)} dB SPL</strong>
        {item.inForce ? <Badge tone="ok">In force</Badge> : null}
        {item.driftAlarm ? <Badge tone="critical">Drift alarm</Badge> : null}
        <span>{methodText(item)}</span>
        <span className="row__time muted">
          {item.effectiveFrom === null ? (
            'from the beginning'
          ) : (
            <>
              from <Moment time={item.effectiveFrom} nowMs={nowMs} />
            </>
          )}
        </span>
      </div>
      <p className="row__detail muted">
        <span>
          {item.previousFullScaleDb === null
            ? 'None before it'
            : `Before ${formatDb(item.previousFullScaleDb, 2)} dB SPL, drift ${drift}`}
        </span>
        <span>{item.performedBy === '' ? 'By nobody named' : `By ${item.performedBy}`}</span>
        <span>
          Added <Moment time={item.createdAt} nowMs={nowMs} />
        </span>
        {item.note === '' ? null : <span className="calibration__note">{item.note}</span>}
      </p>
    </li>
  );
}
