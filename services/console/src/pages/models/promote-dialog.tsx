import type { SubmitEvent } from 'react';
import { useState } from 'react';
import { errorText } from '../../api/client.js';
import type { Model } from '../../api/types.js';
import { useSession } from '../../session.js';
import { Dialog } from '../../ui/dialog.js';
import { Field } from '../../ui/field.js';
import { Figures } from './figures.js';
import { refText } from './model-text.js';

interface PromoteDialogProps {
  readonly model: Model;
  readonly live: Model | undefined;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

/** Figures of both, a note, and whether the model that is live goes on in shadow. */
export function PromoteDialog({ model, live, onDone, onClose }: PromoteDialogProps) {
  const { client } = useSession();
  const [keepInShadow, setKeepInShadow] = useState(true);
  const [note, setNote] = useState('');
  const [saving, setSaving] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const promote = async (event: SubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    setSaving(true);
    try {
      await client.promoteModel(model, { keepInShadow, note });
      onDone();
    } catch (error) {
      setFailure(error);
      setSaving(false);
    }
  };
  return (
    <Dialog title={`Promote ${refText(model)}?`} onClose={onClose}>
      <form className="form" onSubmit={(event) => void promote(event)}>
        <p>
          It is live for all sensors a few seconds from now, {live === undefined ? '' : `in the place of ${refText(live)}, `}
          without a gap. Open events end there and begin anew by its own thresholds.
        </p>
        <Figures models={live === undefined ? [model] : [live, model]} />
        {live === undefined ? null : (
          <label className="check">
            <input
              type="checkbox"
              checked={keepInShadow}
              onChange={(event) => setKeepInShadow(event.target.checked)}
            />
            Keep {refText(live)} in shadow, for comparison
          </label>
        )}
        <Field label="Note (optional)">
          {(id) => (
            <input
              id={id}
              className="input"
              maxLength={200}
              autoComplete="off"
              value={note}
              onChange={(event) => setNote(event.target.value)}
            />
          )}
        </Field>
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
            {saving ? 'Promoting…' : 'Promote'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
