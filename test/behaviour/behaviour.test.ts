/** Runs the files of rule tests beside this one with the product's own command, and holds the shipped rules to account. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Compile } from 'typebox/schema';
import { parse } from 'yaml';
import { readRuleTests } from '../../src/authoring/rule-tests/read-file.js';
import { testCommand } from '../../src/cli/commands/test.js';
import { Diagnostics } from '../../src/diagnostics/diagnostic.js';
import { formatDiagnostic } from '../../src/diagnostics/format.js';
import { nodeFileSystem } from '../../src/policy/files/node-file-system.js';
import { loadPolicies } from '../../src/policy/load-policies.js';
import { RecordingIo } from '../cli/support/io.js';
import { projectFiles, projectRoot } from '../house/support/project.js';

const files = projectFiles('test/behaviour').filter((path) => path.endsWith('.yaml'));

for (const file of files) {
  test(`rule tests of ${file}`, async () => {
    const io = new RecordingIo();
    const status = await testCommand.run([join(projectRoot, file)], io);
    assert.equal(status, 0, io.stderr + io.stdout);
    assert.match(io.stdout, /all passed/);
  });
}

test('the rule tests and the shipped rules are what the shipped schemas say', () => {
  const schema = (name: string) =>
    Compile(JSON.parse(readFileSync(join(projectRoot, `resources/schemas/${name}.schema.json`), 'utf8')));
  const kinds = [
    [schema('rule-tests'), files],
    [schema('policy'), projectFiles('resources/policies')],
  ] as const;
  for (const [validator, paths] of kinds) {
    for (const path of paths) {
      const value: unknown = parse(readFileSync(join(projectRoot, path), 'utf8'));
      assert.ok(validator.Check(value), `${path}: ${JSON.stringify(validator.Errors(value)).slice(0, 500)}`);
    }
  }
});

const shipped = await loadPolicies([join(projectRoot, 'resources/policies')], nodeFileSystem, { analyze: true });

test('nothing is wrong or odd in the shipped rules', () => {
  const words = shipped.diagnostics.map((item) => formatDiagnostic(item, { color: false, excerpt: false }));
  assert.deepEqual(words, []);
});

test('every shipped rule says what it means, how grave it is, which records it is tried on and which technique it shows', () => {
  const names = new Set<string>();
  for (const { name, description, severity, tags, prefilter } of shipped.policy.rules) {
    assert.ok(!names.has(name), `there is one rule '${name}'`);
    names.add(name);
    assert.match(description, /^[A-Z].{15,}[^.]$/, name);
    assert.ok(severity !== null && ['low', 'medium', 'high'].includes(severity), name);
    assert.ok(prefilter.length > 0, name);
    assert.ok(tags.length > 0 && tags.every((tag) => /^mitre:T\d{4}(\.\d{3})?$/.test(tag)), name);
  }
});

test('every shipped rule has a test with records that it fires on and records that it does not', () => {
  const tested = new Map<string, { fires: number; events: number }>();
  for (const file of files.filter((path) => path.includes('/policies/'))) {
    const text = readFileSync(join(projectRoot, file), 'utf8');
    for (const { name, input, rules, expectations } of readRuleTests({ path: file, text }, new Diagnostics()).tests) {
      assert.deepEqual(
        rules?.map((rule) => rule.name),
        [name],
        `${file}: a test is named after its rule`,
      );
      assert.ok(input.kind === 'records');
      const events = input.records.filter((record) => /Event|Flow$/.test(record.kind)).length;
      tested.set(name, { fires: expectations?.[0]?.count ?? 0, events });
    }
  }
  for (const { name } of shipped.policy.rules) {
    const { fires, events } = tested.get(name) ?? { fires: 0, events: 0 };
    assert.ok(fires > 0 && events > fires, `'${name}' fires on ${fires} of ${events} events`);
  }
});
