import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { projectRoot } from './support/project.js';

/** What the package may hold. */
const WANTED: readonly RegExp[] = [
  /^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/,
  /^bin\/sfprocessor\.js$/,
  /^dist\/src\/.+\.d\.ts$/,
  /^dist\/bundle\/(index|sysflow\/index|cli\/[\w-]+)\.js$/,
  /^resources\/(traces|pipelines|policies|actions|schemas|man|templates)\/[^.][^/]*(\/[^.][^/]*)*$/,
];

/** What it must hold. */
const NEEDED: readonly string[] = [
  'package.json',
  'README.md',
  'LICENSE',
  'bin/sfprocessor.js',
  'resources/man/sfprocessor.1',
  'resources/templates/processor/index.ts',
  'dist/src/index.d.ts',
  'dist/bundle/index.js',
  'dist/bundle/sysflow/index.js',
  'dist/bundle/cli/start.js',
  'dist/bundle/cli/trace-inflater-thread.js',
];

let folder: string;
let packed: { filename: string; files: { path: string; size: number }[] };

/** Runs npm where nothing may be fetched. */
function npm(args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync('npm', [...args, '--offline', '--no-audit', '--no-fund'], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, npm_config_cache: join(folder, 'cache') },
  });
  assert.equal(status, 0, stderr);
  return stdout;
}

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'sfprocessor-package-'));
  // Without scripts: those would build anew while other tests run.
  const output = npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], projectRoot);
  packed = (JSON.parse(output) as [typeof packed])[0];
});

after(() => rmSync(folder, { recursive: true }));

test('the package holds what it needs and nothing else', () => {
  const paths = packed.files.map((file) => file.path);
  assert.deepEqual(
    paths.filter((path) => !WANTED.some((pattern) => pattern.test(path))),
    [],
  );
  assert.deepEqual(
    NEEDED.filter((path) => !paths.includes(path)),
    [],
  );
  const size = packed.files.reduce((sum, file) => sum + file.size, 0);
  assert.ok(size < 8e6, `${size} bytes`);
});

test('a class had a copy in each bundle: now the command, its thread and the library share it', () => {
  const bundle = join(projectRoot, 'dist/bundle');
  const sources = readdirSync(bundle, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.js'))
    .map((path) => readFileSync(join(bundle, path), 'utf8'));
  for (const name of ['TraceError', 'BlockReader', 'ContainerReader']) {
    const copies = sources.filter((text) => new RegExp(`\\b(class|var|let|const) ${name}\\b`).test(text));
    assert.equal(copies.length, 1, name);
  }
});

test('installed into an empty folder, the command works and the library can be imported', () => {
  const user = join(folder, 'user');
  mkdirSync(user);
  // Its dependencies come from the working copy, since nothing may be fetched here.
  const dependencies = Object.fromEntries(productionPackages().map((name) => [name, `file:${modulePath(name)}`]));
  const overrides = Object.fromEntries(Object.keys(dependencies).map((name) => [name, `$${name}`]));
  const own = {
    private: true,
    dependencies: { ...dependencies, sfprocessor: `file:../${packed.filename}` },
    overrides,
  };
  writeFileSync(join(user, 'package.json'), JSON.stringify(own));
  npm(['install', '--ignore-scripts'], user);

  const command = join(user, 'node_modules/.bin/sfprocessor');
  const version = spawnSync(command, ['-version'], { encoding: 'utf8', cwd: user });
  assert.equal(version.status, 0, version.stderr);
  const { version: expected } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as {
    version: string;
  };
  assert.ok(version.stdout.includes(expected), version.stdout);

  const traces = join(user, 'node_modules/sfprocessor/resources/traces');
  const trace = join(traces, readdirSync(traces).find((name) => name.endsWith('.sf'))!);
  const inspected = spawnSync(command, ['inspect', '--json', trace], { encoding: 'utf8', cwd: user });
  assert.equal(inspected.status, 0, inspected.stderr);
  assert.equal(typeof JSON.parse(inspected.stdout), 'object');

  const program =
    "import { RecordKind } from 'sfprocessor/sysflow'; await import('sfprocessor'); console.log(RecordKind.header);";
  const imported = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8', cwd: user });
  assert.equal(imported.stdout, '0\n', imported.stderr);
});

/** The packages that the lock file lists for use, not for development only. */
function productionPackages(): string[] {
  const lock = JSON.parse(readFileSync(join(projectRoot, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; devOptional?: boolean; optional?: boolean }>;
  };
  return Object.entries(lock.packages)
    .filter(([path, entry]) => path !== '' && !entry.dev && !entry.devOptional && !entry.optional)
    .map(([path]) => path.replace(/^node_modules\//, ''));
}

function modulePath(name: string): string {
  return join(projectRoot, 'node_modules', name);
}
