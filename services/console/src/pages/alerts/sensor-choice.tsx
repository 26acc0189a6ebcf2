import { useState } from 'react';
import { selectSensors } from '../../live/selectors.js';
import { useSession } from '../../session.js';
import type { DraftProps } from './text-field.js';

/** More than this is searched, not scrolled. */
const MOST_SHOWN = 100;

export function SensorChoice({ draft, problems, change }: DraftProps) {
  const { store } = useSession();
  const [text, setText] = useState('');
  const found = selectSensors(store.sensors.values(), { text, presence: 'in-service', sort: 'name' });
  const chosen = new Set(draft.sensorIds);
  const toggle = (id: string, on: boolean): void => {
    const next = new Set(chosen);
    if (on) next.add(id);
    else next.delete(id);
    change({ sensorIds: [...next] });
  };
  return (
    <fieldset className="fieldset">
      <legend>Sensors</legend>
      <div className="form__inline">
        <label className="check">
          <input type="radio" checked={draft.everySensor} onChange={() => change({ everySensor: true })} />
          All sensors
        </label>
        <label className="check">
          <input type="radio" checked={!draft.everySensor} onChange={() => change({ everySensor: false })} />
          Chosen ones{draft.everySensor ? '' : ` (${chosen.size})`}
        </label>
      </div>
      {draft.everySensor ? null : (
        <>
          <input
            className="input"
            type="search"
            aria-label="Search sensors"
            placeholder="Search sensors"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
          <div className="checks" role="group" aria-label="Sensors of the rule">
            {found.slice(0, MOST_SHOWN).map(({ id, name }) => (
              <label key={id} className="check">
                <input
                  type="checkbox"
                  checked={chosen.has(id)}
                  onChange={(event) => toggle(id, event.target.checked)}
                />
                {name} <span className="muted mono">{id}</span>
              </label>
            ))}
            {found.length > MOST_SHOWN ? (
              <p className="field__hint">{found.length - MOST_SHOWN} more: search for them</p>
            ) : null}
          </div>
        </>
      )}
      {problems.sensorIds === undefined ? null : <p className="field__error">{problems.sensorIds}</p>}
    </fieldset>
  );
}
