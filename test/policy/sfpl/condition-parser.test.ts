import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_NESTING } from '../../../src/policy/sfpl/condition-parser.js';
import { parse, showSyntax } from './support.js';

const PARSES_TO: readonly (readonly [text: string, tree: string])[] = [
  ['a', 'macro(a)'],
  ['a=b', 'test(= a b)'],
  ['a = b', 'test(= a b)'],
  ['a == b', 'test(= a b)'],
  ['a!=b', 'test(!= a b)'],
  ['sf.ts>=15', 'test(>= sf.ts 15)'],
  ['a<1 and a<=2 and a>3', 'and(test(< a 1), test(<= a 2), test(> a 3))'],
  ['a or b and not c or d', 'or(macro(a), and(macro(b), not(macro(c))), macro(d))'],
  ['not a = b and c', 'and(not(test(= a b)), macro(c))'],
  ['not not (a or b)', 'not(not(or(macro(a), macro(b))))'],
  ['not(a)and(b)', 'and(not(macro(a)), macro(b))'],
  ['a exists', 'test(exists a)'],
  ['exists a and b exists', 'and(test(exists a), test(exists b))'],
  ['a in (b, "c d", e)', "test(in list a b 'c d' e)"],
  ['a in (b, c,)', 'test(in list a b c)'],
  ['a in ()', 'test(in list a)'],
  ['a in names', 'test(in name a names)'],
  ['a in ([b, [c]], d)', 'test(in list a b c d)'],
  ['a pmatch [b, c]', 'test(pmatch list a b c)'],
  ['a = [b, c]', 'test(= list a b c)'],
  ['a contains ["x y", z]', "test(contains list a 'x y' z)"],
  ['evt.dir=< and evt.dir = >', "and(test(= evt.dir '<'), test(= evt.dir '>'))"],
  ['evt.dir=<', "test(= evt.dir '<')"],
  ['a = \'it is "so"\'', 'test(= a \'it is "so"\')'],
  ["a = ''", "test(= a '')"],
  ["a = ''b c'' and d", "and(test(= a 'b c'), macro(d))"],
  ['a = \\"b c\\"', "test(= a 'b c')"],
  ['a = "C:\\"', "test(= a 'C:\\')"],
  ['a in (and, or, not, in)', 'test(in list a and or not in)'],
  ['a = list and b contains name', 'and(test(= a list), test(contains b name))'],
  ['a = -1 or a = *.log or a = x@y or a = 50%', 'or(test(= a -1), test(= a *.log), test(= a x@y), test(= a 50%))'],
  ['a = a#b', 'test(= a a#b)'],
  ['a # or b\nand c', 'and(macro(a), macro(c))'],
  ['proc.aname[2] = sh', 'test(= proc.aname{2} sh)'],
  ['sf.ke.message[items.#(n=="a b").x] = 1', 'test(= sf.ke.message{items.#(n=="a b").x} 1)'],
  ['sf.ke.message[a[0].b] exists', 'test(exists sf.ke.message{a[0].b})'],
  ["sf.ke.message[a.']'] exists", "test(exists sf.ke.message{a.']'})"],
  ['a = runc:[1:CHILD]x', 'test(= a runc:[1:CHILD]x)'],
  ["'x' = a", "test(= 'x' a)"],
  ['((((a))))', 'macro(a)'],
];

test('conditions parse to their trees', () => {
  for (const [text, tree] of PARSES_TO) {
    const { condition, problem } = parse(text);
    assert.equal(condition === null ? problem.message : showSyntax(condition), tree, text);
  }
});

const REJECTS: readonly (readonly [text: string, at: number, message: RegExp])[] = [
  ['', 0, /a condition is expected/],
  ['and a', 0, /a condition is expected/],
  ['a and', 5, /a condition is expected/],
  ['a or or b', 5, /a condition is expected/],
  ['not', 3, /a condition is expected/],
  ['(a', 0, /'\)' is missing/],
  ['(a b)', 3, /'and', 'or' or '\)'/],
  ['a)', 1, /end of the condition/],
  ['a b', 2, /end of the condition/],
  ['a =', 3, /a value is expected after '='/],
  ['a = and b', 4, /a value is expected after '='/],
  ['a = (b, c)', 4, /a value is expected after '='/],
  ['a = b c', 6, /end of the condition/],
  ['a in', 4, /a list is expected/],
  ['a in (b', 5, /'\)' is missing/],
  ['a in (b c)', 8, /',' or '\)'/],
  ['a in (,)', 6, /an item/],
  ['a = [b, c', 4, /'\]' is missing/],
  ['a glob b', 2, /'glob' is not part/],
  ['"a"', 3, /an operator is expected/],
  ['a = "b', 4, /no closing "/],
  ['a = "b\nc"', 4, /no closing "/],
  ["it's = b", 2, /no closing '/],
  ['a[1 = b', 1, /no closing '\]'/],
  ['= b', 0, /a condition is expected/],
  ['exists', 6, /^$/],
];

test('what is not well-formed is rejected at its place', () => {
  for (const [text, at, message] of REJECTS) {
    const { problem } = parse(text);
    if (text === 'exists') {
      assert.equal(problem, null, 'a macro may be called exists');
      continue;
    }
    assert.ok(problem !== null, text);
    assert.match(problem.message, message, text);
    assert.equal(problem.range.start, at, `${text}: ${problem.message}`);
    assert.ok(problem.range.end >= problem.range.start && problem.range.end <= text.length, text);
  }
});

test('a misspelled operator was taken for a text without quotes', () => {
  const hints: readonly (readonly [text: string, hint: string])[] = [
    ['a startwith /bin', "did you mean 'startswith'?"],
    ['a contain b', "did you mean 'contains'?"],
    ['a = b adn c', "did you mean 'and'?"],
    ['(a = b andd c)', "did you mean 'and'?"],
    ['a = b long words', 'put texts with blanks in quotes'],
    ['(a = b c)', 'put texts with blanks in quotes'],
  ];
  for (const [text, hint] of hints) assert.equal(parse(text).problem!.hint, hint, text);
});

test('deep nesting is an error and not the end of the stack', () => {
  for (const [open, close] of [
    ['(', ')'],
    ['not ', ''],
    ['not(', ')'],
  ] as const) {
    const depth = Math.floor((MAX_NESTING - 1) / (open === 'not(' ? 2 : 1));
    assert.equal(parse(`${open.repeat(depth)}a${close.repeat(depth)}`).problem, null);
    assert.match(parse(`${open.repeat(100_000)}a${close.repeat(100_000)}`).problem!.message, /nest deeper/);
  }
  assert.match(parse(`a in ${'['.repeat(100_000)}`).problem!.message, /nest deeper/);
  const long = Array.from({ length: 20_000 }, () => 'a').join(' and ');
  assert.equal(parse(long).problem, null);
});
