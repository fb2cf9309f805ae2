/** Defects of the original in loading, by their numbers; each works here or is reported. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Priority } from '../../../../src/policy/model/policy.js';
import { brief, firstCondition, load, loadCondition } from './support.js';

async function resolved(condition: string, definitions = ''): Promise<{ tree: string; codes: string[] }> {
  const loaded = await loadCondition(condition, definitions);
  return { tree: firstCondition(loaded), codes: loaded.diagnostics.map(({ severity, code }) => `${severity} ${code}`) };
}

test('B1: an attribute that does not exist is an error and its term never true, whatever the operator', async () => {
  for (const term of ['!= x', 'contains such', '< 5', 'exists', 'in (x)', 'pmatch (such)']) {
    const { tree, codes } = await resolved(`no.such.field ${term}`);
    assert.deepEqual([tree, codes], ['broken(false)', ['error unknown-attribute']], term);
  }
});

test('B2: a literal with a bracket is kept whole', async () => {
  for (const literal of ['python[3]', '[x', 'x]', 'runc:[1:CHILD] init']) {
    assert.deepEqual(await resolved(`sf.proc.name = "${literal}"`), { tree: `sf.proc.name = '${literal}'`, codes: [] });
  }
  assert.equal((await resolved('sf.proc.name = python[3]')).tree, "sf.proc.name = 'python[3]'");
  assert.equal((await resolved("sf.proc.name in ('[x', y)")).tree, "sf.proc.name in '[x' 'y'");
});

test('B3: a literal with a comma is kept whole', async () => {
  assert.equal((await resolved("sf.proc.args contains 'x,y,'")).tree, "sf.proc.args contains 'x,y,'");
  assert.equal((await resolved("sf.proc.args in ('x,y', z)")).tree, "sf.proc.args in 'x,y' 'z'");
});

test('B5: order comparisons with texts, and invalid numbers, are errors and never true', async () => {
  for (const condition of ['sf.proc.user >= 0', 'sf.proc.pid > 1.5', 'sf.proc.pid > 0x10', "sf.proc.pid > '1 '"]) {
    assert.deepEqual(await resolved(condition), { tree: 'broken(false)', codes: ['error type-mismatch'] }, condition);
  }
  assert.deepEqual(await resolved("sf.pproc.uid > '0'"), { tree: "sf.pproc.uid > '0'", codes: [] });
});

test('B8: an index of an ancestor is an index, not a JSON path', async () => {
  assert.deepEqual(await resolved('proc.aname[2] != sh'), { tree: "proc.aname[2] != 'sh'", codes: [] });
});

test('B9: container types are spelt with and without CT_, and host is one', async () => {
  const type = 'sf.container.type';
  assert.deepEqual(await resolved(`${type} = CT_DOCKER`), { tree: `${type} = 'DOCKER'`, codes: [] });
  assert.deepEqual(await resolved(`${type} in (CT_CRI, CRIO, host)`), {
    tree: `${type} in 'CRI' 'CRIO' 'host'`,
    codes: [],
  });
  assert.deepEqual((await resolved(`${type} = DOCKR`)).codes, ['warning never-true']);
});

test('B13: alert, critical and emergency are high, and an unknown priority is low with a warning', async () => {
  const expected = {
    alert: Priority.high,
    CRITICAL: Priority.high,
    Emergency: Priority.high,
    error: Priority.high,
    high: Priority.high,
    warning: Priority.medium,
    medium: Priority.medium,
    notice: Priority.low,
    info: Priority.low,
    informational: Priority.low,
    debug: Priority.low,
    low: Priority.low,
  };
  for (const [severity, priority] of Object.entries(expected)) {
    const { policy, diagnostics } = await load(
      `- rule: r\n  desc: d\n  condition: sf.type = PE\n  priority: ${severity}\n`,
    );
    assert.equal(policy.rules[0]!.priority, priority, severity);
    assert.deepEqual(diagnostics, []);
  }
  const { policy, diagnostics } = await load('- rule: r\n  desc: d\n  condition: sf.type = PE\n  priority: criticla\n');
  assert.equal(policy.rules[0]!.priority, Priority.low);
  assert.equal(diagnostics[0]!.hint, "did you mean 'critical'?");
});

test('B14: an undefined macro is an error and never true, also behind not', async () => {
  assert.deepEqual(await resolved('later'), { tree: 'broken(false)', codes: ['error undefined-macro'] });
  assert.deepEqual(await resolved('not later'), { tree: 'not(broken(true))', codes: ['error undefined-macro'] });
});

test('B15: keys that the original reads and ignores work or are reported', async () => {
  const { policy, diagnostics } = await load(
    '- required_engine_version: 99\n' +
      '- macro: m\n  condition: sf.type = PE\n- macro: m\n  condition: or sf.type = FF\n  append: true\n' +
      '- rule: r\n  desc: d\n  condition: m\n  output: text\n  warn_evttypes: false\n',
  );
  assert.equal(policy.rules[0]!.output, 'text');
  assert.equal(firstCondition({ policy } as never), "m:or(sf.type = 'PE', sf.type = 'FF')");
  assert.deepEqual(brief(diagnostics), ["1:28 warning[engine-version] '99'"]);
});

test('B16: both rules with a name load, the last macro with a name is used, and both are reported', async () => {
  const rule = '- rule: r\n  desc: d\n  condition: m\n';
  const { policy, diagnostics } = await load(
    `- macro: m\n  condition: sf.type = PE\n- macro: m\n  condition: sf.type = FF\n${rule}${rule}`,
  );
  assert.equal(policy.rules.length, 2);
  assert.equal(firstCondition({ policy } as never), "m:sf.type = 'FF'");
  assert.deepEqual(brief(diagnostics), ["3:10 warning[duplicate-name] 'm'", "8:9 warning[duplicate-name] 'r'"]);
});

test('B17: invalid items are reported with line and column, and the rest loads', async () => {
  const { policy, diagnostics } = await load(
    '- rule: no desc\n  condition: sf.type = PE\n- rule: swapped\n  condition: sf.type = PE\n  desc: d\n' +
      '- rule: none\n  desc: d\n- rule: bad\n  desc: d\n  condition: sf.type PE\n- rule: good\n  desc: d\n  condition: sf.type = PE\n',
  );
  assert.deepEqual(
    policy.rules.map(({ name }) => name),
    ['no desc', 'swapped', 'good'],
  );
  assert.deepEqual(brief(diagnostics), [
    "1:9 warning[missing-key] 'no desc'",
    "6:9 error[missing-key] 'none'",
    "10:22 error[policy-syntax] 'PE'",
  ]);
});

test('B19: there is one set of operators: texts have no order, numbers are equal as numbers, booleans are true or false', async () => {
  assert.deepEqual((await resolved('sf.proc.name < b')).codes, ['error type-mismatch']);
  assert.deepEqual(await resolved('sf.proc.uid = 0'), { tree: "sf.proc.uid = '0'", codes: [] });
  assert.deepEqual(await resolved('sf.proc.uid in (0, 33)'), { tree: "sf.proc.uid in '0' '33'", codes: [] });
  assert.deepEqual((await resolved('sf.proc.tty = False')).codes, ['warning never-true']);
});

test('B20: names that only the documentation had, and obvious slips, are taken with a warning', async () => {
  const names = {
    'sf.schema.version': 'sf.meta.schema',
    'sf.container.image.id': 'sf.container.imageid',
    'sf.proc.username': 'sf.proc.user',
    'sf.file.typechar': 'sf.file.type',
    'sf.is_open_write': 'sf.file.is_open_write',
  };
  for (const [written, meant] of Object.entries(names)) {
    const { tree, codes } = await resolved(`${written} exists`);
    assert.deepEqual([tree, codes], [`${meant} exists`, ['warning attribute-alias']]);
  }
});
