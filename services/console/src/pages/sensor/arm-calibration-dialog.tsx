import type { SubmitEvent } from 'react';
import { useState } from 'react';
import { errorText } from '../../api/client.js';
import { useSession } from '../../session.js';
import { Dialog } from '../../ui/dialog.js';
import { Field } from '../../ui/field.js';

interface ArmCalibrationDialogProps {
  readonly id: string;
  readonly onClose: () => void;
  readonly onArmed: (levelDb: number, untilMs: number) => void;
}

const LEVELS_DB = [94, 114] as const;
const TIMEOUT_S = 300;

/** Asks for the calibrator's level; the api then listens for its tone. */
export function ArmCalibrationDialog({ id, onClose, onArmed }: ArmCalibrationDialogProps) {
  const { client } = useSession();
  const [levelDb, setLevelDb] = useState<number>(LEVELS_DB[0]);
  const [performedBy, setPerformedBy] = useState('');
  const [saving, setSaving] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);

  const arm = async (event: SubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    setSaving(true);
    try {
      const body = { calibratorLevelDb: levelDb, timeoutS: TIMEOUT_S, performedBy: performedBy.trim() };
      const { armedUntil } = await client.armCalibration(id, body);
      onArmed(levelDb, Date.parse(armedUntil));
      onClose();
    } catch (error) {
      setFailure(error);
      setSaving(false);
    }
  };

  return (
    <Dialog title="Listen for a calibrator" onClose={onClose}>
      <form className="form" onSubmit={(event) => void arm(event)}>
        <p>
          Put the calibrator on the microphone and let it sound for at least 5 s. For {TIMEOUT_S / 60} minutes a steady,
          pure 1 kHz tone becomes a calibration.
        </p>
        <fieldset className="fieldset">
          <legend>Level of the calibrator</legend>
          <div className="form__inline">
            {LEVELS_DB.map((level) => (
              <label key={level} className="check">
                <input
                  type="radio"
                  name="calibrator-level"
                  checked={levelDb === level}
                  onChange={() => setLevelDb(level)}
                />
                {level} dB SPL
              </label>
            ))}
          </div>
        </fieldset>
        <Field label="Performed by (optional)" hint="Who, and the calibrator’s serial number">
          {(fieldId, describedBy) => (
            <input
              id={fieldId}
              className="input"
              maxLength={200}
              value={performedBy}
              aria-describedby={describedBy}
              onChange={(event) => setPerformedBy(event.target.value)}
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
            {saving ? 'Starting…' : 'Listen'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
