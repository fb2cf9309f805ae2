import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadPolicyTexts } from '../../../../src/policy/load-policies.js';
import { brief } from './support.js';

async function analyze(text: string): Promise<string[]> {
  const { diagnostics } = await loadPolicyTexts([{ path: 'a.yaml', text }], { analyze: true });
  return brief(diagnostics);
}

function ruleOn(condition: string, prefilter = ''): string {
  return `- rule: r\n  desc: d\n  condition: ${condition}\n${prefilter === '' ? '' : `  prefilter: [${prefilter}]\n`}`;
}

const NEVER: readonly (readonly [condition: string, prefilter: string, at: string])[] = [
  ['sf.proc.name = a and sf.proc.name = b', '', 'sf.proc.name = a and sf.proc.name = b'],
  ['sf.proc.name = a and (sf.proc.tty = true and sf.proc.name in (b, c))', '', ''],
  ['sf.proc.name in (a, b) and not sf.proc.name in (a, b, c)', '', ''],
  ['sf.proc.name = abc and not sf.proc.name startswith a', '', ''],
  ['sf.proc.pid > 5 and sf.proc.pid < 6', '', ''],
  ['sf.proc.pid > 5 and not sf.proc.pid >= 3', '', ''],
  ['sf.proc.pid = 7 and sf.proc.pid < 7', '', ''],
  ['sf.proc.tty = true and sf.proc.tty = false', '', ''],
  ['sf.type = PE and sf.type = FF', '', ''],
  ['sf.type = PE and sf.file.path startswith /etc', '', ''],
  ['sf.file.path startswith /etc', 'PE', 'sf.file.path startswith /etc'],
  ['sf.proc.name = a and sf.net.dport = 80', 'PE, FF', 'sf.net.dport = 80'],
  ['sf.opflags = WRITE', 'NF', 'sf.opflags = WRITE'],
  ['sf.opflags = SETUID', 'FF', 'sf.opflags = SETUID'],
  ['sf.opflags = EXEC and sf.opflags = CLONE', 'PE', ''],
  ['not (sf.proc.name != ab or sf.proc.name startswith a)', '', ''],
  ['evt.num = 0', '', 'evt.num = 0'],
];

test('rules that can never fire are found', async () => {
  for (const [condition, prefilter, at] of NEVER) {
    const found = await analyze(ruleOn(condition, prefilter));
    assert.equal(found.length, 1, `${condition}: ${found.join()}`);
    assert.match(found[0]!, /^3:\d+ warning\[never-true\]/, condition);
    if (at !== '') assert.ok(found[0]!.endsWith(`'${at}'`), found[0]);
  }
});

const ALWAYS: readonly (readonly [condition: string, prefilter: string])[] = [
  ['sf.type in (PE, FF, FE, NF, KE)', ''],
  ['sf.proc.name = a or sf.proc.name != a', ''],
  ['not (sf.proc.name = a and sf.proc.name = b)', ''],
  ['sf.proc.pid > 5 or sf.proc.pid <= 5', ''],
  ['sf.type = PE', 'PE'],
  ["sf.file.path = ''", 'PE'],
  ['evt.num >= 0', ''],
];

test('rules that fire on every record are found', async () => {
  for (const [condition, prefilter] of ALWAYS) {
    assert.deepEqual(await analyze(ruleOn(condition, prefilter)), ["1:9 warning[always-true] 'r'"], condition);
  }
});

const NEITHER: readonly (readonly [condition: string, prefilter: string])[] = [
  ['sf.proc.name = a and sf.proc.exe = b', ''],
  ['sf.opflags = OPEN and sf.opflags = WRITE', 'FF'],
  ['sf.proc.aname = a and sf.proc.aname = b', ''],
  ['sf.net.port = 1 and sf.net.port = 2', 'NF'],
  ['sf.proc.name startswith a and sf.proc.name startswith b', ''],
  ['sf.proc.aname[0] = a and sf.proc.aname[1] = b', ''],
  ['sf.proc.pid > 5 and sf.proc.pid < 7', ''],
  ['sf.file.path startswith /etc', 'PE, FF'],
  ['sf.file.path = "" or sf.proc.tty = true', 'FF'],
  ['sf.type != PE', ''],
];

test('rules that may fire are left alone', async () => {
  for (const [condition, prefilter] of NEITHER) {
    assert.deepEqual(await analyze(ruleOn(condition, prefilter)), [], condition);
  }
});

test('a rule that is switched off is left alone', async () => {
  assert.deepEqual(await analyze(`${ruleOn('evt.num = 0')}  enabled: false\n`), []);
});

test('filters that drop every record or none are found', async () => {
  assert.deepEqual(await analyze('- filter: f\n  condition: sf.type != XX\n- drop: g\n  condition: evt.num = 0\n'), [
    "1:11 warning[always-true] 'f'",
    "2:25 warning[never-true] 'XX'",
    "4:14 warning[never-true] 'evt.num = 0'",
  ]);
});

test('macros and lists that nothing uses are found, and not what only they use', async () => {
  const text =
    '- list: a\n  items: [x]\n- list: b\n  items: [a]\n- list: c\n  items: [y]\n' +
    '- macro: m\n  condition: sf.proc.name in (b)\n- macro: n\n  condition: sf.proc.name in (c)\n';
  assert.deepEqual(await analyze(`${text}${ruleOn('n')}`), ["7:10 warning[unused-definition] 'm'"]);
});

test('what a broken term or an ill-formed condition uses is in use', async () => {
  const text = '- list: a\n  items: [x]\n- macro: m\n  condition: sf.proc.tty = true\n- list: b\n  items: [y]\n';
  const broken = await analyze(`${text}${ruleOn('m or sf.poc.name in (a) or sf.proc.name in (b)')}`);
  assert.deepEqual(broken, ["9:19 error[unknown-attribute] 'sf.poc.name'"]);
  const illFormed = await analyze(`${text}${ruleOn('m and sf.proc.name in (a and not sf.proc.exe in b')}`);
  assert.deepEqual(illFormed, ["9:39 error[policy-syntax] 'and'"]);
});
