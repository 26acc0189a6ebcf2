import { useEffect } from 'react';

/** `title · Earshot` in the tab. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Earshot`;
  }, [title]);
}
