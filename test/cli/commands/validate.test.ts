import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { validateCommand } from '../../../src/cli/commands/validate.js';
import { RecordingIo } from '../support/io.js';

const folder = mkdtempSync(join(tmpdir(), 'sfprocessor-validate-'));
after(() => rmSync(folder, { recursive: true }));

const GOOD = '- rule: Shell\n  desc: A shell\n  condition: sf.proc.name = bash\n  prefilter: [PE]\n';
const RULE = (i: number): string => `- rule: R${i}\n  desc: d\n  condition: sf.proc.nmae = x\n`;
const ODD = '- macro: m\n  condition: sf.type = PE\n';
const BAD = '- rule: Bad\n  desc: d\n  condition: sf.poc.name = bash\n- rule: Worse\n  desc: d\n  condition: (a\n';

function write(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const good = write('good.yaml', GOOD);
const odd = write('odd.yaml', ODD);
const bad = write('nested/deep/bad.yml', BAD);
write('nested/notes.txt', 'not a policy');

async function validate(...args: string[]): Promise<{ status: number; io: RecordingIo }> {
  const io = new RecordingIo();
  return { status: await validateCommand.run(args, io), io };
}

test('all problems of all files are shown at once, each with its line', async () => {
  const { status, io } = await validate(folder);
  assert.equal(status, 1);
  const at = (line: number, column: number): string => `${bad}:${line}:${column}: `;
  assert.ok(io.stdout.includes(`${at(3, 14)}error[unknown-attribute]: unknown attribute 'sf.poc.name'`));
  assert.ok(
    io.stdout.includes("did you mean 'sf.proc.name'?\n    condition: sf.poc.name = bash\n               ^^^^^^^^^^^\n"),
  );
  assert.ok(io.stdout.includes(`${at(6, 14)}error[policy-syntax]: missing ')' for this '('; the rule is ignored`));
  assert.ok(io.stdout.includes(`${odd}:1:10: warning[unused-definition]: nothing uses the macro 'm'`));
  assert.equal(io.lines.at(-1), '3 files, 2 rules, 0 filters, 1 macro, 0 lists: 2 errors, 2 warnings, 0 notes');
});

test('the exit status tells errors, and with --strict warnings', async () => {
  assert.equal((await validate(good)).status, 0);
  assert.equal((await validate(odd)).status, 0);
  assert.equal((await validate('--strict', odd)).status, 1);
  assert.equal((await validate('--strict', good)).status, 0);
  assert.equal((await validate(join(folder, 'missing.yaml'))).status, 1);
  for (const wrong of [[], ['--nope', good], ['--json', '--sarif', good], ['--schema', good]]) {
    const { status, io } = await validate(...wrong);
    assert.equal(status, 2);
    assert.match(io.stderr, /usage: sfprocessor validate/);
  }
});

test('actions that rules name and that are not there are told', async () => {
  const named = write('named.yaml', `${GOOD}  actions: [now, nwo, page]\n`);
  const shipped = (await validate(named)).io.stdout;
  assert.match(shipped, /:1:9: warning\[missing-action\]: .* 'nwo', which is not installed; did you mean 'now'\?/);
  assert.match(shipped, /0 errors, 2 warnings, 0 notes/);
  write(
    'actions/page.mjs',
    "export default { apiVersion: 1, kind: 'action', summary: 's', options: {}, name: 'page', run() {} };",
  );
  write('actions/broken.mjs', 'export default 5;');
  const { status, io } = await validate('--actiondir', join(folder, 'actions'), named);
  assert.equal(status, 1);
  assert.match(io.stdout, /broken\.mjs: error\[invalid-plugin\]: the default export: is [51], not a component/);
  assert.match(io.stdout, /1 error, 2 warnings, 0 notes/);
});

test('totals were those of what is shown: 501 errors of 3000', async () => {
  const many = write('many/many.yaml', Array.from({ length: 3000 }, (_, i) => RULE(i)).join(''));
  const { io } = await validate(many);
  assert.equal(
    io.lines.at(-1),
    '1 file, 3000 rules, 0 filters, 0 macros, 0 lists: 3000 errors, 3000 warnings, 0 notes',
  );
  assert.ok(io.stdout.includes('and 5000 more problems in this file'));
  const json = JSON.parse((await validate('--json', many)).io.stdout);
  assert.deepEqual([json.errors, json.warnings, json.diagnostics.length], [3000, 3000, 1001]);
  const named = write(
    'many/named.yaml',
    Array.from({ length: 3000 }, (_, i) => `${RULE(i)}  actions: [gone]\n`).join(''),
  );
  const withActions = (await validate(named)).io;
  assert.match(withActions.stdout, /and 8000 more problems in this file/);
  assert.match(withActions.lines.at(-1)!, /: 3000 errors, 6000 warnings, 0 notes$/);
});

test('files of rule tests in a folder were broken policies', async () => {
  write('mixed/rules.yaml', GOOD);
  const tests = write('mixed/rules.test.yaml', 'policy: rules.yaml\ntests: []\n');
  write('mixed/deep/more.test.yml', 'tests: []\n');
  const mixed = await validate(join(folder, 'mixed'));
  assert.equal(mixed.status, 0);
  assert.equal(mixed.io.lines.at(-1), '1 file, 1 rule, 0 filters, 0 macros, 0 lists: 0 errors, 0 warnings, 0 notes');
  const only = await validate(join(folder, 'mixed', 'deep'));
  assert.equal(only.status, 1);
  assert.match(only.io.stdout, /contains no policy file \(\.yaml or \.yml, other than rule tests\)/);
  // A file that is named is taken for what was asked.
  assert.match((await validate(tests)).io.stdout, /rules\.test\.yaml:1:1: error\[unknown-item\]/);
});

test('--json gives counts and each problem with its place', async () => {
  const { status, io } = await validate('--json', bad);
  assert.equal(status, 1);
  const result = JSON.parse(io.stdout);
  assert.deepEqual([result.files, result.rules, result.errors], [1, 1, 2]);
  const { path, line, column, endLine, endColumn, code, hint } = result.diagnostics[0];
  assert.deepEqual([path, line, column, endLine, endColumn], [bad, 3, 14, 3, 25]);
  assert.deepEqual([code, hint], ['unknown-attribute', "did you mean 'sf.proc.name'?"]);
});

test('--sarif gives a log with the codes that occur and a region for each result', async () => {
  const { io } = await validate('--sarif', bad);
  const log = JSON.parse(io.stdout);
  assert.equal(log.version, '2.1.0');
  const [run] = log.runs;
  const rules = run.tool.driver.rules.map((rule: { id: string }) => rule.id);
  assert.deepEqual(rules, ['never-true', 'policy-syntax', 'unknown-attribute']);
  for (const result of run.results) {
    assert.equal(rules[result.ruleIndex], result.ruleId);
    assert.ok(['error', 'warning', 'note'].includes(result.level));
    const { artifactLocation, region } = result.locations[0].physicalLocation;
    assert.equal(new URL(artifactLocation.uri).protocol, 'file:');
    assert.ok(region.startLine >= 1 && region.startColumn >= 1 && region.endColumn > region.startColumn);
  }
});

test('--schema prints the JSON Schema', async () => {
  const { status, io } = await validate('--schema');
  assert.equal(status, 0);
  assert.equal(JSON.parse(io.stdout).type, 'array');
});

test('names in a policy cannot drive the terminal', async () => {
  const path = write('escape/escape.yaml', '- rule: "\\u001b[31mred"\n  desc: d\n  condition: "a\\u001b[0m"\n');
  const { io } = await validate(path);
  assert.ok(!io.stdout.includes('\x1b'), io.stdout);
});

test('-h was an unknown option', async () => {
  const { status, io } = await validate('-h');
  assert.equal(status, 0);
  assert.match(io.stdout, /^usage: sfprocessor validate .*\n\nCheck policy files .*\n\n.*--strict /);
  assert.equal(io.stderr, '');
});
