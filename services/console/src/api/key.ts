/** The api key: taken from the link's fragment once, kept by the browser, never left in the address bar. */

const STORAGE_NAME = 'earshot.key';

/** The key in a fragment such as `#key=ek_abc`; null when there is none. */
export function keyOfFragment(fragment: string): string | null {
  const key = new URLSearchParams(fragment.replace(/^#/, '')).get('key');
  return key === null || key.trim() === '' ? null : key.trim();
}

export function takeKeyFromAddress(): string | null {
  const key = keyOfFragment(window.location.hash);
  if (key === null) return null;
  window.history.replaceState(null, '', window.location.pathname + window.location.search);
  rememberKey(key);
  return key;
}

/** The session's key wins, so that two tabs may look at two tenants. */
export function storedKey(): string | null {
  return read(window.sessionStorage) ?? read(window.localStorage);
}

export function rememberKey(key: string): void {
  for (const storage of [window.sessionStorage, window.localStorage]) {
    try {
      storage.setItem(STORAGE_NAME, key);
    } catch {
      // Storage is full or forbidden: the key lives as long as the page.
    }
  }
}

export function forgetKey(): void {
  for (const storage of [window.sessionStorage, window.localStorage]) storage.removeItem(STORAGE_NAME);
}

function read(storage: Storage): string | null {
  try {
    return storage.getItem(STORAGE_NAME);
  } catch {
    return null;
  }
}
