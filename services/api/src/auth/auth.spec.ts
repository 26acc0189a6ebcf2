import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { describe, expect, it } from '@jest/globals';
import { createLogger } from '@earshot/platform/telemetry';

import { ApiKeys, findKey, parseKeys } from './api-keys.js';
import { RateLimit } from './rate-limit.js';

const entry = (token: string, id = token) => ({
  id,
  tenantId: 't1',
  sha256: createHash('sha256').update(token).digest('hex'),
  scopes: ['read' as const],
});

describe('API keys', () => {
  it('are found by their hash, in the header only as a bearer', () => {
    const keys = [entry('ek_a'), entry('ek_b')];
    expect(findKey(keys, 'Bearer ek_b')?.id).toBe('ek_b');
    expect(findKey(keys, 'bearer ek_a')?.id).toBe('ek_a');
    for (const header of [undefined, '', 'ek_a', 'Basic ek_a', 'Bearer ek_', `Bearer ${keys[0]?.sha256 ?? ''}`]) {
      expect(findKey(keys, header)).toBeUndefined();
    }
  });

  it('of a broken file are refused without showing values', () => {
    expect(() => parseKeys('{')).toThrow('the file is not JSON');
    expect(() => parseKeys(JSON.stringify([{ ...entry('ek_a'), sha256: 'ek_secret' }]))).toThrow(
      /0\.sha256: expected 64/,
    );
    expect(() => parseKeys(JSON.stringify([{ ...entry('ek_a'), scopes: ['root'] }]))).toThrow(/scopes/);
  });

  it('are read again when the file changes; a broken file changes nothing', async () => {
    const directory = await mkdtemp(path.join(os.tmpdir(), 'earshot-keys-'));
    const file = path.join(directory, 'keys.json');
    const keys = new ApiKeys(file, createLogger('test', 'fatal'));
    await keys.refresh();
    expect(keys.ready()).not.toBe(true);
    await writeFile(file, JSON.stringify([entry('ek_a')]));
    await keys.refresh();
    expect([keys.ready(), keys.find('Bearer ek_a')?.id]).toEqual([true, 'ek_a']);
    await writeFile(file, JSON.stringify([entry('ek_a'), entry('ek_new')]));
    await keys.refresh();
    expect(keys.find('Bearer ek_new')?.id).toBe('ek_new');
    await writeFile(file, 'broken');
    await keys.refresh();
    expect(keys.find('Bearer ek_new')?.id).toBe('ek_new');
    await rm(directory, { recursive: true });
  });
});

describe('rate limit', () => {
  it('lets twice the rate through at once, then the rate, per key', () => {
    const limit = new RateLimit(2);
    const at = (nowMs: number, key = 'a'): number => limit.waitS(key, nowMs);
    expect([at(0), at(0), at(0), at(0)]).toEqual([0, 0, 0, 0]);
    expect(at(0)).toBe(1);
    expect(at(0, 'b')).toBe(0);
    expect(at(500)).toBe(0);
    expect(at(500)).toBe(1);
  });
});
