import { useRef } from 'react';
import type { SensorLive } from '../../live/sensor-live.js';
import { SensorCard } from './sensor-card.js';
import type { GridShape } from './virtual-grid.js';
import { useVirtualGrid } from './virtual-grid.js';

/** The same numbers stand in overview.css. */
const SHAPE: GridShape = { leastColumnWidth: 288, rowHeight: 176, gap: 12 };

interface SensorGridProps {
  readonly sensors: readonly SensorLive[];
  readonly version: number;
}

export function SensorGrid({ sensors, version }: SensorGridProps) {
  const grid = useRef<HTMLUListElement>(null);
  const { columns, firstRow, endRow } = useVirtualGrid(grid, SHAPE);
  const rows = Math.ceil(sensors.length / columns);
  const first = Math.min(firstRow, Math.max(0, rows - 1));
  const end = Math.min(endRow, rows);
  const stride = SHAPE.rowHeight + SHAPE.gap;
  return (
    <ul
      ref={grid}
      className="grid"
      role="list"
      aria-label="Sensors"
      style={{
        gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
        paddingTop: first * stride,
        paddingBottom: Math.max(0, rows - end) * stride,
      }}
    >
      {sensors.slice(first * columns, end * columns).map((sensor, index) => (
        <SensorCard
          key={sensor.id}
          sensor={sensor}
          version={version}
          position={first * columns + index + 1}
          total={sensors.length}
        />
      ))}
    </ul>
  );
}
