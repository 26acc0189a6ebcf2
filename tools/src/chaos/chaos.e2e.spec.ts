import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { repositoryRoot } from '../config/settings.js';
import { pageOf } from './page.js';
import { runChaos } from './run.js';

/** The short form of `npm run chaos`: two stacks of its own, about four minutes. */
describe('chaos', () => {
  it('loses nothing, makes nothing twice and changes no output', async () => {
    const faults = 16;
    const report = await runChaos({ seed: 5, minutes: 0.9, faults, sensors: 9, say: (text) => console.info(text) });
    const folder = path.join(repositoryRoot, '.earshot/chaos');
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'short.html'), pageOf(report));
    expect(report.problems).toEqual([]);
    expect(report.frames.acknowledged).toBe(9 * 54);
    expect(report.faults).toHaveLength(faults);
    for (const { topic, distinct } of report.outputs) {
      if (topic !== 'alerts' && topic !== 'events') expect([topic, distinct > 0]).toEqual([topic, true]);
    }
  }, 600_000);
});
