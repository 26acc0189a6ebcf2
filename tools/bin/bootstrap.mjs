// Brings a clone to the point where compiled code can run, then runs it with the pinned Node. Plain Node 20, no packages:
// nothing is installed yet when this starts. Progress goes to stderr, and only when there is something to do.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const stamps = path.join(root, '.earshot/stamps');
const pinnedNode = path.join(root, 'node_modules/.bin/node');
const say = (text) => process.stderr.write(`${text}\n`);

const fail = (text) => {
  say(text);
  process.exit(1);
};

const readStamp = (name) => {
  try {
    return JSON.parse(readFileSync(path.join(stamps, name), 'utf8'));
  } catch {
    return {};
  }
};

const writeStamp = (name, value) => {
  mkdirSync(stamps, { recursive: true });
  const file = path.join(stamps, name);
  writeFileSync(`${file}.${process.pid}`, JSON.stringify(value));
  renameSync(`${file}.${process.pid}`, file);
};

const assertNode = () => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    fail(`Node 20.19 or later is needed to set Earshot up; this is ${process.versions.node}. See https://nodejs.org.`);
  }
};

// One set-up at a time: a second one waits for the first and then finds nothing left to do.
const withLock = async (work) => {
  mkdirSync(stamps, { recursive: true });
  const lock = path.join(stamps, 'setup.lock');
  let told = false;
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch {
      if (!isAlive(lock)) {
        rmSync(lock, { force: true });
        continue;
      }
      if (!told) say('Waiting for another set-up of this clone to end …');
      told = true;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
};

const isAlive = (lock) => {
  try {
    const pid = Number(readFileSync(lock, 'utf8'));
    // Just created and not written yet.
    if (pid === 0) return Date.now() - statSync(lock).mtimeMs < 2000;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
};

// Runs a step that may take long: one line while it runs, the seconds it took after. Its output is shown when it fails.
const step = async (what, command, args, env = {}) => {
  const begin = performance.now();
  const seconds = () => `${((performance.now() - begin) / 1000).toFixed(1)} s`;
  say(`${what} …`);
  const tick = setInterval(() => say(`  still ${what.toLowerCase()}: ${seconds()}`), 15_000);
  const child = spawn(command, args, { cwd: root, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const keep = (chunk) => {
    output = (output + chunk).slice(-20_000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const status = await new Promise((resolve) => {
    child.on('error', (error) => {
      keep(String(error));
      resolve(127);
    });
    child.on('close', resolve);
  });
  clearInterval(tick);
  if (status !== 0)
    throw new Error(`${output.trim()}\n\n${what} failed (${command} ${args.join(' ')}: status ${status}).`);
  say(`  done in ${seconds()}`);
};

const lockHash = () =>
  createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex');

const isInstalled = (hash) => existsSync(pinnedNode) && readStamp('install.json').lock === hash;

const ensureInstalled = async () => {
  const hash = lockHash();
  if (isInstalled(hash)) return;
  await withLock(async () => {
    if (isInstalled(hash)) return;
    if (alreadyInStep()) {
      writeStamp('install.json', { lock: hash });
      return;
    }
    if (spawnSync('npm', ['--version'], { stdio: 'ignore' }).status !== 0) fail('npm is needed and was not found.');
    await step('Installing packages (npm ci, waits for the registry)', 'npm', ['ci', '--no-audit', '--no-fund'], {
      ONNXRUNTIME_NODE_INSTALL: 'skip',
    });
    writeStamp('install.json', { lock: hash });
  });
};

// Installed by hand with this very lock file: npm keeps its copy of what it installed.
const alreadyInStep = () => {
  try {
    const strip = (file) =>
      Object.entries(JSON.parse(readFileSync(path.join(root, file), 'utf8')).packages)
        .filter(([name, { optional }]) => name.startsWith('node_modules/') && optional !== true)
        .map(([name, { version, link }]) => (link === true ? '' : `${name}@${version}`))
        .sort()
        .join('\n');
    return existsSync(pinnedNode) && strip('package-lock.json') === strip('node_modules/.package-lock.json');
  } catch {
    return false;
  }
};

const listFiles = (folder, into) => {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'node_modules' || entry.name === 'dist') continue;
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) listFiles(file, into);
    else into.push(file);
  }
  return into;
};

const projects = () =>
  ['libs', 'services']
    .flatMap((group) => readdirSync(path.join(root, group)).map((name) => `${group}/${name}`))
    .concat('tools')
    .filter((project) => existsSync(path.join(root, project, 'package.json')));

// What the compiled code is made of. Tests are not built.
const sources = () =>
  projects()
    .flatMap((project) => {
      const configs = readdirSync(path.join(root, project), { withFileTypes: true })
        .filter((entry) => entry.isFile() && /\.(json|html|[cm]?[jt]s)$/.test(entry.name))
        .map((entry) => path.join(root, project, entry.name));
      const folders = ['src', 'public']
        .map((name) => path.join(root, project, name))
        .filter((folder) => existsSync(folder));
      return [...configs, ...folders.flatMap((folder) => listFiles(folder, []))];
    })
    .concat(['.swcrc', 'nx.json', 'package-lock.json'].map((name) => path.join(root, name)))
    .filter((file) => !/\.spec\.tsx?$/.test(file))
    .sort();

const fingerprint = (files) => {
  const hash = createHash('sha256');
  for (const file of files) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${path.relative(root, file)}\0${size}\0${mtimeMs}\n`);
  }
  return hash.digest('hex');
};

const contentHash = (files) => {
  const hash = createHash('sha256');
  for (const file of files)
    hash
      .update(`${path.relative(root, file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  return hash.digest('hex');
};

const isBuilt = () =>
  projects().every((project) => !needsDist(project) || existsSync(path.join(root, project, 'dist')));
const needsDist = (project) =>
  existsSync(path.join(root, project, 'project.json')) && existsSync(path.join(root, project, 'src'));

const ensureBuilt = async () => {
  const stamp = readStamp('build.json');
  const before = fingerprint(sources());
  if (isBuilt() && stamp.fingerprint === before) return;
  await withLock(async () => {
    const files = sources();
    const content = contentHash(files);
    const found = fingerprint(files);
    if (!isBuilt() || readStamp('build.json').content !== content) {
      const nx = path.join(root, 'node_modules/nx/dist/bin/nx.js');
      const bin = existsSync(nx) ? [nx] : [path.join(root, 'node_modules/.bin/nx')];
      const parallel = `--parallel=${Math.max(1, Math.min(4, os.availableParallelism()))}`;
      await step('Building', pinnedNode, [...bin, 'run-many', '-t', 'build', parallel], {
        NX_DAEMON: 'false',
        NX_TUI: 'false',
        // Targets call swc and vite by name, and their shebangs call node: both the pinned ones.
        PATH: `${path.join(root, 'node_modules/.bin')}${path.delimiter}${process.env.PATH ?? ''}`,
      });
    }
    writeStamp('build.json', { fingerprint: found, content });
  });
};

/** Packages and build as the lock file and the sources say; returns at once when they are. */
export const ensureSetUp = async () => {
  assertNode();
  try {
    await ensureInstalled();
    await ensureBuilt();
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error));
  }
};

/**
 * Runs a script with the pinned Node in place of this process: same streams, same exit status, signals passed on. Ctrl-C
 * reaches the child by itself (same process group), so it is only waited for.
 */
export const runPinned = async (script, args, options = {}) => {
  const child = spawn(pinnedNode, [...(options.nodeArgs ?? []), path.join(root, script), ...args], {
    cwd: options.cwd ?? process.cwd(),
    stdio: 'inherit',
    env: {
      ...process.env,
      PATH: `${path.join(root, 'node_modules/.bin')}${path.delimiter}${process.env.PATH ?? ''}`,
      ...options.env,
    },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  const [status, signal] = await new Promise((resolve) => {
    child.on('error', () => resolve([127, null]));
    child.on('close', (code, by) => resolve([code, by]));
  });
  process.exitCode = signal === null ? (status ?? 1) : 1;
};
