import type { SubmitEvent } from 'react';
import { useState } from 'react';
import { formatLabel } from '../lib/format.js';
import { labelOfText, matchingLabels } from './verdict-text.js';

interface LabelPickerProps {
  /** What the models know, without the one that was claimed. */
  readonly labels: readonly string[];
  readonly onPick: (label: string) => void;
  readonly onCancel: () => void;
}

/** The model's labels as buttons, and a field for anything else. */
export function LabelPicker({ labels, onPick, onCancel }: LabelPickerProps) {
  const [text, setText] = useState('');
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const label = labelOfText(text, labels);
    if (label !== '') onPick(label);
  };
  return (
    <div className="picker" role="group" aria-label="What was it?" data-testid="label-picker">
      <div className="picker__labels">
        {matchingLabels(text, labels).map((label) => (
          <button key={label} type="button" className="button" onClick={() => onPick(label)}>
            {formatLabel(label)}
          </button>
        ))}
      </div>
      <form className="picker__other" onSubmit={submit}>
        <input
          className="input"
          aria-label="Another label"
          placeholder="Something else, e.g. lawn mower"
          maxLength={100}
          value={text}
          // The picker opens on request: the field is where one goes on.
          ref={(field) => field?.focus()}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') {
              event.stopPropagation();
              onCancel();
            }
          }}
        />
        <button type="submit" className="button button--primary" disabled={text.trim() === ''}>
          Use
        </button>
        <button type="button" className="button button--quiet" onClick={onCancel}>
          Cancel
        </button>
      </form>
    </div>
  );
}
