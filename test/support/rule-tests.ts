/** Traces and policies for tests, written down as in files of rule tests. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { RuleTest } from '../../src/authoring/rule-tests/model.js';
import { readRuleTests } from '../../src/authoring/rule-tests/read-file.js';
import { traceBytes } from '../../src/authoring/rule-tests/trace-bytes.js';
import { Diagnostics } from '../../src/diagnostics/diagnostic.js';
import type { TraceRecord } from '../../src/sysflow/trace-record.js';

/** The tests of a text, which must be without problems. */
export function ruleTestsOf(text: string): readonly RuleTest[] {
  const diagnostics = new Diagnostics();
  const { tests } = readRuleTests({ path: 'test.yaml', text }, diagnostics);
  assert.deepEqual(
    diagnostics.items.map(({ message }) => message),
    [],
  );
  return tests;
}

/** The records of events, with the entities beside them: `processes`, `containers`, `pods` and `events` as YAML. */
export function recordsOfYaml(yaml: string): readonly TraceRecord[] {
  const indented = yaml.replaceAll(/^/gm, '    ');
  const [test] = ruleTestsOf(`policy: none\ntests:\n  - name: records\n    expect: {}\n${indented}`);
  assert.ok(test?.input.kind === 'records');
  return test.input.records;
}

/** The bytes of a trace with such records. */
export function traceOfYaml(yaml: string): Promise<Uint8Array> {
  return traceBytes(recordsOfYaml(yaml));
}

/** A folder of its own for a test, with some files; gives the path of a file in it. */
export async function temporaryFiles(
  t: TestContext,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<(name: string) => string> {
  const folder = await mkdtemp(join(tmpdir(), 'sfprocessor-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return (name) => join(folder, name);
}
