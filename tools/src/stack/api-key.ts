import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export const apiKeyFile = (stateDir: string): string => path.join(stateDir, 'api-key');
const keysFile = (stateDir: string): string => path.join(stateDir, 'api-keys.json');

/** The stack's API key; undefined before the first start. */
export const readApiKey = (stateDir: string): string | undefined => {
  try {
    return readFileSync(apiKeyFile(stateDir), 'utf8').trim();
  } catch {
    return undefined;
  }
};

const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex');

/**
 * The stack's API key, made of 32 random bytes at the first start: in `api-key` (0600) for its owner, and as a hash only
 * in `api-keys.json` for the services. Entries that others added to api-keys.json are kept.
 */
export const ensureApiKey = (stateDir: string): string => {
  mkdirSync(stateDir, { recursive: true });
  let key = readApiKey(stateDir);
  if (key === undefined || key === '') {
    key = `ek_${randomBytes(32).toString('base64url')}`;
    writeWhole(apiKeyFile(stateDir), `${key}\n`);
  }
  const sha256 = hashOf(key);
  const known: unknown = existsSync(keysFile(stateDir)) ? JSON.parse(readFileSync(keysFile(stateDir), 'utf8')) : [];
  const others = (Array.isArray(known) ? (known as unknown[]) : []).filter(
    (entry) => typeof entry === 'object' && entry !== null && 'id' in entry && entry.id !== 'local',
  );
  const own = { id: 'local', tenantId: 'demo', sha256, scopes: ['read', 'write', 'ingest'] };
  writeWhole(keysFile(stateDir), `${JSON.stringify([own, ...others], null, 2)}\n`);
  return key;
};

const writeWhole = (file: string, text: string): void => {
  writeFileSync(`${file}.incoming`, text, { mode: 0o600 });
  renameSync(`${file}.incoming`, file);
};
