import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readSecrets } from '../../src/config/secrets.js';
import { Diagnostics } from '../../src/diagnostics/diagnostic.js';
import { ENGINE, EXPORTER, load, optionsAt, pipeline, READER } from './support/load.js';

const PLAIN = pipeline(READER, ENGINE, EXPORTER);

test('variables win over the file, in every stanza of their processor, whatever their case', async () => {
  const engine = ENGINE.replace('"evt eventchan"', '["evt eventchan", "evt2 eventchan"]');
  const text = pipeline(READER, engine, EXPORTER.replace('{', '{"format": "ecs", '), EXPORTER.replace('evt', 'evt2'));
  const loaded = await load(text, {
    EXPORTER_FORMAT: 'text',
    EXPORTER_ES_BULK_NUMWORKERS: '4',
    exporter_file_path: '/x',
    SYSFLOWREADER_FILTER_MAXAGE: '30s',
  });
  assert.deepEqual(loaded.problems, []);
  const exporters = loaded.tree!.drivers[0]!.receivers[0]!.receivers[0]!.receivers;
  assert.equal(exporters.length, 2);
  for (const { stage } of exporters) {
    const options = stage.options as unknown as Record<string, unknown>;
    assert.equal(options.format, 'text');
    assert.equal(options['es.bulk.numWorkers'], 4);
    assert.equal(options['file.path'], '/x');
  }
  assert.equal(optionsAt(loaded, 0)['filter.maxage'], 30_000);
});

test('a variable of a processor that matches no key is a warning with the nearest name', async () => {
  const { problems } = await load(PLAIN, { EXPORTER_FORMT: 'json', PATH: '/bin', DRIVER_DIR: 'x', EXPORTER: 'y' });
  assert.deepEqual(problems, [
    "environment variable EXPORTER_FORMT: warning[unknown-key]: 'EXPORTER_FORMT' matches no key of exporter; did you mean 'EXPORTER_FORMAT'?",
  ]);
});

test('variables in published compose files set the syslog keys, with a note', async () => {
  const environment = {
    EXPORTER_HOST: 'log.example',
    EXPORTER_PORT: '6514',
    EXPORTER_PROTO: 'tcp+tls',
    EXPORTER_SOURCE: 'node1',
    EXPORTER_TYPE: 'telemetry',
  };
  const loaded = await load(PLAIN, environment);
  assert.equal(optionsAt(loaded, 2)['syslog.host'], 'log.example');
  assert.equal(optionsAt(loaded, 2)['syslog.port'], 6514);
  assert.equal(optionsAt(loaded, 2)['syslog.proto'], 'tls');
  assert.equal(optionsAt(loaded, 2)['syslog.source'], 'node1');
  assert.equal(loaded.problems.length, 5);
  for (const problem of loaded.problems)
    assert.match(problem, /^environment variable EXPORTER_\w+: note\[deprecated-key\]: /);
});

test('the key itself wins over its alias', async () => {
  const loaded = await load(PLAIN, { EXPORTER_HOST: 'a', EXPORTER_SYSLOG_HOST: 'b' });
  assert.equal(optionsAt(loaded, 2)['syslog.host'], 'b');
  assert.deepEqual(loaded.problems, []);
});

test('CLUSTER_ID sets cluster.id', async () => {
  const loaded = await load(PLAIN, { CLUSTER_ID: 'c1' });
  assert.equal(optionsAt(loaded, 2)['cluster.id'], 'c1');
});

test('an empty variable overwrote what the file says', async () => {
  const environment = { EXPORTER_FORMAT: '', EXPORTER_HOST: '', POLICYENGINE_POLICIES: '', CLUSTER_ID: '', OTHER: '' };
  const loaded = await load(pipeline(READER, ENGINE, EXPORTER.replace('{', '{"format": "ecs", ')), environment);
  assert.equal(optionsAt(loaded, 2).format, 'ecs');
  assert.deepEqual(
    loaded.problems,
    ['EXPORTER_FORMAT', 'EXPORTER_HOST', 'POLICYENGINE_POLICIES', 'CLUSTER_ID'].map(
      (name) => `environment variable ${name}: warning[invalid-value]: '${name}' is empty, so it is ignored`,
    ),
  );
});

test('a wrong value names the variable, once', async () => {
  const engine = ENGINE.replace('"evt eventchan"', '["evt eventchan", "evt2 eventchan"]');
  const text = pipeline(READER, engine, EXPORTER, EXPORTER.replace('evt', 'evt2'));
  assert.deepEqual((await load(text, { EXPORTER_BUFFER: 'lots' })).problems, [
    "environment variable EXPORTER_BUFFER: error[invalid-value]: 'buffer': 'lots' is not a number from 0 to 1000000",
  ]);
});

test('secrets come from one file a key, trimmed and decoded, and stand in no message', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sfprocessor-secrets-'));
  try {
    await writeFile(join(folder, 'es.username'), 'elastic\n');
    await writeFile(join(folder, 'es.password'), `${Buffer.from('hunter2').toString('base64')}\n`);
    const diagnostics = new Diagnostics();
    const plain = await readSecrets(['es.username', 'es.missing'], { path: folder, encoding: 'none' }, diagnostics);
    assert.deepEqual(
      [...plain].map(([key, { text }]) => [key, text]),
      [['es.username', 'elastic']],
    );
    const decoded = await readSecrets(['es.password'], { path: folder, encoding: 'base64' }, diagnostics);
    assert.equal(decoded.get('es.password')!.text, 'hunter2');
    assert.deepEqual(diagnostics.items, []);
    await writeFile(join(folder, 'es.password'), 'not base64: hunter2!');
    const refused = new Diagnostics();
    await readSecrets(['es.password'], { path: folder, encoding: 'base64' }, refused);
    const [problem] = refused.items;
    assert.equal(problem!.source!.path, join(folder, 'es.password'));
    const messages = refused.items.map(({ message }) => message).join('\n');
    assert.match(messages, /^the secret is not encoded as base64$/);
    assert.ok(!messages.includes('hunter2'));
  } finally {
    await rm(folder, { recursive: true });
  }
});
