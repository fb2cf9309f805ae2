import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { projectRoot } from '../house/support/project.js';

const folder = mkdtempSync(join(tmpdir(), 'sfprocessor-bundle-'));
after(() => rmSync(folder, { recursive: true }));

/** The parts of a working copy that the command needs, in a folder of their own. */
function copyProgram(name: string): string {
  const root = join(folder, name);
  for (const part of ['package.json', 'bin', 'dist/bundle']) {
    cpSync(join(projectRoot, part), join(root, part), { recursive: true });
  }
  return root;
}

function versionOf(root: string): string {
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(root, 'bin/sfprocessor.js'), '-version'], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  return stdout;
}

test('the bytecode that the build kept is taken', () => {
  const root = copyProgram('taken');
  // In a process of its own, since the program's settings of V8 are those of its process.
  const look = join(root, 'dist/bundle/cli/look.js');
  const code = `const { Bundles } = require('./bundles.js');
    const { pathToFileURL } = require('node:url');
    const bundles = new Bundles(pathToFileURL(__filename).href);
    for (const name of ['start', 'program', 'inflater']) console.log(bundles.read(name).script.cachedDataRejected);`;
  writeFileSync(look, code);
  assert.equal(spawnSync(process.execPath, [look], { encoding: 'utf8' }).stdout, 'false\nfalse\nfalse\n');
});

test('the command runs without bytecode, and with bytecode of something else', () => {
  const root = copyProgram('without');
  const bytecode = join(root, 'dist/bundle/cli/start.bytecode');
  const whole = readFileSync(bytecode);
  const expected = versionOf(root);
  assert.match(expected, /^Version: /);
  // The first bytes tell for which V8 it is.
  for (const other of [Buffer.alloc(0), Buffer.alloc(whole.length), Buffer.from(whole).fill(1, 4, 16)]) {
    writeFileSync(bytecode, other);
    assert.equal(versionOf(root), expected);
  }
  rmSync(bytecode);
  assert.equal(versionOf(root), expected);
});

test('actions were not loaded where the bytecode was taken, and with a warning of Node where it was not', () => {
  const root = copyProgram('actions');
  const at = (name: string): string => join(root, name);
  writeFileSync(
    at('mark.mjs'),
    "export default { name: 'mark', run: (_, rule, context) => context.addTag('marked') };",
  );
  const rule = '- rule: Any\n  desc: All events\n  condition: sf.type = PE\n  actions: [mark]\n';
  writeFileSync(at('rules.yaml'), rule);
  const trace = join(projectRoot, 'resources/traces/shell-session.sf');
  const args = [at('bin/sfprocessor.js'), 'alert', '-q', '-p', at('rules.yaml'), '--actiondir', root, trace];
  for (const bytecode of ['taken', 'missing']) {
    const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8', cwd: root });
    assert.equal(status, 0, bytecode);
    assert.equal(stderr, '', bytecode);
    assert.match(stdout, /marked\n/, bytecode);
    rmSync(at('dist/bundle/cli/program.bytecode'), { force: true });
  }
});

test('the command needs nothing but the bundle: no package and no other module', () => {
  const root = copyProgram('alone');
  cpSync(join(projectRoot, 'resources'), join(root, 'resources'), { recursive: true });
  const args = [join(root, 'bin/sfprocessor.js'), 'alert', '--format', 'json', join(root, 'resources/traces')];
  const { stdout, status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  assert.ok(stdout.split('\n').length > 50);
});
