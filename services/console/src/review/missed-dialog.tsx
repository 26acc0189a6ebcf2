import type { SubmitEvent } from 'react';
import { useState } from 'react';
import { errorText } from '../api/client.js';
import { formatLabel } from '../lib/format.js';
import { viewerTimeZone } from '../lib/time.js';
import { useSession } from '../session.js';
import { Dialog } from '../ui/dialog.js';
import { Field } from '../ui/field.js';
import { useLabels } from './use-labels.js';
import { labelOfText } from './verdict-text.js';

interface MissedDialogProps {
  readonly sensorId: string;
  readonly onSaved: () => void;
  readonly onClose: () => void;
}

/** A datetime-local value of an instant, in the viewer's zone, to the second. */
const localText = (atMs: number): string => {
  const shifted = new Date(atMs - new Date(atMs).getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 19);
};

/** "There was a dog at 10:03 that nobody told." */
export function MissedDialog({ sensorId, onSaved, onClose }: MissedDialogProps) {
  const { client } = useSession();
  const labels = useLabels();
  const [label, setLabel] = useState('');
  const [onset, setOnset] = useState(() => localText(Date.now() - 30_000));
  const [seconds, setSeconds] = useState('2');
  const [failure, setFailure] = useState<unknown>(null);
  const [missing, setMissing] = useState<string | null>(null);
  const [isSaving, setSaving] = useState(false);
  const onsetMs = Date.parse(onset);
  const durationS = Number(seconds);
  const isReady = label.trim() !== '' && !Number.isNaN(onsetMs) && durationS > 0 && durationS <= 3600;

  const save = async (): Promise<void> => {
    setFailure(null);
    setSaving(true);
    try {
      const saved = await client.addMissed({
        sensorId,
        label: labelOfText(label, labels),
        onset: new Date(onsetMs).toISOString(),
        offset: new Date(onsetMs + durationS * 1000).toISOString(),
      });
      onSaved();
      if (saved.clipMissing === null) onClose();
      else setMissing(saved.clipMissing);
    } catch (error) {
      setFailure(error);
    }
    setSaving(false);
  };

  return (
    <Dialog title="Tell a missed event" onClose={onClose}>
      <form
        className="form"
        onSubmit={(event: SubmitEvent) => {
          event.preventDefault();
          void save();
        }}
      >
        <Field label="What was it?" hint="One of the model's labels, or any other">
          {(id) => (
            <>
              <input
                id={id}
                className="input"
                list={`${id}-labels`}
                maxLength={100}
                value={label}
                onChange={(event) => setLabel(event.target.value)}
              />
              <datalist id={`${id}-labels`}>
                {labels.map((one) => (
                  <option key={one} value={one}>
                    {formatLabel(one)}
                  </option>
                ))}
              </datalist>
            </>
          )}
        </Field>
        <div className="form__row">
          <Field label={`Began at (${viewerTimeZone()})`}>
            {(id) => (
              <input
                id={id}
                className="input"
                type="datetime-local"
                step={1}
                value={onset}
                onChange={(event) => setOnset(event.target.value)}
              />
            )}
          </Field>
          <Field label="Lasted, s">
            {(id) => (
              <input
                id={id}
                className="input"
                type="number"
                min={0.1}
                max={3600}
                step={0.1}
                value={seconds}
                onChange={(event) => setSeconds(event.target.value)}
              />
            )}
          </Field>
        </div>
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
          <button type="button" className="button" onClick={onClose}>
            {missing === null ? 'Cancel' : 'Close'}
          </button>
          <button type="submit" className="button button--primary" disabled={!isReady || isSaving}>
            {isSaving ? 'Saving…' : 'Save'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
