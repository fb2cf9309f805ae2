import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ConditionSyntax, Operand } from '../../../../src/policy/languages/sysflow/syntax.js';
import type { WrittenOperator } from '../../../../src/policy/model/policy.js';
import { parse, showSyntax } from './support.js';

const source = { path: '', text: '' };
const place = { source, range: { start: 0, end: 0 } };
const located = { source, start: 0, end: 0, place };

const KEYWORDS = new Set([
  'and',
  'or',
  'not',
  'exists',
  'in',
  'pmatch',
  'contains',
  'icontains',
  'startswith',
  'endswith',
]);
const wordText = fc.stringMatching(/^[a-z/.@%*:-][a-zA-Z0-9_/.@%*:#+-]{0,8}$/).filter((text) => !KEYWORDS.has(text));
const word: fc.Arbitrary<Operand> = fc
  .tuple(wordText, fc.option(fc.stringMatching(/^[a-z0-9.#@"=() ]{1,8}$/), { nil: null }))
  .filter(([, argument]) => (argument?.split('"').length ?? 1) % 2 === 1)
  .map(([name, argument]) => ({
    kind: 'word',
    text: argument === null ? name : `${name}[${argument}]`,
    name,
    argument,
    ...located,
  }));
/** Texts that one kind of quotes can hold. */
const string: fc.Arbitrary<Operand> = fc
  .stringMatching(/^[ -~é]{0,10}$/)
  .filter((text) => !(text.includes('"') && text.includes("'")) && !/^'|'$|\\$/.test(text))
  .map((text) => ({ kind: 'string', text, ...located }));
const operand = fc.oneof({ weight: 3, arbitrary: word }, { weight: 1, arbitrary: string });
const binary = fc.constantFrom<WrittenOperator>(
  '=',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  'contains',
  'icontains',
  'startswith',
  'endswith',
);

const test1: fc.Arbitrary<ConditionSyntax> = fc.oneof(
  fc.tuple(binary, operand, operand).map(
    ([operator, left, right]): ConditionSyntax => ({
      kind: 'test',
      operator,
      left,
      right: [right],
      form: 'value',
      place,
    }),
  ),
  fc
    .tuple(
      fc.oneof(binary, fc.constantFrom<WrittenOperator>('in', 'pmatch')),
      operand,
      fc.array(operand, { maxLength: 3 }),
    )
    .map(([operator, left, right]): ConditionSyntax => ({ kind: 'test', operator, left, right, form: 'list', place })),
  operand.map((left): ConditionSyntax => ({ kind: 'test', operator: 'exists', left, right: [], form: 'value', place })),
  wordText.map((name): ConditionSyntax => ({ kind: 'macro', name, place })),
);

const { condition } = fc.letrec<{ condition: ConditionSyntax }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    test1,
    tie('condition').map((item): ConditionSyntax => ({ kind: 'not', item, place })),
    fc
      .tuple(fc.constantFrom('and' as const, 'or' as const), fc.array(tie('condition'), { minLength: 2, maxLength: 3 }))
      .map(([kind, items]): ConditionSyntax => ({ kind, items, place })),
  ),
}));

/** Prints a tree as a condition; `pick` chooses among spellings that mean the same. */
function print(node: ConditionSyntax, pick: () => number): string {
  const choose = (...texts: string[]): string => texts[pick() % texts.length]!;
  const gap = (): string => choose(' ', '  ', '\n  ', ' # why\n', '\t');
  switch (node.kind) {
    case 'macro':
      return node.name;
    case 'not':
      return `not${gap()}${inner(node.item, node.item.kind === 'and' || node.item.kind === 'or', pick)}`;
    case 'and':
      return node.items
        .map((item) => inner(item, item.kind === 'and' || item.kind === 'or', pick))
        .join(`${gap()}and${gap()}`);
    case 'or':
      return node.items.map((item) => inner(item, item.kind === 'or', pick)).join(`${gap()}or${gap()}`);
    case 'test': {
      const left = printOperand(node.left);
      if (node.operator === 'exists') return choose(`${left}${gap()}exists`, `exists${gap()}${left}`);
      const items = node.right.map(printOperand).join(`${choose('', ' ')},${choose('', gap())}`);
      const comma = node.right.length > 0 ? choose('', ',', ' , ') : '';
      const list = node.operator === 'in' || node.operator === 'pmatch';
      const right =
        node.form === 'value' ? items : list ? choose(`(${items}${comma})`, `[${items}]`) : `[${items}${comma}]`;
      const tight = /^[=!<>]/.test(node.operator) ? choose('', ' ') : ' ';
      return left + tight + choose(node.operator, node.operator === '=' ? '==' : node.operator) + tight + right;
    }
  }
}

function inner(node: ConditionSyntax, grouped: boolean, pick: () => number): string {
  const text = print(node, pick);
  return grouped || pick() % 8 === 0 ? `(${text})` : text;
}

function printOperand(operand: Operand): string {
  if (operand.kind === 'word') return operand.text;
  return operand.text.includes('"') ? `'${operand.text}'` : `"${operand.text.replaceAll('\\', '\\\\')}"`;
}

test('a condition that is printed and parsed again is the same', () => {
  fc.assert(
    fc.property(condition, fc.infiniteStream(fc.nat(1000)), (tree, picks) => {
      const text = print(tree, () => picks.next().value);
      const parsed = parse(text);
      assert.deepEqual(parsed.problems, [], `${parsed.problems[0]?.message}\n${text}`);
      assert.equal(showSyntax(parsed.condition!), showSyntax(tree), text);
    }),
    { numRuns: 2000 },
  );
});

test('every node knows its place: its text parses to the node again', () => {
  const check = (node: ConditionSyntax, text: string): void => {
    const { start, end } = node.place.range;
    const own = parse(text.slice(start, end));
    // A group can be in parentheses that are not part of it.
    assert.deepEqual(own.problems, [], `${text.slice(start, end)}\nof ${text}`);
    assert.equal(showSyntax(own.condition!), showSyntax(node), text);
    if (node.kind === 'not') check(node.item, text);
    else if (node.kind === 'and' || node.kind === 'or') for (const item of node.items) check(item, text);
  };
  fc.assert(
    fc.property(condition, fc.infiniteStream(fc.nat(1000)), (tree, picks) => {
      const text = print(tree, () => picks.next().value);
      check(parse(text).condition!, text);
    }),
    { numRuns: 500 },
  );
});
