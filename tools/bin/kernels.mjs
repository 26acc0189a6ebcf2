// npm run kernels: compiles libs/core/kernels/*.ts (AssemblyScript) to base64 in libs/core/src/*/generated/.
// --check: changes nothing, fails if a file is not what its source compiles to.
import { Buffer } from 'node:buffer';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** The resampler's memory is given by who makes it: its size depends on the rates. */
const kernels = [
  { source: 'levels.ts', memory: '--initialMemory 2 --maximumMemory 2', target: 'levels/generated/kernel.ts' },
  { source: 'polyphase.ts', memory: '--importMemory', target: 'dsp/generated/polyphase.ts' },
  { source: 'mel.ts', memory: '--importMemory', target: 'dsp/generated/mel.ts' },
];

const compile = async ({ source, memory }) => {
  let wasm;
  const options = `--outFile kernel.wasm --runtime stub -O3 --noAssert --enable simd ${memory}`.split(' ');
  const { error, stderr } = await asc.main([source, ...options], {
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
  return `// Compiled from libs/core/kernels/${source} by \`npm run kernels\`.\nexport const KERNEL_WASM = [\n${lines.join('\n')}\n].join('');\n`;
};

for (const kernel of kernels) {
  const target = path.join(root, 'libs/core/src', kernel.target);
  const text = await compile(kernel);
  if (!process.argv.includes('--check')) {
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, text);
  } else if (readFileSync(target, 'utf8') !== text) {
    process.stderr.write(`${path.relative(root, target)} is not what libs/core/kernels compiles to: npm run kernels\n`);
    process.exitCode = 1;
  }
}
