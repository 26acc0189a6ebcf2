import type { SubmitEvent } from 'react';
import { useState } from 'react';
import { errorText } from '../../api/client.js';
import { viewerTimeZone } from '../../lib/time.js';
import { useSession } from '../../session.js';
import { Dialog } from '../../ui/dialog.js';
import { Field } from '../../ui/field.js';
import type { CalibrationDraft, CalibrationProblems } from './calibration-text.js';
import { calibrationProblems, toNewCalibration } from './calibration-text.js';

interface AddCalibrationDialogProps {
  readonly id: string;
  readonly onClose: () => void;
  readonly onAdded: () => void;
}

const EMPTY: CalibrationDraft = {
  quantity: 'fullScale',
  value: '',
  start: 'now',
  time: '',
  performedBy: '',
  note: '',
};

/** A calibration by hand: the full-scale level or the microphone's sensitivity, from a time on. */
export function AddCalibrationDialog({ id, onClose, onAdded }: AddCalibrationDialogProps) {
  const { client } = useSession();
  const [draft, setDraft] = useState(EMPTY);
  const [problems, setProblems] = useState<CalibrationProblems>({});
  const [saving, setSaving] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const change = (changes: Partial<CalibrationDraft>): void => {
    setDraft({ ...draft, ...changes });
    setProblems({});
  };

  const add = async (event: SubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const found = calibrationProblems(draft, Date.now());
    setProblems(found);
    if (Object.keys(found).length > 0) return;
    setSaving(true);
    try {
      await client.addCalibration(id, toNewCalibration(draft));
      onAdded();
      onClose();
    } catch (error) {
      setFailure(error);
      setSaving(false);
    }
  };

  const isSensitivity = draft.quantity === 'sensitivity';
  return (
    <Dialog title="Enter a calibration" onClose={onClose}>
      <form className="form" noValidate onSubmit={(event) => void add(event)}>
        <div className="form__row">
          <Field label="Quantity">
            {(fieldId) => (
              <select
                id={fieldId}
                className="input"
                value={draft.quantity}
                onChange={(event) => change({ quantity: event.target.value as CalibrationDraft['quantity'] })}
              >
                <option value="fullScale">Full scale, dB SPL</option>
                <option value="sensitivity">Sensitivity, dBFS</option>
              </select>
            )}
          </Field>
          <Input
            label={isSensitivity ? 'dBFS at 94 dB SPL' : 'dB SPL of full-scale RMS'}
            hint={isSensitivity ? 'From the data sheet, e.g. −26' : 'e.g. 120'}
            error={problems.value}
            inputMode="decimal"
            value={draft.value}
            change={(value) => change({ value })}
          />
        </div>
        <div className="form__row">
          <Field label="In force" hint="Stored levels since then are shifted">
            {(fieldId, describedBy) => (
              <select
                id={fieldId}
                className="input"
                value={draft.start}
                aria-describedby={describedBy}
                onChange={(event) => change({ start: event.target.value as CalibrationDraft['start'] })}
              >
                <option value="now">From now on</option>
                <option value="time">From a time on</option>
                <option value="beginning">From the beginning</option>
              </select>
            )}
          </Field>
          {draft.start === 'time' ? (
            <Input
              label="Since"
              hint={viewerTimeZone()}
              error={problems.time}
              type="datetime-local"
              value={draft.time}
              change={(time) => change({ time })}
            />
          ) : null}
        </div>
        <Input
          label="Performed by (optional)"
          value={draft.performedBy}
          change={(performedBy) => change({ performedBy })}
        />
        <Input label="Note (optional)" value={draft.note} change={(note) => change({ note })} />
        {failure === null ? null : (
          <p className="form__error" role="alert">
            {errorText(failure)}
          </p>
        )}
        <div className="form__actions">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button button--primary" disabled={saving}>
            {saving ? 'Adding…' : 'Add calibration'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

interface InputProps {
  readonly label: string;
  readonly hint?: string;
  readonly error?: string | undefined;
  readonly type?: 'text' | 'datetime-local';
  readonly inputMode?: 'text' | 'decimal';
  readonly value: string;
  readonly change: (value: string) => void;
}

function Input({ label, hint, error, type = 'text', inputMode = 'text', value, change }: InputProps) {
  return (
    <Field label={label} error={error ?? null} {...(hint === undefined ? {} : { hint })}>
      {(id, describedBy) => (
        <input
          id={id}
          className="input"
          type={type}
          inputMode={inputMode}
          maxLength={200}
          autoComplete="off"
          value={value}
          aria-describedby={describedBy}
          aria-invalid={error !== undefined}
          onChange={(event) => change(event.target.value)}
        />
      )}
    </Field>
  );
}
