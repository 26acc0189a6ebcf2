import type { PointerEvent } from 'react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { watchCanvas } from '../../charts/canvas.js';
import { drawClassLanes, LANE_HEIGHT } from '../../charts/class-lanes.js';
import { SpectrogramPainter } from '../../charts/spectrogram.js';
import { drawTimeAxis } from '../../charts/time-axis.js';
import { formatDb, formatHz, formatLabel } from '../../lib/format.js';
import { melAxisPosition, melBandCentreHz } from '../../lib/mel.js';
import { formatClock } from '../../lib/time.js';
import { chooseLanes } from '../../live/class-windows.js';
import { MEL_BANDS } from '../../live/mel-ring.js';
import type { SensorDetail } from '../../live/sensor-detail.js';
import { KEPT_PICTURE_S } from '../../live/sensor-detail.js';
import { token, useTheme } from '../../theme.js';
import { PauseIcon, PlayIcon } from '../../ui/icons.js';
import { useMedia, useReducedMotion } from '../../ui/use-media.js';
import { useDetailVersion } from './use-sensor-feed.js';

const AXIS_HZ = [250, 500, 1000, 2000, 4000, 7500];
const MOST_LANES = 14;

interface LivePanelProps {
  readonly detail: SensorDetail;
  readonly labels: readonly string[];
}

/** Spectrogram and class lanes over one time axis. */
export function LivePanel({ detail, labels }: LivePanelProps) {
  useDetailVersion(detail);
  const theme = useTheme();
  const reducedMotion = useReducedMotion();
  const narrow = useMedia('(max-width: 640px)');
  const [paused, setPaused] = useState(false);
  const [readout, setReadout] = useState<string | null>(null);
  const painter = useMemo(() => new SpectrogramPainter(KEPT_PICTURE_S), []);
  const picture = useRef<HTMLCanvasElement>(null);
  const lanes = useRef<HTMLCanvasElement>(null);
  const axis = useRef<HTMLCanvasElement>(null);
  const note = useRef<HTMLParagraphElement>(null);
  const view = useRef({ startMs: 0, endMs: 1 });
  const spanMs = (narrow ? 30 : 60) * 1000;
  const shown = chooseLanes(detail.windows, labels, MOST_LANES);
  const laneNames = shown.join('\n');
  const range = painter.rangeDb;

  useEffect(() => detail.followMel((chunk) => painter.write(chunk)), [detail, painter]);

  useEffect(() => {
    const canvases = [picture.current, lanes.current, axis.current].filter((canvas) => canvas !== null);
    const stops = canvases.map((canvas) => watchCanvas(canvas, () => undefined));
    return () => stops.forEach((stop) => stop());
  }, []);

  useEffect(() => {
    const names = laneNames === '' ? [] : laneNames.split('\n');
    const laneStyle = { lane: token('--lane'), ground: token('--surface-2'), event: token('--text') };
    const axisStyle = { text: token('--text-3'), line: token('--line-strong'), font: token('--font') };
    let frame = 0;
    let drawnAtMs = 0;
    const everyMs = reducedMotion ? 1000 : 30;
    const draw = (): void => {
      frame = window.requestAnimationFrame(draw);
      const nowMs = Date.now();
      if (nowMs - drawnAtMs < everyMs) return;
      drawnAtMs = nowMs;
      if (!paused || view.current.startMs === 0) {
        const edgeMs = detail.clock.edgeMs(nowMs);
        view.current = { startMs: edgeMs - spanMs, endMs: edgeMs };
      }
      const { startMs, endMs } = view.current;
      if (picture.current !== null) painter.draw(picture.current, startMs, endMs);
      if (note.current !== null) noteOnPicture(note.current, painter, startMs, endMs);
      if (lanes.current !== null) {
        const { windows, events } = detail;
        drawClassLanes(lanes.current, { startMs, endMs, labels: names, windows, events: events.values() }, laneStyle);
      }
      if (axis.current !== null) drawTimeAxis(axis.current, startMs, endMs, axisStyle);
    };
    draw();
    return () => window.cancelAnimationFrame(frame);
  }, [detail, painter, paused, spanMs, reducedMotion, theme, laneNames]);

  const point = (event: PointerEvent<HTMLCanvasElement>): void => {
    const box = event.currentTarget.getBoundingClientRect();
    const { startMs, endMs } = view.current;
    const timeMs = startMs + ((event.clientX - box.left) / box.width) * (endMs - startMs);
    const band = Math.floor((1 - (event.clientY - box.top) / box.height) * MEL_BANDS);
    const value = painter.valueAt(timeMs, Math.min(MEL_BANDS - 1, Math.max(0, band)));
    const place = `${formatClock(timeMs)} · ${formatHz(Math.round(melBandCentreHz(band, MEL_BANDS)))}`;
    setReadout(`${place} · ${value === null ? 'no data' : `${formatDb(value)} dB`}`);
  };

  return (
    <section className="panel live" aria-labelledby="live-title">
      <div className="panel__head">
        <h2 id="live-title">Live sound</h2>
        <div className="live__tools">
          <span className="live__readout">{readout}</span>
          <span className="live__legend" aria-label={`Colour scale, ${range.low} to ${range.high} dB re full scale`}>
            <span>{formatDb(range.low, 0)}</span>
            <ColourBar />
            <span>{formatDb(range.high, 0)} dB re FS</span>
          </span>
          <button
            type="button"
            className="button button--quiet"
            aria-pressed={paused}
            onClick={() => setPaused(!paused)}
          >
            {paused ? <PlayIcon /> : <PauseIcon />}
            {paused ? 'Resume' : 'Pause'}
          </button>
        </div>
      </div>
      <div className="panel__body live__body">
        <div className="live__frequencies" aria-hidden="true">
          {AXIS_HZ.map((frequencyHz) => (
            <span key={frequencyHz} style={{ bottom: `${melAxisPosition(frequencyHz, MEL_BANDS) * 100}%` }}>
              {formatHz(frequencyHz)}
            </span>
          ))}
        </div>
        <div className="live__picture">
          <canvas
            ref={picture}
            data-testid="spectrogram"
            role="img"
            aria-label="Live spectrogram, 50 Hz to 8 kHz"
            onPointerMove={point}
            onPointerLeave={() => setReadout(null)}
          />
          <p ref={note} className="live__empty" />
        </div>
        <ul className="live__labels" role="list" aria-label="Newest probability per label">
          {shown.map((label) => (
            <li key={label} style={{ height: LANE_HEIGHT }}>
              <span className="live__label">{formatLabel(label)}</span>
              <LatestProbability detail={detail} label={label} />
            </li>
          ))}
        </ul>
        <canvas
          ref={lanes}
          className="live__lanes"
          style={{ height: Math.max(1, shown.length) * LANE_HEIGHT }}
          data-testid="class-timeline"
          role="img"
          aria-label="Class probabilities over the same time"
        />
        <canvas ref={axis} className="live__axis" aria-hidden="true" />
      </div>
    </section>
  );
}

function LatestProbability({ detail, label }: { readonly detail: SensorDetail; readonly label: string }) {
  const probability = detail.windows.at(-1)?.probabilities.get(label);
  return (
    <span className="live__probability" data-strong={(probability ?? 0) >= 0.5}>
      {probability === undefined ? '' : probability.toFixed(2)}
    </span>
  );
}

/** Says why the picture is empty: it is not stored, it fills from when the page was opened. */
function noteOnPicture(note: HTMLElement, painter: SpectrogramPainter, startMs: number, endMs: number): void {
  const firstMs = painter.firstTimeMs;
  const emptyShare = firstMs === null ? 1 : (firstMs - startMs) / (endMs - startMs);
  const text = firstMs === null ? 'Waiting for sound' : 'Fills from when this page was opened';
  note.hidden = emptyShare < 0.4;
  note.style.right = `${(100 * (1 - Math.min(1, emptyShare))).toFixed(1)}%`;
  if (note.textContent !== text) note.textContent = text;
}

const ColourBar = () => <span className="live__colours" aria-hidden="true" />;
