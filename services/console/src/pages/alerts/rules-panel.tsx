import { useState } from 'react';
import { errorText } from '../../api/client.js';
import type { Rule } from '../../api/types.js';
import { formatCount } from '../../lib/format.js';
import { useSession } from '../../session.js';
import { Badge, SEVERITY_TEXT, SEVERITY_TONE } from '../../ui/badge.js';
import { Dialog } from '../../ui/dialog.js';
import { EditIcon, PlusIcon, TrashIcon } from '../../ui/icons.js';
import { EmptyNote, ErrorNote, LoadingRows } from '../../ui/states.js';
import type { Resource } from '../../ui/use-resource.js';
import { RuleDialog } from './rule-dialog.js';
import { describeCondition } from './rule-draft.js';

type Open = { readonly kind: 'edit'; readonly rule: Rule | null } | { readonly kind: 'delete'; readonly rule: Rule };

export function RulesPanel({ rules }: { readonly rules: Resource<readonly Rule[]> }) {
  const [open, setOpen] = useState<Open | null>(null);
  const close = (): void => setOpen(null);
  const done = (): void => {
    setOpen(null);
    rules.reload();
  };
  return (
    <section className="panel" aria-labelledby="rules-title">
      <div className="panel__head">
        <h2 id="rules-title">Rules</h2>
        <button type="button" className="button" onClick={() => setOpen({ kind: 'edit', rule: null })}>
          <PlusIcon />
          New rule
        </button>
      </div>
      {rules.error === null ? null : <ErrorNote error={rules.error} retry={rules.reload} />}
      {rules.data === null ? (
        rules.loading ? (
          <LoadingRows rows={3} label="Loading rules" />
        ) : null
      ) : rules.data.length === 0 ? (
        <EmptyNote title="No rule yet">
          <p className="small">A rule says when to raise an alert: a level, a kind of event, or an anomaly.</p>
        </EmptyNote>
      ) : (
        <ul className="rows" role="list">
          {rules.data.map((rule) => (
            <RuleRow key={rule.id} rule={rule} onOpen={setOpen} />
          ))}
        </ul>
      )}
      {open?.kind === 'edit' ? <RuleDialog rule={open.rule} onSaved={done} onClose={close} /> : null}
      {open?.kind === 'delete' ? <DeleteRule rule={open.rule} onDeleted={done} onClose={close} /> : null}
    </section>
  );
}

function RuleRow({ rule, onOpen }: { readonly rule: Rule; readonly onOpen: (open: Open) => void }) {
  const scope = rule.sensorIds.length === 0 ? 'All sensors' : formatCount(rule.sensorIds.length, 'sensor');
  return (
    <li className="row" data-testid="rule-row" data-rule-id={rule.id}>
      <div className="row__main">
        <Badge tone={rule.enabled ? SEVERITY_TONE[rule.severity] : 'neutral'}>
          {rule.enabled ? SEVERITY_TEXT[rule.severity] : 'Off'}
        </Badge>
        <span className="row__text">{rule.name}</span>
        <span className="rule__actions">
          <button
            type="button"
            className="button button--quiet button--icon"
            aria-label={`Edit rule ${rule.name}`}
            title="Edit"
            onClick={() => onOpen({ kind: 'edit', rule })}
          >
            <EditIcon />
          </button>
          <button
            type="button"
            className="button button--quiet button--icon"
            aria-label={`Delete rule ${rule.name}`}
            title="Delete"
            onClick={() => onOpen({ kind: 'delete', rule })}
          >
            <TrashIcon />
          </button>
        </span>
      </div>
      <p className="row__detail">{describeCondition(rule.condition)}</p>
      <p className="row__detail muted">
        <span title={rule.sensorIds.join(', ')}>{scope}</span>
        <span>{rule.webhookUrl === null ? 'No webhook' : `Webhook ${hostOf(rule.webhookUrl)}`}</span>
      </p>
    </li>
  );
}

interface DeleteRuleProps {
  readonly rule: Rule;
  readonly onDeleted: () => void;
  readonly onClose: () => void;
}

function DeleteRule({ rule, onDeleted, onClose }: DeleteRuleProps) {
  const { client } = useSession();
  const [failure, setFailure] = useState<unknown>(null);
  const remove = async (): Promise<void> => {
    try {
      await client.deleteRule(rule.id);
      onDeleted();
    } catch (error) {
      setFailure(error);
    }
  };
  return (
    <Dialog title={`Delete “${rule.name}”?`} onClose={onClose}>
      <div className="form">
        <p>It raises no alert any more. Alerts it has raised stay in the list.</p>
        {failure === null ? null : (
          <p className="form__error" role="alert">
            {errorText(failure)}
          </p>
        )}
        <div className="form__actions">
          <button type="button" className="button" onClick={onClose}>
            Keep it
          </button>
          <button type="button" className="button button--danger" onClick={() => void remove()}>
            Delete rule
          </button>
        </div>
      </div>
    </Dialog>
  );
}

function hostOf(address: string): string {
  return URL.parse(address)?.host ?? address;
}
