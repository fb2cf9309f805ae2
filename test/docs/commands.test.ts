import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { projectFiles, projectRoot, projectText } from '../house/support/project.js';
import { type RunStep, showsOutput, stepsOf } from './support/snippets.js';

/** Commands of documents that are run elsewhere, with where. */
const RUN_ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['npm test', 'it is what runs this'],
  ['npm run conformance', 'by .ci/run'],
  ['npm run bench', 'test/bench; takes minutes'],
  ['npm run fuzz', 'a short run is a test of its own'],
  ['npm run fuzz:policies', 'a short run is a test of its own'],
  ['npm run docs', 'test/docs/reference.test.ts compares what it writes'],
  ['npm run types', 'by .ci/run'],
  ['npm run lint', 'by .ci/run'],
  ['.ci/run', 'it is what runs this'],
  ['npm install --prefix plugins/transports/unixgram', 'test/plugins installs a copy, where packages can be fetched'],
  ['node plugins/transports/unixgram/receive.mjs /tmp/sfprocessor.sock', 'it ends when it is stopped'],
  [
    'node bin/sfprocessor.js -config plugins/transports/unixgram/pipeline.json resources/traces/web-attack.sf',
    'test/plugins, where packages can be fetched',
  ],
]);

const documents = projectFiles().filter(
  (path) => path.endsWith('.md') && (!path.includes('/') || /^(docs|plugins)\//.test(path)) && path !== 'CHANGELOG.md',
);

for (const path of documents) {
  const steps = stepsOf(projectText(path));
  if (steps.length === 0) continue;
  test(`the commands of ${path} do what it says`, (t) => {
    const folder = documentFolder(t);
    let setup = '';
    for (const step of steps) {
      if (step.kind === 'file') {
        mkdirSync(dirname(join(folder, step.name)), { recursive: true });
        writeFileSync(join(folder, step.name), step.text);
      } else if (step.kind === 'setup') setup += step.script;
      else if (!isRunElsewhere(step)) runStep(path, step, folder, setup);
    }
  });
}

/** Documents that a newcomer follows in a clone: their commands must work without anything that they do not tell to do. */
const FOR_NEWCOMERS: readonly string[] = ['README.md', 'docs/guide.md'];

/** A temporary folder like a clone that is set up. For readers who have installed the command, it is in `.bin`. */
function documentFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'sfprocessor-docs-'));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, '.bin'));
  symlinkSync(join(projectRoot, 'bin/sfprocessor.js'), join(folder, '.bin/sfprocessor'));
  for (const name of ['bin', 'plugins', 'resources']) symlinkSync(join(projectRoot, name), join(folder, name));
  // Programs that use the library have it installed beside them.
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(projectRoot, join(folder, 'node_modules/sfprocessor'));
  return folder;
}

function isRunElsewhere(step: RunStep): boolean {
  const lines = step.script
    .trim()
    .split('\n')
    .map((line) => line.replace(/\s+#.*/, '').replace(/ -- .*/, ''));
  return step.inProject && lines.every((line) => RUN_ELSEWHERE.has(line));
}

function runStep(path: string, step: RunStep, folder: string, setup: string): void {
  const installed = FOR_NEWCOMERS.includes(path) ? '' : `${join(folder, '.bin')}${delimiter}`;
  const { status, stdout } = spawnSync('sh', ['-e', '-c', `exec 2>&1\n${setup}${step.script}`], {
    cwd: step.inProject ? projectRoot : folder,
    env: { ...process.env, PATH: `${installed}${process.env.PATH}` },
    encoding: 'utf8',
    timeout: 60_000,
  });
  const place = `${path}:${step.line}`;
  assert.equal(status, step.status, `${place}: status ${status}\n${stdout}`);
  if (step.output !== null) assert.ok(showsOutput(step.output, stdout), `${place}: it prints\n${stdout}`);
}

test('steps are found by their info strings', () => {
  const text =
    '```sh setup\nx=1\n```\n```sh exit=2\nfalse\n```\n\n```text output\na\n```\n```json file=x/y.json\n{}\n```\n```ts\nconst a = 1;\n```\n';
  assert.deepEqual(stepsOf(text), [
    { kind: 'setup', script: 'x=1\n' },
    { kind: 'run', line: 4, script: 'false\n', status: 2, inProject: false, output: 'a\n' },
    { kind: 'file', line: 11, name: 'x/y.json', text: '{}\n' },
  ]);
});

test('shown output stands for the real one, with … for what varies', () => {
  assert.ok(showsOutput('a (b)\nc', 'a (b)\nc\n'));
  assert.ok(showsOutput('a … z\n…\nend', 'a 1 2 z\nx\ny\nend'));
  assert.ok(showsOutput('a\n…', 'a\nb\nc'));
  assert.ok(showsOutput('…\nc', 'c'));
  assert.ok(showsOutput('a b\n  c', 'a   b\n c'));
  assert.ok(!showsOutput('a b', 'ab'));
  assert.ok(!showsOutput('a', 'a\nb'));
  assert.ok(!showsOutput('a.c', 'abc'));
});
