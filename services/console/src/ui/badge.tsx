import type { ReactNode } from 'react';
import type { Severity } from '../api/types.js';
import type { Presence } from '../live/sensor-live.js';

export type Tone = 'neutral' | 'ok' | 'warning' | 'critical' | 'info' | 'accent';

export function Badge({ tone = 'neutral', children }: { readonly tone?: Tone; readonly children: ReactNode }) {
  return <span className={`badge badge--${tone}`}>{children}</span>;
}

export const SEVERITY_TONE: Readonly<Record<Severity, Tone>> = {
  info: 'info',
  warning: 'warning',
  critical: 'critical',
};

export const SEVERITY_TEXT: Readonly<Record<Severity, string>> = {
  info: 'Info',
  warning: 'Warning',
  critical: 'Critical',
};

export const PRESENCE_TEXT: Readonly<Record<Presence, string>> = {
  online: 'Online',
  silent: 'Silent',
  retired: 'Retired',
  'never-heard': 'Not heard yet',
};

/** A dot and a word: colour is never the only sign. */
export function PresenceMark({ presence }: { readonly presence: Presence }) {
  return (
    <span className="presence" data-presence={presence}>
      <span className="presence__dot" aria-hidden="true" />
      {PRESENCE_TEXT[presence]}
    </span>
  );
}
