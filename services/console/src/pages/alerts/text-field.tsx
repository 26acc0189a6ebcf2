import { Field } from '../../ui/field.js';
import type { DraftProblems, RuleDraft } from './rule-draft.js';

type TextFieldName = { [Name in keyof RuleDraft]: RuleDraft[Name] extends string ? Name : never }[keyof RuleDraft];

export interface DraftProps {
  readonly draft: RuleDraft;
  readonly problems: DraftProblems;
  readonly change: (changes: Partial<RuleDraft>) => void;
}

interface TextFieldProps extends DraftProps {
  readonly label: string;
  readonly field: TextFieldName;
  readonly hint?: string;
  readonly inputMode?: 'text' | 'decimal' | 'numeric' | 'url';
}

export function TextField(props: TextFieldProps) {
  const { label, field, hint, inputMode = 'text', draft, problems, change } = props;
  const problem = problems[field] ?? null;
  return (
    <Field label={label} error={problem} {...(hint === undefined ? {} : { hint })}>
      {(id, describedBy) => (
        <input
          id={id}
          className="input"
          inputMode={inputMode}
          autoComplete="off"
          value={draft[field]}
          aria-describedby={describedBy}
          aria-invalid={problem !== null}
          onChange={(event) => change({ [field]: event.target.value })}
        />
      )}
    </Field>
  );
}
