import path from 'node:path';
import { repositoryRoot } from '../../config/settings.js';
import { startAnswering } from '../answering.js';
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
  const entry = path.join(repositoryRoot, 'tools/dist/bench/capacity/load-main.js');
  const { pid, ask, stop } = startAnswering(process.execPath, [entry], loadAnswer);
  const { sound } = await ask(JSON.stringify(plan));
  return { pid, sound, play: (order) => ask(JSON.stringify(order)), stop };
};
