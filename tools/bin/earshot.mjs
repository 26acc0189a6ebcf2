// npm run -s earshot -- <command>: nothing on stdout but the command's output.
import { existsSync } from 'node:fs';
import path from 'node:path';

import { ensureSetUp, root, runPinned } from './bootstrap.mjs';

const args = process.argv.slice(2);
const entry = 'tools/dist/cli/main.js';
// Looking and stopping must work in a tree whose sources are being changed: no build for these if there is one.
const asItIs = args[0] === 'status' || (args[0] === 'stack' && args[1] !== 'start');
if (!asItIs || !existsSync(path.join(root, entry)) || !existsSync(path.join(root, 'node_modules/.bin/node'))) {
  await ensureSetUp();
}
await runPinned(entry, args);
