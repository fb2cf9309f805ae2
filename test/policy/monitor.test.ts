import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Diagnostics } from '../../src/diagnostics/diagnostic.js';
import { nodeFileSystem } from '../../src/policy/files/node-file-system.js';
import { readPolicyFiles } from '../../src/policy/files/policy-files.js';
import { PolicyMonitor } from '../../src/policy/monitor.js';

const root = mkdtempSync(join(tmpdir(), 'sfprocessor-monitor-'));
after(() => rmSync(root, { recursive: true }));

/** Watches a new folder with one file; `next` waits for what the monitor says next. */
function watch(name: string): { folder: string; next: () => Promise<string>; stop: () => void } {
  const folder = join(root, name);
  mkdirSync(join(folder, 'deep/deeper'), { recursive: true });
  writeFileSync(join(folder, 'a.yaml'), 'first');
  const said: string[] = [];
  let wake: (() => void) | null = null;
  const say = (text: string): void => {
    said.push(text);
    wake?.();
  };
  const monitor = new PolicyMonitor(
    {
      paths: [folder],
      files: nodeFileSystem,
      interval: 100,
      onChange: async (sources) =>
        say(sources.map(({ path, text }) => `${path.slice(folder.length)} ${text}`).join(', ')),
      onUnreadable: (reason) => say(reason),
    },
    readPolicyFiles([folder], nodeFileSystem, new Diagnostics()),
  );
  monitor.start();
  const next = async (): Promise<string> => {
    while (said.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    return said.shift()!;
  };
  return { folder, next, stop: () => monitor.stop() };
}

test('a changed, a new, a moved and a removed file are seen, in subfolders and with both endings (B18)', async () => {
  const { folder, next, stop } = watch('changes');
  writeFileSync(join(folder, 'a.yaml'), 'other');
  assert.equal(await next(), '/a.yaml other');
  writeFileSync(join(folder, 'deep/deeper/b.yml'), 'new');
  assert.equal(await next(), '/a.yaml other, /deep/deeper/b.yml new');
  renameSync(join(folder, 'deep/deeper/b.yml'), join(folder, 'deep/b.yaml'));
  assert.equal(await next(), '/a.yaml other, /deep/b.yaml new');
  rmSync(join(folder, 'a.yaml'));
  assert.equal(await next(), '/deep/b.yaml new');
  stop();
});

test('links to a parent folder and names that are not UTF-8 are supported', async () => {
  const { folder, next, stop } = watch('links');
  symlinkSync('..', join(folder, 'deep/up'));
  symlinkSync('.', join(folder, 'again'));
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/z`), Buffer.from([0xff]), Buffer.from('.yaml')]), 'odd');
  assert.equal(await next(), '/a.yaml first, /z\udcff.yaml odd');
  stop();
});

test('files that are being written are left alone until they are done', async () => {
  const { folder, next, stop } = watch('writing');
  let length = 0;
  // Each write is seen by one look at most.
  const writer = setInterval(() => writeFileSync(join(folder, 'a.yaml'), 'x'.repeat(++length)), 40);
  setTimeout(() => clearInterval(writer), 700);
  assert.equal(await next(), `/a.yaml ${'x'.repeat(length)}`);
  assert.ok(length > 3);
  stop();
});

test('an unreadable file is reported once, and later changes of it are noticed', async () => {
  const { folder, next, stop } = watch('unreadable');
  renameSync(folder, `${folder}-away`);
  assert.match(await next(), /unreadable: it cannot be read: no such file or folder/);
  await new Promise((resolve) => setTimeout(resolve, 300));
  renameSync(`${folder}-away`, folder);
  writeFileSync(join(folder, 'a.yaml'), 'other');
  assert.equal(await next(), '/a.yaml other');
  stop();
});
