import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Diagnostics } from '../../../src/diagnostics/diagnostic.js';
import { formatDiagnostic } from '../../../src/diagnostics/format.js';
import { nodeFileSystem } from '../../../src/policy/files/node-file-system.js';
import { readPolicyFiles } from '../../../src/policy/files/policy-files.js';

/** A folder with the files `a.yaml` and `deep/b.yml`, and what reading it gives. */
function folder(t: TestContext): { path: string; read: (...paths: string[]) => { found: string[]; told: string[] } } {
  const path = mkdtempSync(join(tmpdir(), 'sfprocessor-policies-'));
  t.after(() => rmSync(path, { recursive: true }));
  mkdirSync(join(path, 'deep'));
  writeFileSync(join(path, 'a.yaml'), 'a');
  writeFileSync(join(path, 'deep/b.yml'), 'b');
  const read = (...paths: string[]): { found: string[]; told: string[] } => {
    const diagnostics = new Diagnostics();
    const sources = readPolicyFiles(paths.length === 0 ? [path] : paths, nodeFileSystem, diagnostics);
    return {
      found: sources.map((source) => source.path.slice(path.length + 1)),
      told: diagnostics.items.map((item) =>
        formatDiagnostic(item, { color: false, excerpt: false }).replace(`${path}/`, ''),
      ),
    };
  };
  return { path, read };
}

test('a link to the folder around it loaded each file 32 times, and two such links never ended', (t) => {
  const { path, read } = folder(t);
  symlinkSync('.', join(path, 'again'));
  symlinkSync('..', join(path, 'deep/up'));
  symlinkSync(path, join(path, 'deep/top'));
  assert.deepEqual(read(), { found: ['a.yaml', 'deep/b.yml'], told: [] });
});

test('a file to which several names lead was loaded for each of them', (t) => {
  const { path, read } = folder(t);
  symlinkSync('a.yaml', join(path, 'z.yaml'));
  symlinkSync('deep', join(path, 'other'));
  symlinkSync('deep/b.yml', join(path, 'c.yaml'));
  assert.deepEqual(read(), { found: ['a.yaml', 'c.yaml'], told: [] });
  assert.deepEqual(read(join(path, 'deep'), path, join(path, 'a.yaml')).found, ['deep/b.yml', 'a.yaml']);
});

test('a broken link is reported, an error where its name is that of a policy file', (t) => {
  const { path, read } = folder(t);
  symlinkSync('nowhere', join(path, 'gone'));
  symlinkSync('nowhere', join(path, 'gone.yaml'));
  assert.deepEqual(read(), {
    found: ['a.yaml', 'deep/b.yml'],
    told: [
      'gone: warning[file-unreadable]: it cannot be read and is ignored: a broken link (ENOENT)',
      'gone.yaml: error[file-unreadable]: it cannot be read: a broken link (ENOENT)',
    ],
  });
});

test('a policy file whose name is not UTF-8 was passed over in silence', (t) => {
  const { path, read } = folder(t);
  const named = Buffer.concat([Buffer.from(`${path}/deep/`), Buffer.from([0xff, 0x1b]), Buffer.from('.yaml')]);
  writeFileSync(named, Buffer.from([0x61, 0xff]));
  const { found, told } = read();
  assert.equal(found.length, 3);
  assert.deepEqual(told, [
    'deep/\\xff\\u001b.yaml:1:2: warning[invalid-value]: the file is not valid UTF-8; invalid bytes are read as U+FFFD',
  ]);
});
