import type { SubmitEvent } from 'react';
import { useState } from 'react';
import { errorText } from '../../api/client.js';
import type { CreatedSensor } from '../../api/types.js';
import { Link } from '../../router.js';
import { sensorAddress } from '../../routes.js';
import { useSession } from '../../session.js';
import { CopyButton } from '../../ui/copy-button.js';
import { Dialog } from '../../ui/dialog.js';
import { Field } from '../../ui/field.js';
import { sensorIdProblem, suggestId } from './sensor-id.js';

export function AddSensorDialog({ onClose }: { readonly onClose: () => void }) {
  const { client, store } = useSession();
  const [name, setName] = useState('');
  const [typedId, setTypedId] = useState<string | null>(null);
  const [site, setSite] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const [saving, setSaving] = useState(false);
  const [created, setCreated] = useState<CreatedSensor | null>(null);
  const id = typedId ?? suggestId(name);

  const save = async (): Promise<void> => {
    const found = sensorIdProblem(id);
    setProblem(found);
    setFailure(null);
    if (found !== null) return;
    setSaving(true);
    try {
      const answer = await client.createSensor({
        id,
        name: name.trim() === '' ? id : name.trim(),
        placement: { site: site.trim(), description: '' },
      });
      store.applySensors([answer.sensor]);
      setCreated(answer);
    } catch (error) {
      setFailure(error);
    }
    setSaving(false);
  };

  if (created !== null) return <SensorKey created={created} onClose={onClose} />;
  return (
    <Dialog title="Add a sensor" onClose={onClose}>
      <form
        className="form"
        noValidate
        onSubmit={(event: SubmitEvent) => {
          event.preventDefault();
          void save();
        }}
      >
        <Field label="Name" hint="What people call it, e.g. North gate">
          {(fieldId, describedBy) => (
            <input
              id={fieldId}
              className="input"
              value={name}
              aria-describedby={describedBy}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <Field label="Id" hint="For machines; it cannot be changed later" error={problem}>
          {(fieldId, describedBy) => (
            <input
              id={fieldId}
              className="input mono"
              spellCheck={false}
              autoCapitalize="none"
              value={id}
              aria-describedby={describedBy}
              aria-invalid={problem !== null}
              onChange={(event) => setTypedId(event.target.value)}
            />
          )}
        </Field>
        <Field label="Site (optional)" hint="Where it stands, e.g. Harbour">
          {(fieldId, describedBy) => (
            <input
              id={fieldId}
              className="input"
              value={site}
              aria-describedby={describedBy}
              onChange={(event) => setSite(event.target.value)}
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
            {saving ? 'Adding…' : 'Add sensor'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function SensorKey({ created, onClose }: { readonly created: CreatedSensor; readonly onClose: () => void }) {
  return (
    <Dialog title={`${created.sensor.name} was added`} onClose={onClose}>
      <div className="form">
        <p>This is the sensor’s key. It is shown only now: put it into the sensor before you close this.</p>
        <div className="secret">
          <code className="secret__text">{created.sensorKey}</code>
          <CopyButton text={created.sensorKey} label="Copy key" />
        </div>
        <div className="form__actions">
          <Link className="button" to={sensorAddress(created.sensor.id)}>
            Open sensor
          </Link>
          <button type="button" className="button button--primary" onClick={onClose}>
            Done
          </button>
        </div>
      </div>
    </Dialog>
  );
}
