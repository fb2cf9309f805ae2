import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ContainerReader, RecordBatchPool, recordAt, type TraceRecord } from '../../src/sysflow/index.js';
import { projectFiles, projectRoot } from '../house/support/project.js';

const traces = projectFiles('resources/traces').filter((path) => path.endsWith('.sf'));

async function read(path: string): Promise<TraceRecord[]> {
  const reader = await ContainerReader.open(join(projectRoot, path));
  assert.ok(reader instanceof ContainerReader, path);
  const records: TraceRecord[] = [];
  for await (const batch of reader.batches(new RecordBatchPool())) {
    for (let row = 0; row < batch.length; row++) records.push(recordAt(batch, row));
    batch.release();
  }
  assert.deepEqual(reader.damage, []);
  return records;
}

test('the bundled traces are there, and small', () => {
  const names = traces.map((path) => path.slice(path.lastIndexOf('/') + 1, -3)).sort();
  assert.deepEqual(names, ['npm-install', 'package-install', 'shell-session', 'web-attack']);
  const bytes = traces.reduce((sum, path) => sum + statSync(join(projectRoot, path)).size, 0);
  assert.ok(bytes < 600_000, `${bytes} bytes`);
});

for (const path of traces) {
  test(`${path} holds what was recorded, and nothing of the machine it was recorded on`, async () => {
    const records = await read(path);
    assert.ok(records.length > 1000);
    const [header] = records;
    assert.ok(header?.kind === 'header' && header.exporter === 'shop-1' && header.ip === 'NA');
    const texts = new Set<string>();
    for (const record of records) {
      if (record.kind === 'file') texts.add(record.path);
      if (record.kind !== 'process') continue;
      texts
        .add(record.exe)
        .add(record.args)
        .add(record.cwd ?? '');
      assert.deepEqual(record.env, []);
      assert.ok(['root', 'www-data', '_apt'].includes(record.userName), record.userName);
    }
    const foreign = /^\/(home|work|mnt|media|workspace|github|builds?)\/|\.pyenv|sandbox|https?:\/\/(?!127\.0\.0\.1)/;
    assert.deepEqual(
      [...texts].filter((text) => foreign.test(text)),
      [],
    );
  });
}

test('the attack shows what rules are to find', async () => {
  const records = await read('resources/traces/web-attack.sf');
  const files = new Map<string, string>();
  const programs = new Map<bigint, string>();
  const opened = new Set<string>();
  const ports = new Set<string>();
  for (const record of records) {
    if (record.kind === 'file') files.set(record.oid, record.path);
    if (record.kind === 'process') programs.set(record.oid.pid, record.exe.slice(record.exe.lastIndexOf('/') + 1));
    if (record.kind === 'fileFlow') opened.add(`${programs.get(record.process.pid)} ${files.get(record.fileOid)}`);
    if (record.kind === 'networkFlow') ports.add(`${programs.get(record.process.pid)} ${record.dport}`);
  }
  const expected = [
    ...['cat /etc/shadow', 'cat /root/.ssh/id_ed25519', 'sh /srv/shop/public/shell.php', 'sh /etc/cron.d/shop-update'],
    ...[
      'sh /var/spool/cron/crontabs/root',
      'sh /root/.ssh/authorized_keys',
      'sh /etc/systemd/system/shop-update.service',
    ],
    ...['sh /etc/ld.so.preload', 'curl /tmp/.x/xmrig', 'dpkg-deb /tmp/tool.deb'],
  ];
  assert.deepEqual(
    expected.filter((entry) => !opened.has(entry)),
    [],
  );
  const connections = ['node 8080', 'curl 8099', 'bash 4444', 'xmrig 3333', 'bash 22', 'ssh 2222'];
  assert.deepEqual(
    connections.filter((entry) => !ports.has(entry)),
    [],
  );
});
