// npm run bench -- levels: speed as ratios to a reference run side by side; tables and JSON under .earshot/bench/.
import { ensureSetUp, runPinned } from './bootstrap.mjs';

await ensureSetUp();
await runPinned('tools/dist/bench/main.js', process.argv.slice(2));
