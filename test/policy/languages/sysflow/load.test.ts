import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PolicyFileSystem } from '../../../../src/policy/files/policy-files.js';
import { loadPolicies } from '../../../../src/policy/load-policies.js';
import type { Policy } from '../../../../src/policy/model/policy.js';
import { Priority } from '../../../../src/policy/model/policy.js';
import { brief, firstCondition, load, loadCondition, showCondition } from './support.js';

const names = ({ rules }: Policy): string[] => rules.map(({ name }) => name);
const rule = (name: string, more = '', condition = 'sf.type = PE'): string =>
  `- rule: ${name}\n  desc: d\n  condition: ${condition}\n${more}`;

test('a rule keeps everything that its keys say', async () => {
  const { policy, diagnostics } = await load(
    `- rule: All of it
  desc: >
    a long
    story
  condition: sf.type = PE
  output: "%proc.name did it"
  priority: Warning
  tags: [mitre:T1059, "a b"]
  prefilter: [PE, FF]
  enabled: false
  actions: [one, two]
  warn_evttypes: false
`,
  );
  assert.deepEqual(diagnostics, []);
  const { condition, place, ...rest } = policy.rules[0]!;
  assert.deepEqual(rest, {
    name: 'All of it',
    description: 'a long\n    story',
    priority: Priority.medium,
    severity: 'warning',
    tags: ['mitre:T1059', 'a b'],
    prefilter: ['PE', 'FF'],
    enabled: false,
    actions: ['one', 'two'],
    output: '%proc.name did it',
  });
  assert.equal(showCondition(condition), "sf.type = 'PE'");
  assert.equal(place.source.text.slice(place.range.start, place.range.end), 'All of it');
});

test('filters are called filter or drop', async () => {
  const { policy } = await load(
    '- filter: a\n  condition: sf.type = PE\n- drop: b\n  condition: sf.type = FF\n  enabled: false\n',
  );
  assert.deepEqual(
    policy.filters.map(({ name, enabled, condition }) => [name, enabled, showCondition(condition)]),
    [
      ['a', true, "sf.type = 'PE'"],
      ['b', false, "sf.type = 'FF'"],
    ],
  );
});

test('macros and lists can be defined after their use, also in a later file', async () => {
  const loaded = await load(
    rule('r', '', 'shell and not quiet'),
    '- macro: shell\n  condition: sf.proc.name in (shells, zsh)\n- macro: quiet\n  condition: sf.proc.tty = true\n',
    '- list: shells\n  items: [bash, more]\n- list: more\n  items: [sh, bash]\n',
  );
  assert.deepEqual(loaded.diagnostics, []);
  assert.equal(firstCondition(loaded), "and(shell:sf.proc.name in 'bash' 'sh' 'zsh', not(quiet:sf.proc.tty = 'true'))");
});

test('a name means its last definition in the file that uses it, else the last before', async () => {
  const use = (name: string): string => rule(name, '', 'm');
  const define = (type: string): string => `- macro: m\n  condition: sf.type in (${type})\n`;
  const list = (type: string): string => `- list: l\n  items: [${type}]\n`;
  const { policy } = await load(
    use('a') + define('PE') + use('b') + define('l') + list('FF'),
    use('c'),
    use('d') + list('FE'),
    use('e') + define('NF'),
  );
  assert.deepEqual(
    policy.rules.map(({ name, condition }) => `${name} ${showCondition(condition)}`),
    ['a', 'b', 'c', 'd', 'e'].map((name) => `${name} m:sf.type in '${{ d: 'FE', e: 'NF' }[name] ?? 'FF'}'`),
  );
});

test('recursion is an error that shows the cycle, and the rest loads', async () => {
  const { policy, diagnostics } = await load(
    '- macro: a\n  condition: b or sf.type = PE\n- macro: b\n  condition: not c\n- macro: c\n  condition: a\n' +
      '- list: x\n  items: [y, 1]\n- list: y\n  items: [x, 2]\n' +
      rule('r', '', 'a and sf.proc.pid in (x)'),
  );
  assert.deepEqual(names(policy), ['r']);
  const cycles = diagnostics.filter(({ code }) => code === 'recursive-definition');
  assert.deepEqual(
    cycles.map(({ message }) => message),
    ["macro 'a' refers to itself: a → b → c → a", "list 'x' refers to itself: x → y → x"],
  );
  assert.ok(cycles.every(({ severity }) => severity === 'error'));
  // Under one not, so that the term makes neither value of it fire the rule.
  assert.match(showCondition(policy.rules[0]!.condition), /a:or\(b:not\(c:broken\(true\)\), sf\.type = 'PE'\)/);
});

test('a chain of macros that doubles is bounded, and so are lists', async () => {
  const macros = Array.from({ length: 40 }, (_, i) => `- macro: m${i + 1}\n  condition: m${i} or m${i}\n`);
  const lists = Array.from({ length: 40 }, (_, i) => `- list: l${i + 1}\n  items: [l${i}, l${i}, x${i}]\n`);
  const { policy, diagnostics } = await load(
    `- macro: m0\n  condition: sf.proc.tty = true\n${macros.join('')}- list: l0\n  items: [y]\n${lists.join('')}` +
      rule('r', '', 'm40 and sf.proc.name in (l40)'),
  );
  assert.equal(policy.rules.length, 1);
  assert.ok(diagnostics.some(({ message }) => /more than \d+ terms/.test(message)));
  const items = policy.rules[0]!.condition;
  assert.ok(items.kind === 'and' && items.items[1]!.kind === 'test');
  assert.equal(items.items[1]!.kind === 'test' && items.items[1]!.right.length, 41);
});

test('a list or macro with a thousand levels does not crash the process', async () => {
  const macros = Array.from({ length: 1000 }, (_, i) => `- macro: m${i + 1}\n  condition: not m${i}\n`);
  const lists = Array.from({ length: 3000 }, (_, i) => `- list: l${i + 1}\n  items: [l${i}]\n`);
  const { policy } = await load(
    `- macro: m0\n  condition: sf.proc.tty = true\n${macros.join('')}- list: l0\n  items: [y]\n${lists.join('')}` +
      rule('r', '', 'm1000 and sf.proc.name in (l3000)'),
  );
  assert.equal(policy.rules.length, 1);
});

test('append joins conditions, items and tags', async () => {
  const loaded = await load(
    `${rule('r', '  tags: [a]\n', 'm or sf.proc.pid in (l)')}- macro: m\n  condition: sf.type = PE\n- list: l\n  items: [1]\n`,
    '- macro: m\n  condition: or sf.type = FF\n  append: true\n- list: l\n  items: [2]\n  append: true\n' +
      '- rule: r\n  condition: and sf.proc.tty = true\n  tags: [b, a]\n  append: true\n' +
      '- macro: none\n  condition: or x\n  append: true\n',
  );
  assert.equal(
    firstCondition(loaded),
    "or(m:or(sf.type = 'PE', sf.type = 'FF'), and(sf.proc.pid in '1' '2', sf.proc.tty = 'true'))",
  );
  assert.deepEqual(loaded.policy.rules[0]!.tags, ['a', 'b']);
  assert.deepEqual(brief(loaded.diagnostics), ["11:10 error[policy-syntax] 'none'"]);
});

const REPORTED: readonly (readonly [text: string, diagnostics: readonly string[]])[] = [
  ['- rule: r\n  desc: d\n', ["1:9 error[missing-key] 'r'"]],
  ['- rule: r\n  condition: sf.type = PE\n', ["1:9 warning[missing-key] 'r'"]],
  ['- rule:\n  desc: d\n  condition: sf.type = PE\n', ["1:3 error[missing-key] 'rule'"]],
  [rule('r', '  conditon: x\n'), ["4:3 warning[unknown-key] 'conditon'"]],
  [rule('r', '  priority: urgent\n'), ["4:13 warning[unknown-priority] 'urgent'"]],
  [rule('r', '  enabled: maybe\n'), ["4:12 warning[invalid-value] 'maybe'"]],
  [rule('r', '  prefilter: [pe]\n'), ["4:15 warning[never-true] 'pe'"]],
  [rule('r', '  tags: {a: b}\n'), ["4:9 error[invalid-value] '{a: b}'"]],
  [rule('r', '  exceptions: [x]\n'), ["4:3 warning[unsupported-key] 'exceptions'"]],
  [rule('r', '  priority: low\n  priority: high\n'), ["5:3 warning[duplicate-key] 'priority'"]],
  [rule('r', rule('r')), ["4:9 warning[duplicate-name] 'r'"]],
  ['- list: l\n  items: [a]\n- list: l\n  items: [b]\n', ["3:9 warning[duplicate-name] 'l'"]],
  ['- list: l\n', ["1:9 error[missing-key] 'l'"]],
  ['- rul: r\n  desc: d\n', ["1:3 error[unknown-item] 'rul'"]],
  ['- required_plugin_versions: []\n', ["1:3 warning[unsupported-key] 'required_plugin_versions'"]],
  ['- required_engine_version: 7\n', []],
  ['- required_engine_version: 0.57.0\n', ["1:28 warning[engine-version] '0.57.0'"]],
  ['- required_engine_version: latest\n', ["1:28 warning[engine-version] 'latest'"]],
  ['just a text\n', ["1:1 error[unknown-item] 'just a text'"]],
  [`${rule('r')}- just a text\n`, ["4:3 error[unknown-item] 'just a text'"]],
  ['[', ["1:2 error[yaml-syntax] ''"]],
  ['', []],
  ['# only a comment\n', []],
];

test('what is wrong in an item is reported at its place', async () => {
  for (const [text, expected] of REPORTED) {
    assert.deepEqual(brief((await load(text)).diagnostics), expected, text);
  }
});

test('a rule or file that is broken is left out and the others run', async () => {
  const { policy, diagnostics } = await load(
    `${rule('a')}${rule('b', '', '(sf.type = PE')}${rule('c')}`,
    '{{{',
    `${rule('d')} - rule: e\n  desc: d\n  condition: sf.type =\n${rule('f')}`,
  );
  assert.deepEqual(names(policy), ['a', 'c', 'd', 'f']);
  assert.deepEqual(
    diagnostics.map(({ source, code, severity }) => `${source!.path} ${severity} ${code}`),
    ['a.yaml error policy-syntax', 'b.yaml error yaml-syntax', 'c.yaml note not-yaml', 'c.yaml error policy-syntax'],
  );
});

test('a # inside a string starts no comment, whichever way the file is read', async () => {
  for (const condition of [
    'sf.proc.args contains "a #b"',
    'sf.proc.args contains "a #b" # comment',
    "sf.proc.tty = true and\n    sf.proc.args contains 'a #b' # it's one",
    "sf.proc.args contains 'a #b' and\n    sf.proc.tty = true",
  ]) {
    const loaded = await load(rule('r', '', condition));
    assert.match(firstCondition(loaded), /sf\.proc\.args contains 'a #b'/, condition);
    assert.ok(loaded.diagnostics.every(({ severity }) => severity === 'note'));
  }
});

/** The warnings about comments in words, for a condition in a valid YAML file and in an invalid one. */
async function commentsInWords(condition: string): Promise<string[][]> {
  const files = [rule('r', '', condition), rule('A: b', '', condition)];
  const loaded = await Promise.all(files.map((file) => load(file)));
  assert.deepEqual(
    loaded.map(({ diagnostics }) => diagnostics.some(({ code }) => code === 'not-yaml')),
    [false, true],
  );
  return loaded.map(({ diagnostics }) => brief(diagnostics.filter(({ code }) => code === 'comment-in-word')));
}

test('a # in a word is a warning, since the original starts a comment there', async () => {
  for (const [condition, ...columns] of [
    ['sf.proc.name = a#b', 30],
    ['sf.proc.name = a## and sf.proc.exe in (b, c#d)', 30, 57],
    ["sf.proc.name = a# it's one", 30],
    ['some#macro', 18],
    ['sf.proc.args contains runc:[#]x', 42],
  ] as const) {
    const expected = columns.map((column) => `3:${column} warning[comment-in-word] '#'`);
    assert.deepEqual(await commentsInWords(condition), [expected, expected], condition);
  }
});

test('a # in quotes, before a word or in a JSON path is not a comment in a word', async () => {
  for (const condition of [
    'sf.proc.args contains "a#b"',
    'sf.proc.args in (\'#a\', "b#")',
    'sf.proc.name = a #b',
    'sf.ke.message[items.#.name] contains a',
    'sf.pod.services[0.portList.#(nodePort>0).port] = 80',
    'sf.ke.message.items.#.name contains a',
  ]) {
    assert.deepEqual(await commentsInWords(condition), [[], []], condition);
  }
  const { diagnostics } = await load('- macro: m\n  condition: "sf.proc.name = a#b"\n');
  assert.deepEqual(brief(diagnostics), []);
});

test('a comment in a word is reported once if two rules share the condition', async () => {
  const shared = '- macro: m\n  condition: &c sf.proc.name = a#b\n- macro: n\n  condition: *c\n';
  const { diagnostics } = await load(shared);
  assert.deepEqual(brief(diagnostics), ["2:33 warning[comment-in-word] '#'"]);
});

test('skip-if-unknown-filter leaves a rule out with a warning', async () => {
  const { policy, diagnostics } = await load(
    rule('a', '  skip-if-unknown-filter: true\n', 'm and sf.type = PE') +
      rule('b', '  skip-if-unknown-filter: true\n') +
      '- macro: m\n  condition: not proc.is_exe_from_memfd = true\n',
  );
  assert.deepEqual(names(policy), ['b']);
  assert.deepEqual(brief(diagnostics), ["10:18 warning[unknown-attribute] 'proc.is_exe_from_memfd'"]);
});

/** A file system in memory: files by path. */
function memory(files: Readonly<Record<string, string>>): PolicyFileSystem {
  const isFolder = (path: string): boolean => Object.keys(files).some((file) => file.startsWith(`${path}/`));
  return {
    stat(path) {
      if (Object.hasOwn(files, path)) return { kind: 'file', identity: path };
      if (isFolder(path)) return { kind: 'folder', identity: path };
      throw new Error('no such file or directory');
    },
    list(path) {
      const inside = Object.keys(files).filter((file) => file.startsWith(`${path}/`));
      const names = inside.map((file) => file.slice(path.length + 1).split('/')[0]!);
      return [...new Set(names)].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    },
    read: (path) => new TextEncoder().encode(files[path]),
    join: (folder, name) => `${folder}/${name}`,
  };
}

test('folders load through and through, in the order of their names by bytes', async () => {
  const files = Object.fromEntries(
    ['p/b.yaml', 'p/a/z.yml', 'p/a.yaml', 'p/B.yaml', 'p/a-1.yaml', 'p/é.yaml', 'p/notes.md', 'p/x.yaml.bak'].map(
      (path) => [path, rule(path)],
    ),
  );
  const { policy } = await loadPolicies(['p'], memory({ ...files, 'p/..data/c.yaml': rule('twice') }));
  assert.deepEqual(names(policy), ['p/B.yaml', 'p/a/z.yml', 'p/a-1.yaml', 'p/a.yaml', 'p/b.yaml', 'p/é.yaml']);
});

test('several paths load in their order, and a file whatever its name', async () => {
  const files = memory({ 'z.txt': rule('z'), 'a.yaml': rule('a'), 'empty/readme': '' });
  const { policy, diagnostics } = await loadPolicies(['z.txt', 'a.yaml', 'empty', 'missing'], files);
  assert.deepEqual(names(policy), ['z', 'a']);
  assert.deepEqual(
    diagnostics.map(({ code, source, range }) => [code, source!.path, range]),
    [
      ['file-unreadable', 'missing', null],
      ['file-unreadable', 'empty', null],
    ],
  );
});

test('a file that is not UTF-8 loads with a warning', async () => {
  const files = memory({});
  const bytes = Buffer.concat([Buffer.from(rule('r')), Buffer.from([0x23, 0xe9, 0x0a])]);
  const { policy, diagnostics } = await loadPolicies(['r.yaml'], {
    ...files,
    stat: () => ({ kind: 'file', identity: '' }),
    read: () => bytes,
  });
  assert.deepEqual(names(policy), ['r']);
  assert.deepEqual(brief(diagnostics), ["4:2 warning[invalid-value] '\ufffd'"]);
});

test('a hostile file makes no more problems than people read', async () => {
  const { diagnostics } = await load(Array.from({ length: 3000 }, (_, i) => `- x${i}: ${'y'.repeat(9)}\n`).join(''));
  assert.equal(diagnostics.length, 1001);
  assert.match(diagnostics.at(-1)!.message, /and 2000 more problems/);
  const { diagnostics: one } = await load('- x: y\n'.repeat(1001));
  assert.match(one.at(-1)!.message, /and 1 more problem in/);
  const { diagnostics: long } = await loadCondition(`sf.proc.pid = ${'9'.repeat(100_000)}`);
  assert.ok(long.every(({ message }) => message.length < 600));
});

test('a Sigma rule is distinguished from a misspelt item', async () => {
  const { diagnostics } = await load(
    'title: At\nlogsource:\n  product: linux\ndetection:\n  a:\n    b: c\n  condition: a\n',
  );
  assert.match(diagnostics[0]!.message, /^Sigma rules are not supported/);
});

test('large lists and many appended pieces overflowed the stack or took minutes', async () => {
  const words = (letter: string, count: number): string =>
    Array.from({ length: count }, (_, i) => letter + i).join(', ');
  const append = '  append: true\n';
  const tagged = (i: number): string =>
    `- rule: r\n  desc: d\n  condition: or sf.type = NF\n${append}  tags: [t${i}]\n`;
  const { policy, diagnostics } = await load(
    `- list: l\n  items: [a]\n- list: l\n  items: [${words('x', 130_000)}]\n${append}` +
      `- rule: lists\n  desc: d\n  condition: sf.proc.name in (l, [${words('y', 130_000)}])\n` +
      `- rule: r\n  desc: d\n  condition: sf.type = PE\n${Array.from({ length: 10_000 }, (_, i) => tagged(i)).join('')}` +
      `- rule: broken\n  desc: d\n  condition: (\n`,
  );
  assert.deepEqual(
    brief(diagnostics).map((text) => text.replace(/^[\d:]+ /, '')),
    ["error[policy-syntax] ''"],
  );
  const [lists, appended] = policy.rules;
  assert.ok(lists!.condition.kind === 'test' && lists!.condition.right.length === 260_001);
  assert.ok(appended!.condition.kind === 'or' && appended!.condition.items.length === 10_001);
  assert.equal(appended!.tags.length, 10_000);
});
