import type { SubmitEvent } from 'react';
import { useState } from 'react';
import { errorText } from '../../api/client.js';
import type { Rule, RuleCondition, Severity } from '../../api/types.js';
import { useSession } from '../../session.js';
import { Dialog } from '../../ui/dialog.js';
import { Field } from '../../ui/field.js';
import type { DraftProblems, RuleDraft } from './rule-draft.js';
import { checkDraft, draftOf, NEW_RULE } from './rule-draft.js';
import { ConditionFields } from './condition-fields.js';
import { SensorChoice } from './sensor-choice.js';
import { TextField } from './text-field.js';

interface RuleDialogProps {
  /** Null: a new rule. */
  readonly rule: Rule | null;
  readonly onSaved: () => void;
  readonly onClose: () => void;
}

const KINDS: readonly { readonly kind: RuleCondition['kind']; readonly name: string }[] = [
  { kind: 'level', name: 'Level' },
  { kind: 'event', name: 'Event' },
  { kind: 'anomaly', name: 'Anomaly' },
];

export function RuleDialog({ rule, onSaved, onClose }: RuleDialogProps) {
  const { client } = useSession();
  const [draft, setDraft] = useState<RuleDraft>(() => (rule === null ? NEW_RULE : draftOf(rule)));
  const [problems, setProblems] = useState<DraftProblems>({});
  const [failure, setFailure] = useState<unknown>(null);
  const [saving, setSaving] = useState(false);
  const change = (changes: Partial<RuleDraft>): void => setDraft((before) => ({ ...before, ...changes }));

  const save = async (): Promise<void> => {
    const checked = checkDraft(draft);
    setFailure(null);
    if ('problems' in checked) {
      setProblems(checked.problems);
      return;
    }
    setProblems({});
    setSaving(true);
    try {
      await (rule === null ? client.createRule(checked.body) : client.replaceRule(rule.id, checked.body));
      onSaved();
    } catch (error) {
      setFailure(error);
      setSaving(false);
    }
  };

  return (
    <Dialog title={rule === null ? 'New rule' : `Edit “${rule.name}”`} onClose={onClose}>
      <form
        className="form"
        noValidate
        onSubmit={(event: SubmitEvent) => {
          event.preventDefault();
          void save();
        }}
      >
        <TextField label="Name" field="name" {...{ draft, problems, change }} />
        <div className="field">
          <span className="field__name" id="rule-kind">
            Raise an alert on
          </span>
          <div className="segments" role="group" aria-labelledby="rule-kind">
            {KINDS.map(({ kind, name }) => (
              <button
                key={kind}
                type="button"
                className="segment segment--even"
                aria-pressed={draft.kind === kind}
                onClick={() => change({ kind })}
              >
                {name}
              </button>
            ))}
          </div>
        </div>
        <ConditionFields {...{ draft, problems, change }} />
        <SensorChoice {...{ draft, problems, change }} />
        <div className="form__row">
          <Field label="Severity">
            {(id) => (
              <select
                id={id}
                className="input"
                value={draft.severity}
                onChange={(event) => change({ severity: event.target.value as Severity })}
              >
                <option value="info">Info</option>
                <option value="warning">Warning</option>
                <option value="critical">Critical</option>
              </select>
            )}
          </Field>
        </div>
        <TextField
          label="Webhook (optional)"
          field="webhookUrl"
          hint="Raise and resolve are posted there"
          inputMode="url"
          {...{ draft, problems, change }}
        />
        <label className="check">
          <input
            type="checkbox"
            checked={draft.enabled}
            onChange={(event) => change({ enabled: event.target.checked })}
          />
          Enabled
        </label>
        {failure === null ? null : (
          <p className="form__error" role="alert">
            {errorText(failure)}
          </p>
        )}
        {Object.keys(problems).length === 0 ? null : (
          <p className="form__error" role="alert">
            Some fields need another look.
          </p>
        )}
        <div className="form__actions">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button button--primary" disabled={saving}>
            {saving ? 'Saving…' : 'Save rule'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
