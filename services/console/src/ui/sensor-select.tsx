import { useLiveVersion, useSession } from '../session.js';
import { selectSensors } from '../live/selectors.js';

interface SensorSelectProps {
  readonly id: string;
  /** Empty: all sensors. */
  readonly value: string;
  readonly onChange: (sensorId: string) => void;
}

/** A plain select: type-ahead and the phone's own picker come with it. */
export function SensorSelect({ id, value, onChange }: SensorSelectProps) {
  const { store } = useSession();
  useLiveVersion();
  const inService = selectSensors(store.sensors.values(), { text: '', presence: 'in-service', sort: 'name' });
  const retired = selectSensors(store.sensors.values(), { text: '', presence: 'retired', sort: 'name' });
  const unknown = value !== '' && !store.sensors.has(value);
  return (
    <select id={id} className="input" value={value} onChange={(event) => onChange(event.target.value)}>
      <option value="">All sensors</option>
      {unknown ? <option value={value}>{value}</option> : null}
      {inService.map((sensor) => (
        <option key={sensor.id} value={sensor.id}>
          {sensor.name}
        </option>
      ))}
      {retired.map((sensor) => (
        <option key={sensor.id} value={sensor.id}>
          {sensor.name} (retired)
        </option>
      ))}
    </select>
  );
}
