import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { BUILT_IN } from '../../src/components/builtins.js';
import type { Setting } from '../../src/components/options.js';
import { loadPipeline, loadPipelineText } from '../../src/config/load.js';
import { Diagnostics } from '../../src/diagnostics/diagnostic.js';
import { formatDiagnostic } from '../../src/diagnostics/format.js';
import { ENGINE, EXPORTER, load, optionsAt, pipeline, READER } from './support/load.js';

test('a plain pipeline loads without a word, with the defaults', async () => {
  const loaded = await load(pipeline(READER, ENGINE, EXPORTER));
  assert.deepEqual(loaded.problems, []);
  assert.deepEqual(optionsAt(loaded, 0), {
    handler: 'flattener',
    handlerlibpath: '../resources/handlers',
    'filter.enabled': false,
    'filter.maxage': 86_400_000,
  });
  assert.equal(optionsAt(loaded, 1).concurrency, 5);
  assert.equal(optionsAt(loaded, 2).export, 'terminal');
  assert.equal(optionsAt(loaded, 2)['file.path'], './export.out');
});

test('values may be texts, numbers or booleans, and comments may stand in keys', async () => {
  const reader = READER.replace('{', '{"_comment": "x", "filter.enabled": true, "filter.maxage": 90, ');
  const engine = ENGINE.replace('{', '{"concurrency": 3, ');
  const exporter = EXPORTER.replace('{', '{"_comment": 1, "_comment": 2, "buffer": "100", "vault.secrets": "off", ');
  const loaded = await load(pipeline(reader, engine, exporter));
  assert.deepEqual(loaded.problems, []);
  assert.equal(optionsAt(loaded, 0)['filter.enabled'], true);
  assert.equal(optionsAt(loaded, 0)['filter.maxage'], 90 * 60_000);
  assert.equal(optionsAt(loaded, 1).concurrency, 3);
  assert.equal(optionsAt(loaded, 2).buffer, 100);
  assert.equal(optionsAt(loaded, 2)['vault.secrets'], false);
});

test('all mistakes of a file are told at once, in its order, with the nearest names', async () => {
  const text = `{"pipelines": 1, "pipeline": [
{"processor": "sysflowreadr", "in": "sysflow sysflowchan", "out": "flat flattenerchan"},
{"processor": "policyengine", "mode": "enrch", "polices": "x", "in": "flat flattenerchan", "out": "evt evntchan"},
{"processor": "policyengine", "in": "flat2 flattenerchan", "concurrency": 0, "out": []},
{"processor": "exporter", "export": "sylog", "format": "jsn", "in": "evt eventchan", "buffer": [{}],},
{"in": "a", "out": 1}, 7], "drivers": [{"driver": "fil", "out": "sysflow sysflowchan"}]}`;
  assert.deepEqual((await load(text)).problems, [
    "p.json:1:2: warning[unknown-key]: unknown key 'pipelines' of the pipeline file; did you mean 'pipeline'?",
    "p.json:2:15: error[unknown-name]: unknown processor 'sysflowreadr'; did you mean 'sysflowreader'?",
    "p.json:3:39: warning[unknown-name]: unknown value 'enrch' of 'mode'; 'enrich' is used; did you mean 'enrich'?",
    "p.json:3:48: warning[unknown-key]: unknown key 'polices' of the processor 'policyengine'; did you mean 'policies'?",
    "p.json:3:99: error[unknown-name]: unknown channel type 'evntchan'; did you mean 'eventchan'?",
    "p.json:4:15: error[missing-key]: mode 'alert' needs the key 'policies'",
    "p.json:4:37: error[pipeline-wiring]: no stage writes to the channel 'flat2'; did you mean 'flat'?",
    "p.json:4:75: error[invalid-value]: 'concurrency': '0' is not a number from 1 to 1024",
    "p.json:4:85: error[invalid-value]: 'out' names no channel",
    "p.json:5:37: error[unknown-name]: unknown value 'sylog' of 'export'; did you mean 'syslog'?",
    "p.json:5:56: error[unknown-name]: unknown value 'jsn' of 'format'; did you mean 'json'?",
    "p.json:5:96: error[invalid-value]: 'buffer' must be a string, a number, true or false",
    'p.json:5:100: error[json-syntax]: trailing comma',
    "p.json:6:1: error[missing-key]: the key 'processor' is missing",
    "p.json:6:8: error[invalid-value]: 'in' takes 'NAME TYPE', the name of a channel and its type",
    "p.json:6:20: error[invalid-value]: 'out' takes 'NAME TYPE', the name of a channel and its type",
    'p.json:6:24: error[invalid-value]: a stanza must be an object',
    "p.json:6:51: error[unknown-name]: unknown value 'fil' of 'driver'; did you mean 'file'?",
  ]);
});

test('what is not built yet is told plainly', async () => {
  const loaded = await load(
    pipeline(READER, ENGINE, EXPORTER.replace('{', '{"export": "kafka", "kafka.topic": "x", ')),
  );
  assert.deepEqual(loaded.problems, [
    "p.json:4:12: error[unknown-name]: 'export' does not support 'kafka' yet; the values are 'terminal', 'file' and 'null'",
  ]);
});

test('a mistake in a key that does not apply is only a warning', async () => {
  const loaded = await load(pipeline(READER, ENGINE, EXPORTER.replace('{', '{"syslog.port": "x", ')));
  assert.deepEqual(loaded.problems, [
    "p.json:4:17: warning[invalid-value]: 'syslog.port': 'x' is not a number from 1 to 65535",
  ]);
});

test('of a key that stands twice the last counts', async () => {
  const loaded = await load(pipeline(READER, ENGINE, EXPORTER.replace('{', '{"format": "ecs", "format": "text", ')));
  assert.deepEqual(loaded.problems, [
    "p.json:4:19: warning[duplicate-key]: duplicate key 'format'; this value is used",
  ]);
  assert.equal(optionsAt(loaded, 2).format, 'text');
});

test('an unknown mode acts as enrich, falco as the language of rules in the SysFlow dialect', async () => {
  const engine = ENGINE.replace('"mode": "enrich"', '"mode": "observe", "language": "falco"');
  const loaded = await load(pipeline(READER, engine, EXPORTER));
  assert.equal(loaded.problems.length, 1);
  assert.match(loaded.problems[0]!, /warning\[unknown-name\]: unknown value 'observe' of 'mode'; 'enrich' is used/);
  assert.equal(optionsAt(loaded, 1).mode, 'enrich');
  assert.equal(optionsAt(loaded, 1).language, 'sysflow');
});

test('names of the prototype are no keys', async () => {
  const loaded = await load(pipeline('{"processor": "__proto__", "in": "a b", "constructor": 1}', EXPORTER));
  assert.match(loaded.problems.join('\n'), /unknown processor '__proto__'/);
  const { problems } = await load(pipeline(READER, ENGINE, EXPORTER.replace('{', '{"toString": 1, ')));
  assert.deepEqual(problems, ["p.json:4:2: warning[unknown-key]: unknown key 'toString' of the processor 'exporter'"]);
});

for (const text of ['[]', '3', '{}', '{"pipeline": {}}', '{"pipeline": []}', 'pipeline']) {
  test(`a file without stages is refused: ${text}`, async () => {
    assert.ok((await load(text)).problems.some((problem) => problem.includes(': error[')));
  });
}

test('no text makes the reader throw', async () => {
  const value = fc.oneof(fc.string(), fc.integer(), fc.constant('evt eventchan'), fc.constant(null), fc.constant([]));
  const keys = fc.constantFrom('processor', 'in', 'out', 'export', 'mode', 'concurrency', 'filter.maxage', '_comment');
  const stanza = fc.dictionary(keys, fc.oneof(value, fc.array(value), fc.constantFrom('exporter', 'policyengine')));
  await fc.assert(
    fc.asyncProperty(fc.array(stanza), fc.array(stanza), async (stages, drivers) => {
      await load(JSON.stringify({ pipeline: stages, drivers }));
    }),
  );
});

const engineWith = (policies: string): string => ENGINE.replace('{', `{"policies": ${policies}, `);

test('several policies were one path with commas', async () => {
  const loaded = await load(pipeline(READER, engineWith('["a", "b,c"]'), EXPORTER));
  assert.deepEqual(loaded.problems, []);
  const policies = optionsAt(loaded, 1).policies as readonly Setting[];
  assert.deepEqual(
    policies.map(({ text, source, range }) => source.text.slice(range!.start, range!.end) + text),
    ['"a"a', '"b,c"b,c'],
  );
});

test('an array where one value is meant was joined with commas', async () => {
  const exporter = EXPORTER.replace('{', '{"format": ["json"], "es.addresses": ["a", "b"], ');
  const loaded = await load(pipeline(READER, ENGINE, exporter));
  assert.deepEqual(loaded.problems, ["p.json:4:12: error[invalid-value]: 'format' takes one value, not an array"]);
  assert.equal(optionsAt(loaded, 2)['es.addresses'], 'a,b');
});

test('empty texts were taken as values', async () => {
  const exporter = EXPORTER.replace('{', '{"export": "file", "file.path": "", "cluster.id": "", "syslog.tag": "", ');
  for (const policies of ['""', '["a", " "]', '[]']) {
    const { problems } = await load(pipeline(READER, engineWith(policies).replace('enrich', 'alert'), exporter));
    const what = policies === '[]' ? 'is an array without values' : 'has an empty value';
    assert.deepEqual(problems, [
      `p.json:3:14: error[invalid-value]: 'policies' ${what}`,
      "p.json:4:33: error[invalid-value]: 'file.path' has an empty value",
      // What has no effect, or does not apply, stops nothing.
      "p.json:4:51: warning[invalid-value]: 'cluster.id' has an empty value",
      "p.json:4:69: warning[invalid-value]: 'syslog.tag' has an empty value",
    ]);
  }
});

test('an output file that cannot be written was found out only by the run', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sfprocessor-config-'));
  try {
    await writeFile(join(folder, 'file'), '');
    const problemsOf = async (path: string, environment: Record<string, string> = {}): Promise<readonly string[]> => {
      const exporter = EXPORTER.replace('{', `{"export": "file", "file.path": "${path}", `);
      return (await load(pipeline(READER, ENGINE, exporter), environment)).problems;
    };
    assert.deepEqual(await problemsOf(join(folder, 'file')), []);
    assert.deepEqual(await problemsOf(join(folder, 'new')), []);
    const at = 'p.json:4:33: error[file-unwritable]: ';
    assert.deepEqual(await problemsOf(folder), [`${at}'${folder}': is a folder`]);
    const lost = join(folder, 'none', 'out');
    assert.deepEqual(await problemsOf(lost), [`${at}'${lost}': cannot be written: no such folder (ENOENT)`]);
    const below = join(folder, 'file', 'out');
    assert.match(
      (await problemsOf(below)).join('\n'),
      /^p\.json:4:33: error\[file-unwritable\]: .*file\/out': .*folder/,
    );
    assert.deepEqual(await problemsOf('unused', { EXPORTER_FILE_PATH: folder }), [
      `environment variable EXPORTER_FILE_PATH: error[file-unwritable]: '${folder}': is a folder`,
    ]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a path on the command line was passed over in silence where the drivers of the file have their own', async () => {
  const driver = '{"driver": "file", "path": "a.sf", "out": "sysflow sysflowchan"}';
  const text = `{"drivers": [${driver}],\n"pipeline": [${READER}, ${ENGINE}, ${EXPORTER}]}`;
  const problemsOf = async (path: string | null): Promise<string[]> => {
    const diagnostics = new Diagnostics();
    await loadPipelineText(
      { path: 'p.json', text },
      { components: BUILT_IN, environment: {}, driver: null, path },
      diagnostics,
    );
    return diagnostics.items.map((item) => formatDiagnostic(item, { color: false, excerpt: false }));
  };
  assert.deepEqual(await problemsOf('b.sf'), [
    "p.json:1:41: warning[duplicate-key]: the path is given here and on the command line, as 'b.sf'; this one is used",
  ]);
  assert.deepEqual(await problemsOf('./a.sf'), []);
  assert.deepEqual(await problemsOf(null), []);
});

test('a file that cannot be read is a diagnostic', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sfprocessor-config-'));
  try {
    for (const [path, reason] of [
      [join(folder, 'none.json'), /no such file or folder \(ENOENT\)/],
      [folder, /it is a folder \(EISDIR\)/],
    ] as const) {
      const diagnostics = new Diagnostics();
      assert.equal(
        await loadPipeline(path, { components: BUILT_IN, environment: {}, driver: null }, diagnostics),
        null,
      );
      assert.match(diagnostics.items[0]!.message, reason);
      assert.equal(diagnostics.items[0]!.source!.path, path);
    }
    const path = join(folder, 'p.json');
    await writeFile(path, pipeline(READER, ENGINE, EXPORTER));
    const diagnostics = new Diagnostics();
    assert.notEqual(
      await loadPipeline(path, { components: BUILT_IN, environment: {}, driver: null }, diagnostics),
      null,
    );
    assert.deepEqual(diagnostics.items, []);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('policies are looked for where the program runs, then beside the pipeline file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sfprocessor-config-'));
  try {
    await writeFile(join(folder, 'rules.yaml'), '');
    const policiesOf = async (written: string): Promise<unknown> => {
      const path = join(folder, 'p.json');
      await writeFile(path, pipeline(READER, ENGINE.replace('{', `{"policies": "${written}", `), EXPORTER));
      const tree = await loadPipeline(path, { components: BUILT_IN, environment: {}, driver: null }, new Diagnostics());
      const [policy] = optionsAt({ tree, problems: [] }, 1).policies as readonly Setting[];
      return policy!.text;
    };
    const here = relative(process.cwd(), fileURLToPath(import.meta.url));
    assert.equal(await policiesOf('rules.yaml'), join(folder, 'rules.yaml'));
    assert.equal(await policiesOf(here), here);
    assert.equal(await policiesOf('nowhere.yaml'), 'nowhere.yaml');
  } finally {
    await rm(folder, { recursive: true });
  }
});
