import type { LevelQuantity } from '../../api/types.js';
import { formatLabel } from '../../lib/format.js';
import { useSession } from '../../session.js';
import { Field } from '../../ui/field.js';
import { useResource } from '../../ui/use-resource.js';
import { QUANTITY_NAMES } from './rule-draft.js';
import type { DraftProps } from './text-field.js';
import { TextField } from './text-field.js';

export function ConditionFields(props: DraftProps) {
  switch (props.draft.kind) {
    case 'level':
      return <LevelFields {...props} />;
    case 'event':
      return <EventFields {...props} />;
    case 'anomaly':
      return <AnomalyFields {...props} />;
  }
}

function AnomalyFields(props: DraftProps) {
  return (
    <div className="form__row">
      <Field label="From">
        {(id) => (
          <select
            id={id}
            className="input"
            value={props.draft.minCondition}
            onChange={(event) => props.change({ minCondition: event.target.value === 'danger' ? 'danger' : 'alarm' })}
          >
            <option value="alarm">Any anomaly</option>
            <option value="danger">Danger only</option>
          </select>
        )}
      </Field>
      <TextField
        label="Anomalous for, s"
        field="anomalyForS"
        inputMode="numeric"
        hint="Compared with what is normal for each sensor"
        {...props}
      />
    </div>
  );
}

function LevelFields(props: DraftProps) {
  return (
    <>
      <div className="form__row">
        <Field label="Quantity">
          {(id) => (
            <select
              id={id}
              className="input"
              value={props.draft.quantity}
              onChange={(event) => props.change({ quantity: event.target.value as LevelQuantity })}
            >
              {Object.entries(QUANTITY_NAMES).map(([value, name]) => (
                <option key={value} value={value}>
                  {name}
                </option>
              ))}
            </select>
          )}
        </Field>
        <TextField label="Above, dB" field="aboveDb" inputMode="text" {...props} />
        <TextField label="For, s" field="forS" inputMode="numeric" {...props} />
        <TextField label="Resolves after, s" field="resolveAfterS" inputMode="numeric" {...props} />
      </div>
      <p className="field__hint">
        dB SPL for calibrated sensors; dB re full scale, mostly negative, for uncalibrated ones.
      </p>
    </>
  );
}

function EventFields(props: DraftProps) {
  const { client } = useSession();
  const models = useResource('models', (signal) => client.models(signal));
  const labels = [...new Set((models.data?.items ?? []).flatMap((model) => model.labels))].sort();
  if (props.draft.label !== '' && !labels.includes(props.draft.label)) labels.push(props.draft.label);
  return (
    <div className="form__row">
      <Field label="Label" error={props.problems.label ?? null}>
        {(id, describedBy) => (
          <select
            id={id}
            className="input"
            value={props.draft.label}
            aria-describedby={describedBy}
            aria-invalid={props.problems.label !== undefined}
            onChange={(event) => props.change({ label: event.target.value })}
          >
            <option value="">Choose…</option>
            {labels.map((label) => (
              <option key={label} value={label}>
                {formatLabel(label)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <TextField label="Confidence, 0 to 1" field="minConfidence" inputMode="decimal" {...props} />
      <TextField label="Lasting at least, s" field="minDurationS" inputMode="decimal" {...props} />
    </div>
  );
}
