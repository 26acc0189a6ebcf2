import { useEffect, useRef } from 'react';
import { fitCanvas, watchCanvas } from '../charts/canvas.js';
import { magmaWords } from '../lib/colormap.js';
import { formatPercent } from '../lib/format.js';
import { PauseIcon, PlayIcon } from '../ui/icons.js';
import { ErrorNote } from '../ui/states.js';
import type { ClipState, LoadedClip } from './clip-audio.js';
import { clipPicture } from './spectrum.js';

const COLOURS = magmaWords();
const ROWS = 72;
const MOST_COLUMNS = 480;

function paint(canvas: HTMLCanvasElement, { buffer }: LoadedClip): void {
  const fitted = fitCanvas(canvas);
  if (fitted === null) return;
  const columns = Math.max(1, Math.min(MOST_COLUMNS, Math.round(fitted.width)));
  const { bytes } = clipPicture(buffer.getChannelData(0), buffer.sampleRate, columns, ROWS);
  const bitmap = document.createElement('canvas');
  bitmap.width = columns;
  bitmap.height = ROWS;
  const context = bitmap.getContext('2d');
  if (context === null) return;
  const image = context.createImageData(columns, ROWS);
  const words = new Uint32Array(image.data.buffer);
  for (let column = 0; column < columns; column++) {
    for (let row = 0; row < ROWS; row++) {
      words[(ROWS - 1 - row) * columns + column] = COLOURS[bytes[column * ROWS + row] ?? 0] ?? 0;
    }
  }
  context.putImageData(image, 0, 0);
  fitted.context.drawImage(bitmap, 0, 0, fitted.width, fitted.height);
}

const share = (atS: number, durationS: number): string =>
  `${Math.max(0, Math.min(100, (100 * atS) / durationS)).toFixed(2)}%`;

/** The picture of a clip with the event marked in it, and its play button. */
export function ClipView({ state, shortcut }: { readonly state: ClipState; readonly shortcut?: string }) {
  const { clip, error, isPlaying, toggle, retry } = state;
  if (error !== null) return <ErrorNote error={error} retry={retry} />;
  return (
    <div className="clip" data-testid="clip" data-state={clip === null ? 'loading' : isPlaying ? 'playing' : 'ready'}>
      <div className="clip__picture">
        {clip === null ? <div className="skeleton clip__wait" role="status" aria-label="Loading the sound" /> : null}
        {clip === null ? null : <Picture state={state} clip={clip} />}
      </div>
      <div className="clip__bar">
        <button type="button" className="button" disabled={clip === null} aria-keyshortcuts={shortcut} onClick={toggle}>
          {isPlaying ? <PauseIcon /> : <PlayIcon />}
          {isPlaying ? 'Stop' : 'Play'}
          {shortcut === undefined ? null : <kbd>{shortcut}</kbd>}
        </button>
        {clip === null ? null : (
          <span className="muted small">
            {clip.buffer.duration.toFixed(1)} s, event from {clip.onsetS.toFixed(1)} s to {clip.offsetS.toFixed(1)} s
            {clip.covered < 0.999 ? `, ${formatPercent(1 - clip.covered)} not heard` : ''}
          </span>
        )}
      </div>
    </div>
  );
}

function Picture({ state, clip }: { readonly state: ClipState; readonly clip: LoadedClip }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const head = useRef<HTMLDivElement>(null);
  const { player, isPlaying, toggle } = state;
  const durationS = clip.buffer.duration;
  useEffect(() => {
    const element = canvas.current;
    return element === null ? undefined : watchCanvas(element, () => paint(element, clip));
  }, [clip]);
  useEffect(() => {
    if (!isPlaying) return;
    let frame = 0;
    const follow = (): void => {
      const positionS = player.positionS();
      if (head.current !== null && positionS !== null) head.current.style.left = share(positionS, durationS);
      frame = requestAnimationFrame(follow);
    };
    follow();
    return () => cancelAnimationFrame(frame);
  }, [isPlaying, player, durationS]);
  const left = share(clip.onsetS, durationS);
  const width = `calc(${share(clip.offsetS, durationS)} - ${left})`;
  return (
    <button
      type="button"
      className="clip__stage"
      aria-label={isPlaying ? 'Stop' : 'Play'}
      tabIndex={-1}
      onClick={toggle}
    >
      <canvas ref={canvas} className="clip__canvas" />
      <span className="clip__event" style={{ left, width }} />
      <span ref={head} className="clip__head" hidden={!isPlaying} />
    </button>
  );
}
