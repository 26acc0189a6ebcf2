// npm run kernels: compiles libs/core/kernels/levels.ts (AssemblyScript) to base64 in libs/core/src/levels/generated/kernel.ts.
// --check: changes nothing, fails if that file is not what the source compiles to.
import { Buffer } from 'node:buffer';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = fileURLToPath(new URL('../..', import.meta.url));
const target = path.join(root, 'libs/core/src/levels/generated/kernel.ts');

const compile = async () => {
  let wasm;
  const options =
    '--outFile kernel.wasm --runtime stub -O3 --noAssert --enable simd --initialMemory 2 --maximumMemory 2'.split(' ');
  const { error, stderr } = await asc.main(['levels.ts', ...options], {
    readFile: (name) => {
      try {
        return readFileSync(path.join(root, 'libs/core/kernels', name), 'utf8');
      } catch {
        return null;
      }
    },
    writeFile: (name, contents) => {
      if (name === 'kernel.wasm') wasm = contents;
    },
    listFiles: () => [],
  });
  if (error !== null || wasm === undefined) throw new Error(`AssemblyScript: ${error?.message}\n${stderr}`);
  const base64 = Buffer.from(wasm).toString('base64');
  const lines = base64.match(/.{1,116}/g).map((line) => `  '${line}',`);
  return `// Compiled from libs/core/kernels/levels.ts by \`npm run kernels\`.\nexport const KERNEL_WASM = [\n${lines.join('\n')}\n].join('');\n`;
};

const text = await compile();
if (!process.argv.includes('--check')) writeFileSync(target, text);
else if (readFileSync(target, 'utf8') !== text) {
  process.stderr.write(`${path.relative(root, target)} is not what libs/core/kernels compiles to: npm run kernels\n`);
  process.exit(1);
}
