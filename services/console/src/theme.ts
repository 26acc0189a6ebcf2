/** Light or dark: the system's wish until the viewer says otherwise. */
import { useEffect, useSyncExternalStore } from 'react';

export type Theme = 'light' | 'dark';

const STORAGE_NAME = 'earshot.theme';
const CHANGE = 'earshot:theme';
const darkQuery = window.matchMedia('(prefers-color-scheme: dark)');

function chosen(): Theme | null {
  const value = window.localStorage.getItem(STORAGE_NAME);
  return value === 'light' || value === 'dark' ? value : null;
}

function current(): Theme {
  return chosen() ?? (darkQuery.matches ? 'dark' : 'light');
}

function subscribe(listener: () => void): () => void {
  window.addEventListener(CHANGE, listener);
  darkQuery.addEventListener('change', listener);
  return () => {
    window.removeEventListener(CHANGE, listener);
    darkQuery.removeEventListener('change', listener);
  };
}

export function useTheme(): Theme {
  const theme = useSyncExternalStore(subscribe, current);
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
  }, [theme]);
  return theme;
}

export function applyStoredTheme(): void {
  document.documentElement.dataset.theme = current();
}

/** Back to the system's wish when the choice equals it. */
export function chooseTheme(theme: Theme): void {
  const system: Theme = darkQuery.matches ? 'dark' : 'light';
  if (theme === system) window.localStorage.removeItem(STORAGE_NAME);
  else window.localStorage.setItem(STORAGE_NAME, theme);
  window.dispatchEvent(new Event(CHANGE));
}

/** Value of a design token, e.g. `--accent`, for canvases. */
export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
