import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { repositoryRoot } from '../../config/settings.js';
import { loadAnswer, type LoadAnswer, type LoadOrder, type LoadPlan } from './protocol.js';

/** The load generator, a process of its own. */
export interface Load {
  readonly pid: number;
  /** What it plays. */
  readonly sound: string;
  /** Resolves when every frame has its answer. */
  play(order: LoadOrder): Promise<LoadAnswer>;
  stop(): Promise<void>;
}

/** All sensors are connected when it resolves. */
export const startLoad = async (plan: LoadPlan): Promise<Load> => {
  const child = spawn(process.execPath, [path.join(repositoryRoot, 'tools/dist/bench/capacity/load-main.js')], {
    cwd: repositoryRoot,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answered = async (): Promise<LoadAnswer> => {
    const { value, done } = (await lines.next()) as { value?: string; done?: boolean };
    if (done === true || value === undefined) throw new Error('The load generator ended');
    return loadAnswer.parse(JSON.parse(value));
  };
  child.stdin.write(`${JSON.stringify(plan)}\n`);
  const { sound } = await answered();
  return {
    pid: child.pid ?? 0,
    sound,
    play: (order) => {
      child.stdin.write(`${JSON.stringify(order)}\n`);
      return answered();
    },
    stop: async () => {
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
};
