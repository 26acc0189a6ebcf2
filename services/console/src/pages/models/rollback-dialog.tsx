import { useState } from 'react';
import { errorText } from '../../api/client.js';
import { useSession } from '../../session.js';
import { Dialog } from '../../ui/dialog.js';

interface RollbackDialogProps {
  readonly task: string;
  readonly name: string;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

export function RollbackDialog({ task, name, onDone, onClose }: RollbackDialogProps) {
  const { client } = useSession();
  const [failure, setFailure] = useState<unknown>(null);
  const rollback = async (): Promise<void> => {
    try {
      await client.rollbackModel(task, '');
      onDone();
    } catch (error) {
      setFailure(error);
    }
  };
  return (
    <Dialog title={`Roll back ${name.toLowerCase()}?`} onClose={onClose}>
      <div className="form">
        <p>The model that was live before the present one takes its place, a few seconds from now.</p>
        {failure === null ? null : (
          <p className="form__error" role="alert">
            {errorText(failure)}
          </p>
        )}
        <div className="form__actions">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="button" className="button button--danger" onClick={() => void rollback()}>
            Roll back
          </button>
        </div>
      </div>
    </Dialog>
  );
}
