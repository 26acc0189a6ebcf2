import { rmSync } from 'node:fs';

export default async () => {
  const { stack, stateDir } = globalThis.__earshotStack;
  await stack.stop();
  rmSync(stateDir, { recursive: true, force: true });
};
