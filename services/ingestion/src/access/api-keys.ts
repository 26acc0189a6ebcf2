import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { sha256Hex } from './sensors.js';

const fileSchema = z.array(
  z.object({
    id: z.string().min(1),
    tenantId: z.string().min(1),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    scopes: z.array(z.string()),
  }),
);

export type ApiKey = z.infer<typeof fileSchema>[number];

/** How often, at most, the file is looked at again for a key that is not known. */
const REREAD_MS = 1_000;

/** Tenants' API keys, from a file of their hashes. A key added to the file is known within a second. */
export class ApiKeys {
  private keys = new Map<string, ApiKey>();
  private modifiedMs = -1;
  private checkedMs = -Infinity;

  /** undefined: there are none. */
  constructor(private readonly file: string | undefined) {}

  /** Rejects when the file can't be read or is not what it should be. */
  async load(): Promise<void> {
    if (this.file === undefined) return;
    this.checkedMs = performance.now();
    const { mtimeMs } = await stat(this.file);
    if (mtimeMs === this.modifiedMs) return;
    const keys = fileSchema.parse(JSON.parse(await readFile(this.file, 'utf8')));
    this.keys = new Map(keys.map((key) => [key.sha256, key]));
    this.modifiedMs = mtimeMs;
  }

  async find(key: string): Promise<ApiKey | undefined> {
    const hash = sha256Hex(key);
    const known = this.keys.get(hash);
    if (known !== undefined || performance.now() - this.checkedMs < REREAD_MS) return known;
    // A file that is being written right now: the keys known so far stay.
    await this.load().catch(() => undefined);
    return this.keys.get(hash);
  }
}
