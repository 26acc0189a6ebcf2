// npm start: set up what is missing, then the whole stack until Ctrl-C.
import { ensureSetUp, runPinned } from './bootstrap.mjs';

await ensureSetUp();
await runPinned('tools/dist/cli/main.js', ['stack', 'start', ...process.argv.slice(2)]);
