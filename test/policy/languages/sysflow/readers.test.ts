import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as yaml from 'yaml';
import type { SourceText } from '../../../../src/diagnostics/diagnostic.js';
import type { RawItem, RawValue } from '../../../../src/policy/languages/sysflow/document.js';
import { tokenize } from '../../../../src/policy/languages/sysflow/lexer.js';
import { judgePlainYaml } from '../../../../src/policy/languages/sysflow/plain-yaml.js';
import { readTolerantly } from '../../../../src/policy/languages/sysflow/tolerant-reader.js';
import { unquote } from '../../../../src/policy/languages/sysflow/yaml-quotes.js';
import { readYaml } from '../../../../src/policy/languages/sysflow/yaml-reader.js';
import { mutated, policyText } from './policy-texts.js';

const file = (text: string): SourceText => ({ path: 'test.yaml', text });

/** Items as plain data: scalars trimmed, conditions as their tokens, since blanks and comments in them are free. */
function plain(items: readonly RawItem[]): unknown {
  return items.map((item) =>
    item.entries.map(({ key, value }) => [key, key === 'condition' ? tokens(item, value) : plainValue(value)]),
  );
}

function plainValue(value: RawValue | null): unknown {
  if (value === null) return null;
  if (value.kind === 'scalar') return value.text.trim();
  return value.kind === 'list' ? value.items.map((item) => item.text) : 'other';
}

function tokens(item: RawItem, value: RawValue | null): unknown {
  if (value?.kind !== 'scalar') return plainValue(value);
  const { tokens: list, problem } = tokenize(item.source, value);
  // The end of what is wrong may be that of the text, and blanks there count for nothing.
  return [
    ...list.slice(0, -1).map(({ text, start, end }) => [text, start, end]),
    problem?.message,
    problem?.range.start,
  ];
}

const SAME: readonly string[] = [
  '- rule: A b\n  desc: c d\n  condition: a=b\n  priority: low\n  tags: [x, y]\n',
  '# c\n- list: l\n  # c\n  items: [a, "b c",\n    d, \'e\']\n\n- macro: m\n  condition: >\n    a and\n    b\n',
  '- list: l\n  items:\n    - a\n    - "b"\n- rule: r\n  condition: |\n    a\n  desc: d',
  '- drop: f\n  condition: a in (b,\n             c)\n  enabled: false\n',
  '- required_engine_version: 7\n- rule: r\n  desc: >-\n    text: with colon\n  condition: a\n',
];

test('a file that both readers take means the same to both', () => {
  for (const text of SAME) {
    const { document } = readYaml(yaml, file(text));
    assert.ok(document !== null, text);
    const tolerant = readTolerantly(file(text));
    assert.deepEqual(tolerant.strays, []);
    assert.deepEqual(plain(tolerant.items), plain(document.items), text);
  }
});

test('the tolerant reader takes what the original takes and YAML does not', () => {
  for (const text of [
    '- rule: A: b\n  desc: c\n  condition: a\n  priority: high',
    ' - rule: A: b\n\tdesc: c\n\tcondition: a\n\tpriority: high # not low',
    '-rule: A: b desc: c condition: a priority: high',
    '- rule:\n A: b\n desc:\n c\n condition: >\n a\n priority: high',
    '- rule: A: b\ndesc: c\ncondition: # why\n a\npriority: high',
  ]) {
    const { items } = readTolerantly(file(text));
    assert.deepEqual(
      items.map(({ entries }) => entries.map(({ key, value }) => [key, plainValue(value)])),
      [
        [
          ['rule', 'A: b'],
          ['desc', 'c'],
          ['condition', 'a'],
          ['priority', 'high'],
        ],
      ],
      text,
    );
  }
});

test('the tolerant reader distinguishes keys from words in texts by their column and order', () => {
  const { items } = readTolerantly(
    file(
      '- rule: r\n  desc: shows the output: and\n    priority: of things\n  condition: a\n  output: x: y\n\t- rule: s\n  condition: b',
    ),
  );
  assert.deepEqual(
    items.map(({ entries }) => entries.map(({ key }) => key)),
    [
      ['rule', 'desc', 'condition', 'output'],
      ['rule', 'condition'],
    ],
  );
});

test('the tolerant reader continues after invalid items', () => {
  const text = 'junk\n- list: a\n  items: [x, y\n- list: b\n  items: [z]\nmore junk\n- macro: m\n  condition: c';
  const { items, strays } = readTolerantly(file(text));
  assert.deepEqual(
    items.map(({ entries }) => plainValue(entries[0]!.value)),
    ['a', 'b', 'm'],
  );
  assert.deepEqual(
    strays.map(({ range }) => range.start),
    [0, text.indexOf('[x'), text.indexOf('more')],
  );
});

test('what is judged without the YAML library is what the library says', () => {
  let judged = 0;
  fc.assert(
    fc.property(fc.oneof(policyText, mutated(policyText)), (text) => {
      const source = file(text);
      const tolerant = readTolerantly(source);
      const verdict = judgePlainYaml(source, tolerant);
      if (verdict.kind === 'unknown') return;
      judged++;
      const { document, problem } = readYaml(yaml, source);
      if (verdict.kind === 'not-yaml') assert.ok(problem !== null, `called no YAML: ${verdict.message}\n${text}`);
      else {
        assert.ok(document !== null, `called YAML, but ${problem?.message}\n${text}`);
        assert.deepEqual(document.strays, [], text);
        assert.deepEqual(plain(verdict.items), plain(document.items), text);
      }
    }),
    { numRuns: 3000 },
  );
  assert.ok(judged > 300, `${judged} of 3000 texts were simple enough to judge`);
});

test('a value on the line below its key that holds a colon is left to the YAML library', () => {
  for (const value of ['a in ("b: c", d)', 'a: b', 'a and b: # c', 'a b: "c"']) {
    for (const key of ['condition', 'desc']) {
      const source = file(`- macro: m\n  ${key}:\n    ${value}\n- macro: n\n  condition: a\n`);
      assert.ok(readYaml(yaml, source).document !== null, source.text);
      assert.equal(judgePlainYaml(source, readTolerantly(source)).kind, 'unknown', source.text);
    }
  }
});

test('quoted scalars decode as YAML does, and each character keeps its place', () => {
  const inner = fc.array(
    fc.constantFrom(
      'a',
      ' ',
      '  ',
      "''",
      '\\n',
      '\\"',
      '\\x41',
      '\\u00e9',
      '\n   ',
      '\n\n   ',
      ' \\\n   ',
      'b c',
      '\\\\',
      'é',
      '\t',
      '\\t',
    ),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(inner, fc.boolean(), (parts, double) => {
      const body = parts
        .filter((part) => (double ? part !== "''" : !part.startsWith('\\') && !part.includes('\\')))
        .join('');
      const text = `k: ${double ? '"' : "'"}${body}${double ? '"' : "'"}`;
      const document = yaml.parseDocument(text, { schema: 'failsafe', logLevel: 'silent' });
      if (document.errors.length > 0) return;
      const mapped = unquote(text, 3, text.length);
      assert.equal(mapped.text, document.get('k'), JSON.stringify(text));
      assert.equal(mapped.offsets.length, mapped.text.length + 1);
      for (let i = 0; i < mapped.text.length; i++) {
        if (!/[a-c]/.test(mapped.text[i]!)) continue;
        assert.equal(text[mapped.offsets[i]!], mapped.text[i], `${JSON.stringify(text)} at ${i}`);
      }
    }),
    { numRuns: 2000 },
  );
});

test('places in conditions are places in the file, whatever the style of the scalar', () => {
  for (const text of [
    '- macro: m\n  condition: a = b and\n             c = target',
    '- macro: m\n  condition: >\n    a = b and\n\n    c = target\n',
    '- macro: m\n  condition: |-\n    a = b and # target\n    c = target',
    "- macro: m\n  condition: 'a = ''b'' and\n    c = target'",
    '- macro: m\n  condition: "a = \\"b\\" and\n    c \\\n    = target"',
    '- {macro: m, condition: a = b and c = target}',
  ]) {
    const { document, problem } = readYaml(yaml, file(text));
    assert.ok(document !== null, problem?.message);
    const condition = document.items[0]!.entries[1]!.value;
    assert.ok(condition?.kind === 'scalar');
    const { tokens: list } = tokenize(file(text), condition);
    const target = list.find((token) => token.text === 'target')!;
    assert.equal(target.start, text.lastIndexOf('target'), text);
    assert.equal(target.end, target.start + 'target'.length, text);
    assert.equal(list[0]!.start, text.indexOf('a = '), text);
  }
});

test('aliases are followed within limits, and deep nesting is not valid YAML', () => {
  const list = readYaml(yaml, file('- list: a\n  items: &x [b, c]\n- list: d\n  items: [*x, e]\n'));
  assert.deepEqual(plain(list.document!.items), [
    [
      ['list', 'a'],
      ['items', ['b', 'c']],
    ],
    [
      ['list', 'd'],
      ['items', ['b', 'c', 'e']],
    ],
  ]);
  const levels = Array.from(
    { length: 20 },
    (_, i) => `- list: l${i + 1}\n  items: &a${i + 1} [${`*a${i},`.repeat(9)}]\n`,
  );
  const bomb = readYaml(yaml, file(`- list: l0\n  items: &a0 [x]\n${levels.join('')}`));
  assert.match(bomb.problem!.message, /aliases|alias/);
  assert.ok(readYaml(yaml, file(`- list: a\n  items: ${'['.repeat(50_000)}`)).problem !== null);
  assert.match(
    readYaml(yaml, file(`- list: a\n  items: ${'['.repeat(80)}${']'.repeat(80)}`)).problem!.message,
    /nests deeper/,
  );
});
