import { formatAgo, formatFull, formatMoment, parseTime, viewerTimeZone } from '../lib/time.js';

interface MomentProps {
  readonly time: string;
  readonly nowMs: number;
  readonly ago?: boolean;
}

/** A time in the viewer's zone; hovering shows the whole of it with the zone. */
export function Moment({ time, nowMs, ago = false }: MomentProps) {
  const atMs = parseTime(time);
  return (
    <time dateTime={time} title={formatFull(atMs, viewerTimeZone())}>
      {ago ? formatAgo(atMs, nowMs) : formatMoment(atMs, nowMs)}
    </time>
  );
}
