import { PlusIcon } from '../../ui/icons.js';

const SIMULATE = 'npm run -s earshot -- simulate --sensors 12 --source synthetic';

export function NoSensors({ onAdd }: { readonly onAdd: () => void }) {
  return (
    <section className="empty">
      <h2 className="empty__title">No sensor yet</h2>
      <p>Add a sensor and stream sound to it over MQTT, HTTP or gRPC.</p>
      <button type="button" className="button button--primary" onClick={onAdd}>
        <PlusIcon />
        Add sensor
      </button>
      <p className="empty__or">Or let twelve simulated sensors play, from the project’s folder:</p>
      <pre className="code">{SIMULATE}</pre>
    </section>
  );
}
