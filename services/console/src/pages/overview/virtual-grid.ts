/** Which rows of a long grid are near the window: only those are in the page. */
import type { RefObject } from 'react';
import { useEffect, useState } from 'react';

export interface VirtualGrid {
  readonly columns: number;
  readonly firstRow: number;
  /** Exclusive. */
  readonly endRow: number;
}

export interface GridShape {
  readonly leastColumnWidth: number;
  readonly rowHeight: number;
  readonly gap: number;
}

const OVERSCAN_PX = 600;

/** Pure part: `top` is where the grid begins relative to the window's upper edge. */
export function visibleRows(
  shape: GridShape,
  box: { readonly width: number; readonly top: number; readonly windowHeight: number },
): VirtualGrid {
  const columns = Math.max(1, Math.floor((box.width + shape.gap) / (shape.leastColumnWidth + shape.gap)));
  const stride = shape.rowHeight + shape.gap;
  const firstRow = Math.max(0, Math.floor((-box.top - OVERSCAN_PX) / stride));
  const endRow = Math.max(firstRow + 1, Math.ceil((box.windowHeight - box.top + OVERSCAN_PX) / stride));
  return { columns, firstRow, endRow };
}

export function useVirtualGrid(grid: RefObject<HTMLElement | null>, shape: GridShape): VirtualGrid {
  const [view, setView] = useState<VirtualGrid>({ columns: 1, firstRow: 0, endRow: 8 });
  useEffect(() => {
    const element = grid.current;
    if (element === null) return;
    let frame: number | undefined;
    const measure = (): void => {
      frame = undefined;
      const { width, top } = element.getBoundingClientRect();
      const next = visibleRows(shape, { width, top, windowHeight: window.innerHeight });
      setView((before) =>
        before.columns === next.columns && before.firstRow === next.firstRow && before.endRow === next.endRow
          ? before
          : next,
      );
    };
    const later = (): void => {
      frame ??= window.requestAnimationFrame(measure);
    };
    const observer = new ResizeObserver(later);
    observer.observe(element);
    observer.observe(document.body);
    window.addEventListener('scroll', later, { passive: true });
    window.addEventListener('resize', later);
    measure();
    return () => {
      observer.disconnect();
      window.removeEventListener('scroll', later);
      window.removeEventListener('resize', later);
      if (frame !== undefined) window.cancelAnimationFrame(frame);
    };
  }, [grid, shape]);
  return view;
}
