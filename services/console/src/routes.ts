/** The pages and their addresses. Pure. */
export type Route =
  | { readonly page: 'overview' }
  | { readonly page: 'sensor'; readonly id: string }
  | { readonly page: 'events' }
  | { readonly page: 'alerts' }
  | { readonly page: 'models' }
  | { readonly page: 'review' }
  | { readonly page: 'unknown' };

export function matchRoute(path: string): Route {
  const parts = path.split('/').filter((part) => part !== '');
  const [first, second] = parts;
  if (first === undefined) return { page: 'overview' };
  if (first === 'sensors' && parts.length === 1) return { page: 'overview' };
  if (first === 'sensors' && second !== undefined && parts.length === 2) {
    return { page: 'sensor', id: decode(second) };
  }
  if (parts.length === 1 && first === 'events') return { page: 'events' };
  if (parts.length === 1 && first === 'alerts') return { page: 'alerts' };
  if (parts.length === 1 && first === 'models') return { page: 'models' };
  if (parts.length === 1 && first === 'review') return { page: 'review' };
  return { page: 'unknown' };
}

export const sensorAddress = (id: string): string => `/sensors/${encodeURIComponent(id)}`;

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
