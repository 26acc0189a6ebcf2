/** Loading, empty and error, the same everywhere. */
import type { ReactNode } from 'react';
import { errorText } from '../api/client.js';

export function ErrorNote({ error, retry }: { readonly error: unknown; readonly retry?: () => void }) {
  return (
    <div className="note note--error" role="alert">
      <p>{errorText(error)}</p>
      {retry === undefined ? null : (
        <button type="button" className="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

export function EmptyNote({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className="note">
      <p className="note__title">{title}</p>
      {children}
    </div>
  );
}

/** Rows of the height of what will come, so that nothing moves. */
export function LoadingRows({ rows, label = 'Loading' }: { readonly rows: number; readonly label?: string }) {
  return (
    <div className="skeletons" role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className="skeleton" />
      ))}
    </div>
  );
}
