import { existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';

import type { Settings } from '../config/settings.js';
import { isRunning, signalProcess, waitForExit } from '../process/identity.js';
import { endLeftovers, readRecord } from './record.js';

/** Stops the running stack, or what a killed one left behind. Returns what was done, as a sentence. */
export const stopStack = async (settings: Settings): Promise<string> => {
  const record = readRecord(settings.stateDir);
  if (record === undefined) return 'Nothing runs.';
  const { supervisor } = record;
  if (isRunning(supervisor)) {
    signalProcess(supervisor, 'SIGTERM');
    const ended = await waitForExit(supervisor, 15_000);
    if (!ended) {
      signalProcess(supervisor, 'SIGKILL');
      await waitForExit(supervisor, 2000);
    }
    const left = await endLeftovers(readRecord(settings.stateDir) ?? record);
    const extra = left.length === 0 ? '' : ` It had to be forced: ${left.join(', ')}.`;
    return `The stack (process ${supervisor.pid}) has stopped.${extra}`;
  }
  const ended = await endLeftovers(record);
  return ended.length === 0 ? 'Nothing runs.' : `Ended what a killed run left behind: ${ended.join(', ')}.`;
};

/** What a reset keeps: downloads, stamps of the set-up, caches. */
const kept = new Set(['cache', 'stamps']);

/**
 * Stops the stack and deletes its data, logs, key and records. Downloaded jars and set-up stamps stay. Returns the paths it
 * removed, relative to the root.
 */
export const resetStack = async (settings: Settings): Promise<string[]> => {
  await stopStack(settings);
  const { stateDir, root } = settings;
  if (!existsSync(stateDir)) return [];
  const targets = readdirSync(stateDir).flatMap((name) => {
    if (kept.has(name)) return [];
    if (name !== 'kafka') return [path.join(stateDir, name)];
    // The jars are in kafka/<version>; data and configuration of the broker beside them.
    return ['data', 'server.properties'].map((own) => path.join(stateDir, 'kafka', own)).filter(existsSync);
  });
  for (const target of targets) rmSync(target, { recursive: true, force: true });
  return targets.map((target) => path.relative(root, target));
};
