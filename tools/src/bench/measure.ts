import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** CPU time (user and system, of all threads of this process) that `work` takes, ms. */
export const cpuMsOf = async (work: () => unknown): Promise<number> => {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};

/** What is measured: `run` does it once and tells its CPU time, ms per unit of the bench; several when it has parts. */
export interface Engine {
  readonly run: () => Promise<Readonly<Record<string, number>>>;
}

/**
 * Every engine `warmUp` times, then `runs` times in turn, so that what else the machine does hits all of them.
 *
 * @returns CPU time of each measured run by name, ms per unit.
 */
export const measureInTurn = async (
  engines: readonly Engine[],
  { warmUp, runs }: { readonly warmUp: number; readonly runs: number },
): Promise<Readonly<Record<string, readonly number[]>>> => {
  const timings: Record<string, number[]> = {};
  for (const { run } of engines) for (let i = 0; i < warmUp; i++) await run();
  for (let i = 0; i < runs; i++)
    for (const { run } of engines)
      for (const [name, ms] of Object.entries(await run())) (timings[name] ??= []).push(ms);
  return timings;
};

/** A folder for what is handed to a reference; gone afterwards. */
export const withFolder = async <T>(work: (folder: string) => Promise<T>): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), 'earshot-bench-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
