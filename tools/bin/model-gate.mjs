// npm run model-gate: the installed classifiers against their figures of record; --record writes new ones.
import { ensureSetUp, runPinned } from './bootstrap.mjs';

await ensureSetUp();
await runPinned('tools/dist/model-gate/main.js', process.argv.slice(2));
