/**
 * Sets up a working copy: installs the packages in the lock file and builds, each only if needed.
 *
 * `node scripts/prepare.mjs` runs this separately (`--install` skips the build); `npm start`, `npm test` and the other
 * commands run it first.
 *
 * Downloads nothing if the installed packages match the lock file. Commands started in parallel wait for each other.
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root folder of the working copy. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const inputs = [
  'src',
  'test',
  'bench',
  'conformance',
  'docs',
  'scripts/bundle.mjs',
  'tsconfig.json',
  'package-lock.json',
];
const lockFile = join(root, 'dist', '.prepare-lock');
const builtStamp = join(root, 'dist', '.built');

/** Installs and, unless `building` is false, builds if needed; ends the process with status 1 on failure. */
export async function prepare({ building = true } = {}) {
  requireNode();
  if (isInstalled() && (!building || isBuilt())) return;
  await withLock(() => {
    if (!isInstalled()) install();
    if (building && !isBuilt()) build();
  });
}

/** Ends the process if Node is older than `engines` in package.json requires. */
function requireNode() {
  const [, major, minor] = /(\d+)\.(\d+)/.exec(readJson('package.json').engines.node).map(Number);
  const [ownMajor, ownMinor] = process.versions.node.split('.').map(Number);
  if (ownMajor > major || (ownMajor === major && ownMinor >= minor)) return;
  fail(`Node ${major}.${minor} or newer is needed; this is ${process.versions.node}`);
}

/**
 * Whether node_modules contains every package of the lock file in its version; packages for other platforms may be
 * missing. Compares versions instead of file times, since a checkout changes the times.
 */
function isInstalled() {
  const wanted = readJson('package-lock.json').packages;
  const installed = readJson('node_modules/.package-lock.json')?.packages;
  if (installed === undefined) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const found = installed[path];
    return found === undefined ? entry.optional === true : found.version === entry.version;
  });
}

function install() {
  const modules = join(root, 'node_modules');
  if (lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink()) {
    say(
      'node_modules is a link to packages that do not match package-lock.json; it was not changed, run npm ci in its target folder',
    );
    return;
  }
  say('installing packages (npm ci)…');
  const options = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  const result =
    npm === undefined
      ? run('npm', options, process.platform === 'win32')
      : run(process.execPath, [npm, ...options], false);
  if (result !== 0) fail('npm ci failed: see above; a first set-up needs the network');
}

/** Whether the last build is newer than every source file and folder (deleting a file updates its folder). */
function isBuilt() {
  const stamp = statSync(builtStamp, { throwIfNoEntry: false });
  return stamp !== undefined && inputs.every((path) => newest(join(root, path)) < stamp.mtimeMs);
}

function newest(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  let time = stat.mtimeMs;
  if (stat.isDirectory()) for (const name of readdirSync(path)) time = Math.max(time, newest(join(path, name)));
  return time;
}

function build() {
  if (!existsSync(builtStamp)) say('building…');
  // Taken before the build, so that a source saved during it counts as newer.
  const started = new Date();
  for (const step of [
    [join(root, 'node_modules/typescript/bin/tsc'), '-p', root],
    [join(root, 'scripts/bundle.mjs')],
  ]) {
    if (run(process.execPath, step, false) !== 0) fail('the build failed: see above');
  }
  writeFileSync(builtStamp, '');
  utimesSync(builtStamp, started, started);
}

/** Runs work exclusively among processes; takes over a lock whose owner has ended. */
async function withLock(work) {
  mkdirSync(dirname(lockFile), { recursive: true });
  for (let attempt = 0; ; attempt++) {
    try {
      writeFileSync(lockFile, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const owner = Number(readText(lockFile));
    if (owner > 0 && !isAlive(owner)) rmSync(lockFile, { force: true });
    else if (attempt === 20) say(`waiting for another set-up (process ${owner})…`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const release = () => rmSync(lockFile, { force: true });
  process.once('exit', release);
  try {
    work();
  } finally {
    release();
    process.off('exit', release);
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Runs a command with its output redirected to standard error, so that a command's own standard output stays clean. */
function run(command, args, shell) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], shell });
  if (error !== undefined) fail(`${command}: ${error.message}`);
  return status;
}

function readJson(path) {
  const text = readText(join(root, path));
  return text === undefined ? undefined : JSON.parse(text);
}

function readText(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function say(sentence) {
  process.stderr.write(`sfprocessor: ${sentence}\n`);
}

function fail(sentence) {
  say(sentence);
  process.exit(1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // For packages: remove outputs of deleted sources.
  if (process.argv.includes('--clean')) rmSync(join(root, 'dist'), { recursive: true, force: true });
  await prepare({ building: !process.argv.includes('--install') });
}
