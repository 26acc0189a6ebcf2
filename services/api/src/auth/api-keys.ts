import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';

import type { ServicePart } from '@earshot/nest/service';
import type { Logger } from '@earshot/platform/telemetry';
import { z } from 'zod';

export const scopes = ['read', 'write', 'ingest'] as const;
export type Scope = (typeof scopes)[number];

const apiKey = z.object({
  id: z.string().min(1),
  tenantId: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/),
  /** SHA-256 of the key, lower-case hex. The key itself is nowhere kept. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hex digits'),
  scopes: z.array(z.enum(scopes)).min(1),
});
export type ApiKey = z.infer<typeof apiKey>;

const keysFile = z.array(apiKey);

/** @throws Error naming the first mistake, without values. */
export const parseKeys = (text: string): readonly ApiKey[] => {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Error('the file is not JSON');
  }
  const parsed = keysFile.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new Error(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
};

/** The key that `authorization` carries, or undefined. Takes the same time whichever key it is. */
export const findKey = (keys: readonly ApiKey[], authorization: string | undefined): ApiKey | undefined => {
  const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
  if (token === undefined) return undefined;
  const digest = createHash('sha256').update(token).digest();
  let found: ApiKey | undefined;
  for (const key of keys) {
    if (timingSafeEqual(digest, Buffer.from(key.sha256, 'hex'))) found = key;
  }
  return found;
};

const POLL_MS = 2_000;

/** The keys of a file, read again when it changes. A broken file changes nothing and is logged. */
export class ApiKeys implements ServicePart {
  readonly name = 'api keys';
  private keys: readonly ApiKey[] | undefined;
  private seen = '';
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly path: string,
    private readonly logger: Logger,
  ) {}

  async start(): Promise<void> {
    await this.refresh();
    this.timer = setInterval(() => {
      void this.refresh();
    }, POLL_MS);
    this.timer.unref();
  }

  stop(): Promise<void> {
    clearInterval(this.timer);
    return Promise.resolve();
  }

  ready(): boolean | string {
    return this.keys !== undefined || 'API_KEYS_FILE could not be read';
  }

  find(authorization: string | undefined): ApiKey | undefined {
    return findKey(this.keys ?? [], authorization);
  }

  /** Reads the file when its size or time of change is another than before. */
  async refresh(): Promise<void> {
    try {
      const { mtimeMs, size, ino } = await stat(this.path);
      const mark = `${mtimeMs}/${size}/${ino}`;
      if (mark === this.seen) return;
      this.seen = mark;
      this.keys = parseKeys(await readFile(this.path, 'utf8'));
      this.logger.info({ keys: this.keys.length }, 'API keys read');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (this.seen === reason) return;
      if (!reason.startsWith('ENOENT') && this.keys !== undefined) {
        this.logger.error({ reason }, 'API_KEYS_FILE is not usable: the keys read before stay');
        return;
      }
      this.seen = reason;
      this.logger.error({ reason }, 'API_KEYS_FILE is not usable');
    }
  }
}
