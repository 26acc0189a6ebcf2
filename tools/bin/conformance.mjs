// npm run conformance: what the level engine keeps of IEC 61672-1 and IEC 61260-1, as a page and JSON under .earshot/conformance/.
import { ensureSetUp, runPinned } from './bootstrap.mjs';

await ensureSetUp();
await runPinned('tools/dist/conformance/main.js', process.argv.slice(2));
