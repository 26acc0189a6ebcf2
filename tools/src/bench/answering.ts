import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { z } from 'zod';

/** A process that is asked in lines and answers each with a line of JSON. */
export interface Answering<T> {
  readonly pid: number;
  /** @throws Error when the process ends before it answers. */
  readonly ask: (line: string) => Promise<T>;
  /** Closes its input and waits for its end. */
  readonly stop: () => Promise<void>;
}

export const startAnswering = <T>(
  command: string,
  args: readonly string[],
  answer: z.ZodType<T>,
  env: NodeJS.ProcessEnv = {},
): Answering<T> => {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...env } });
  // A process that is gone is told by its silence.
  child.stdin.on('error', () => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    pid: child.pid ?? 0,
    ask: async (line) => {
      child.stdin.write(`${line}\n`);
      const { value, done } = (await lines.next()) as { value?: string; done?: boolean };
      if (done === true || value === undefined) throw new Error(`${args[0] ?? command} ended before it answered`);
      return answer.parse(JSON.parse(value));
    },
    stop: async () => {
      child.stdin.end();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
};
