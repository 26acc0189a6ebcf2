/** What a sensor's id may be: 1-64 of letters, digits, `.`, `_`, `-`, first a letter or digit. */

export function sensorIdProblem(id: string): string | null {
  if (id === '') return 'An id is needed.';
  if (id.length > 64) return 'At most 64 characters.';
  if (!/^[a-zA-Z0-9]/.test(id)) return 'It begins with a letter or a digit.';
  if (!/^[a-zA-Z0-9._-]+$/.test(id)) return 'Only letters, digits, “.”, “_” and “-”.';
  return null;
}

/** `Nördl. Tor 3` gives `nordl.-tor-3`. */
export function suggestId(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+|-+$/g, '')
    .slice(0, 64);
}
