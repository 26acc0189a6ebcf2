// npm run chaos: a stack of its own under seeded faults, compared with one that is left in peace; report under .earshot/chaos/.
import { ensureSetUp, runPinned } from './bootstrap.mjs';

await ensureSetUp();
await runPinned('tools/dist/chaos/main.js', process.argv.slice(2));
