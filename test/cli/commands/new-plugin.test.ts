import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { projectRoot } from '../../house/support/project.js';
import { run } from '../support/program.js';

/** All kinds, or those of a variable, for a run that has tested them all before. */
const KINDS = process.env.SFPROCESSOR_TEST_PLUGIN_KINDS?.split(',') ?? [
  'driver',
  'handler',
  'processor',
  'encoder',
  'transport',
  'action',
  'language',
];

/** What npm says where it cannot reach a registry. */
const UNREACHABLE = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED|network/i;

async function emptyFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sfprocessor-new-plugin-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

interface NpmOutcome {
  readonly failed: boolean;
  readonly output: string;
}

function npm(cwd: string, ...args: string[]): Promise<NpmOutcome> {
  // The lines that the test runner in use sets would make that of the package report to it.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return new Promise((resolve) => {
    execFile('npm', args, { cwd, env, timeout: 240_000 }, (error, stdout, stderr) => {
      resolve({ failed: error !== null, output: `${stdout}${stderr}` });
    });
  });
}

test('a new plugin of each kind builds, passes its test and runs, from the packed product in an empty folder', async (t) => {
  const folder = await emptyFolder(t);
  // Without scripts: those would build anew while other tests run.
  const packed = await npm(projectRoot, 'pack', '--json', '--ignore-scripts', '--pack-destination', folder);
  const [{ filename }] = JSON.parse(packed.output) as [{ filename: string }];
  for (const kind of KINDS) {
    const written = await run(['new-plugin', '--local', filename, kind, `my-${kind}`], { cwd: folder });
    assert.equal(written.code, 0, written.stderr);
    const plugin = join(folder, `my-${kind}`);
    const options = ['--no-audit', '--no-fund', '--prefer-offline', '--fetch-retries=1'];
    const installed = await npm(plugin, 'install', ...options);
    if (installed.failed && UNREACHABLE.test(installed.output)) {
      t.skip(`packages cannot be fetched: ${installed.output.split('\n', 1)[0]}`);
      return;
    }
    assert.equal(installed.failed, false, installed.output);
    // That of a transport needs a server.
    for (const args of kind === 'transport' ? [['test']] : [['test'], ['start']]) {
      const { failed, output } = await npm(plugin, ...args);
      assert.equal(failed, false, `${kind}: npm ${args[0]}\n${output}`);
    }
  }
});

test('a new plugin is a package that names this version of the program', async (t) => {
  const folder = await emptyFolder(t);
  const { code, stdout } = await run(['new-plugin', 'processor', 'counter'], { cwd: folder });
  assert.equal(code, 0);
  const { version } = JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8')) as { version: string };
  const manifest = JSON.parse(await readFile(join(folder, 'counter/package.json'), 'utf8'));
  assert.equal(manifest.name, 'counter');
  assert.equal(manifest.devDependencies.sfprocessor, `^${version}`);
  const files = ['package.json', 'tsconfig.json', '.gitignore', 'README.md', 'src/index.ts', 'test/index.test.ts'];
  for (const file of [...files, 'pipeline.json']) {
    assert.ok(stdout.includes(`counter/${file}\n`), file);
    const text = await readFile(join(folder, 'counter', file), 'utf8');
    assert.doesNotMatch(text, /\{\{/);
  }
});

test('a new plugin overwrites nothing, and needs a kind and a name that are ones', async (t) => {
  const folder = await emptyFolder(t);
  const cases: readonly (readonly [args: readonly string[], code: number, message: RegExp])[] = [
    [['processr', 'counter'], 2, /unknown kind 'processr'; did you mean 'processor'\?/],
    [['processor', '../counter'], 2, /'\.\.\/counter' cannot be the name/],
    [['processor', 'Counter'], 2, /cannot be the name/],
    [['encoder', 'json'], 2, /the encoder 'json' is built in/],
    [['processor'], 2, /a kind and a name are needed/],
    [['--local', 'nowhere', 'processor', 'counter'], 2, /'nowhere' does not exist/],
  ];
  for (const [args, code, message] of cases) {
    const outcome = await run(['new-plugin', ...args], { cwd: folder });
    assert.equal(outcome.code, code, args.join(' '));
    assert.match(outcome.stderr, message);
  }
  assert.equal(existsSync(join(folder, 'counter')), false);
  await run(['new-plugin', 'handler', 'counter'], { cwd: folder });
  const again = await run(['new-plugin', 'processor', 'counter'], { cwd: folder });
  assert.equal(again.code, 1);
  assert.match(again.stderr, /'counter' exists already; nothing was written/);
});
