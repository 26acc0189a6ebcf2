import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const schema = z.record(z.string(), z.string());

/** Keys of sensors that the simulator made, by `tenant/sensor`, in a file that only its owner reads. */
export class KeyStore {
  private readonly file: string;
  private readonly keys: Map<string, string>;

  constructor(stateDir: string) {
    this.file = path.join(stateDir, 'simulator', 'keys.json');
    this.keys = new Map(Object.entries(this.read()));
  }

  get(tenantId: string, sensorId: string): string | undefined {
    return this.keys.get(`${tenantId}/${sensorId}`);
  }

  /** Written whole or not at all; what other simulators wrote meanwhile stays. */
  set(tenantId: string, sensorId: string, key: string): void {
    this.keys.set(`${tenantId}/${sensorId}`, key);
    const all = { ...this.read(), [`${tenantId}/${sensorId}`]: key };
    mkdirSync(path.dirname(this.file), { recursive: true });
    const incoming = `${this.file}.${process.pid}`;
    writeFileSync(incoming, JSON.stringify(all, null, 1), { mode: 0o600 });
    renameSync(incoming, this.file);
  }

  private read(): Record<string, string> {
    try {
      return schema.parse(JSON.parse(readFileSync(this.file, 'utf8')));
    } catch {
      return {};
    }
  }
}
