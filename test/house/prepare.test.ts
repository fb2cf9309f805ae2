import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, unlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { projectRoot } from './support/project.js';

/** Stands for npm: notes the call, takes its time, installs what the lock file lists. */
const NPM = `
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
appendFileSync('calls', 'npm ' + process.argv.slice(2, 4).join(' ') + '\\n');
await new Promise((resolve) => setTimeout(resolve, 300));
mkdirSync('node_modules/typescript/bin', { recursive: true });
writeFileSync('node_modules/typescript/bin/tsc', readFileSync('tsc'));
writeFileSync('node_modules/.package-lock.json', readFileSync('package-lock.json'));
`;
/** Stands for the compiler: notes the call; fails where a source says so. */
const TSC = `
const fs = require('node:fs');
fs.appendFileSync('calls', 'tsc\\n');
if (fs.readFileSync('src/a.ts', 'utf8') === 'wrong') process.exit(2);
`;
/** Stands for the bundler: notes the call. */
const BUNDLER = `
import { appendFileSync } from 'node:fs';
appendFileSync('calls', 'bundle\\n');
`;

const lock = (version: string): string =>
  JSON.stringify({
    packages: { '': {}, 'node_modules/a': { version }, 'node_modules/elsewhere': { version: '1.0.0', optional: true } },
  });

/** A small working copy with stand-ins for npm, the compiler and the bundler. */
async function workingCopy(t: TestContext): Promise<{ path: string; prepare: () => Promise<string> }> {
  const path = await mkdtemp(join(tmpdir(), 'sfprocessor-prepare-'));
  t.after(() => rm(path, { recursive: true }));
  await mkdir(join(path, 'src'));
  await cp(join(projectRoot, 'scripts/prepare.mjs'), join(path, 'scripts/prepare.mjs'));
  await writeFile(join(path, 'scripts/bundle.mjs'), BUNDLER);
  await writeFile(join(path, 'package.json'), JSON.stringify({ engines: { node: '>=20.19' } }));
  await writeFile(join(path, 'package-lock.json'), lock('1.0.0'));
  await writeFile(join(path, 'npm.mjs'), NPM);
  await writeFile(join(path, 'tsc'), TSC);
  await writeFile(join(path, 'src/a.ts'), '');
  // The age of a file that was there before, also where the clock of the file system is coarse.
  await touch(join(path, 'src/a.ts'), -10);
  await touch(join(path, 'scripts/bundle.mjs'), -10);
  await touch(join(path, 'src'), -10);
  await touch(join(path, 'package-lock.json'), -10);
  const env = { ...process.env, npm_execpath: join(path, 'npm.mjs') };
  const prepare = async (): Promise<string> => {
    const { stderr } = await promisify(execFile)(process.execPath, ['scripts/prepare.mjs'], { cwd: path, env });
    return stderr;
  };
  return { path, prepare };
}

async function touch(path: string, seconds: number): Promise<void> {
  const time = new Date(Date.now() + seconds * 1000);
  await utimes(path, time, time);
}

const calls = async (path: string): Promise<string[]> =>
  (await readFile(join(path, 'calls'), 'utf8')).trimEnd().split('\n');

test('commands that start side by side in a fresh working copy install and build once', async (t) => {
  const { path, prepare } = await workingCopy(t);
  const words = await Promise.all([prepare(), prepare(), prepare()]);
  assert.deepEqual(await calls(path), ['npm ci --include=dev', 'tsc', 'bundle']);
  assert.match(words.join(''), /installing packages/);
});

test('nothing is done, and nothing said, where nothing is needed', async (t) => {
  const { path, prepare } = await workingCopy(t);
  await prepare();
  await touch(join(path, 'package.json'), 0);
  assert.equal(await prepare(), '');
  assert.equal((await calls(path)).length, 3);
});

test('a changed source, a deleted one and a changed lock file are noticed', async (t) => {
  const { path, prepare } = await workingCopy(t);
  await prepare();
  await touch(join(path, 'src/a.ts'), 1);
  await prepare();
  assert.deepEqual((await calls(path)).slice(3), ['tsc', 'bundle']);
  await touch(join(path, 'src/a.ts'), -10);
  await writeFile(join(path, 'src/b.ts'), '');
  await unlink(join(path, 'src/b.ts'));
  await touch(join(path, 'src'), 1);
  await prepare();
  assert.deepEqual((await calls(path)).slice(5), ['tsc', 'bundle']);
  await touch(join(path, 'src'), -10);
  await writeFile(join(path, 'package-lock.json'), lock('1.0.1'));
  await prepare();
  assert.deepEqual((await calls(path)).slice(7), ['npm ci --include=dev', 'tsc', 'bundle']);
});

test('a build that fails ends with status 1 and is tried again', async (t) => {
  const { path, prepare } = await workingCopy(t);
  await writeFile(join(path, 'src/a.ts'), 'wrong');
  await assert.rejects(prepare(), { code: 1, stderr: /the build failed/ });
  await assert.rejects(prepare(), { code: 1 });
  assert.deepEqual(await calls(path), ['npm ci --include=dev', 'tsc', 'tsc']);
});

test('a lock that a killed set-up left behind is taken over', async (t) => {
  const { path, prepare } = await workingCopy(t);
  await mkdir(join(path, 'dist'));
  await writeFile(join(path, 'dist/.prepare-lock'), '999999999');
  await prepare();
  assert.equal((await calls(path)).length, 3);
});
