import type { ReactNode } from 'react';
import { useId } from 'react';

interface FieldProps {
  readonly label: string;
  readonly hint?: string;
  readonly error?: string | null;
  /** Renders the control with the given id and description id. */
  readonly children: (id: string, describedBy: string | undefined) => ReactNode;
}

export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId();
  const noteId = `${id}-note`;
  const note = error ?? hint;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children(id, note === undefined ? undefined : noteId)}
      {note === undefined ? null : (
        <p id={noteId} className={error === undefined || error === null ? 'field__hint' : 'field__error'}>
          {note}
        </p>
      )}
    </div>
  );
}
