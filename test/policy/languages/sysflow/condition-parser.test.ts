import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_NESTING } from '../../../../src/policy/languages/sysflow/condition-parser.js';
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
  ['a="~" and b', "and(test(= a '~'), macro(b))"],
  ['((((a))))', 'macro(a)'],
];

test('conditions parse to their trees', () => {
  for (const [text, tree] of PARSES_TO) {
    const { condition, problems } = parse(text);
    assert.equal(problems[0]?.message ?? showSyntax(condition!), tree, text);
  }
});

const REJECTS: readonly (readonly [text: string, at: number, message: RegExp])[] = [
  ['', 0, /expected a condition/],
  ['and a', 0, /expected a condition/],
  ['a and', 5, /expected a condition/],
  ['a or or b', 5, /expected a condition/],
  ['not', 3, /expected a condition/],
  ['(a', 0, /missing '\)'/],
  ['(a b)', 3, /'and', 'or' or '\)'/],
  ['a)', 1, /no matching '\('/],
  ['a b', 2, /end of the condition/],
  ['a =', 3, /expected a value after '='/],
  ['a = and b', 4, /expected a value after '='/],
  ['a = (b, c)', 4, /expected a value after '='/],
  ['a = b c', 6, /end of the condition/],
  ['a in', 4, /expected a list/],
  ['a in (b', 5, /missing '\)'/],
  ['a in (b c)', 8, /',' or '\)'/],
  ['a in (,)', 6, /an item/],
  ['a = [b, c', 4, /missing '\]'/],
  ['a glob b', 2, /'glob' is not part/],
  ['"a"', 3, /expected an operator/],
  ['a = "b', 4, /missing closing "/],
  ['a = "b\nc"', 4, /missing closing "/],
  ["it's = b", 2, /missing closing '/],
  ['a[1 = b', 1, /missing closing '\]'/],
  ['= b', 0, /expected a condition/],
  ['exists', 6, /^$/],
];

test('an invalid condition is rejected at its position', () => {
  for (const [text, at, message] of REJECTS) {
    const [problem] = parse(text).problems;
    if (text === 'exists') {
      assert.equal(problem, undefined, 'a macro may be called exists');
      continue;
    }
    assert.ok(problem !== undefined, text);
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
    ['a = b long words', 'put texts with spaces in quotes'],
    ['(a = b c)', 'put texts with spaces in quotes'],
  ];
  for (const [text, hint] of hints) assert.equal(parse(text).problems[0]!.hint, hint, text);
});

test('deep nesting is an error and not the end of the stack', () => {
  for (const [open, close] of [
    ['(', ')'],
    ['not ', ''],
    ['not(', ')'],
  ] as const) {
    const depth = Math.floor((MAX_NESTING - 1) / (open === 'not(' ? 2 : 1));
    assert.deepEqual(parse(`${open.repeat(depth)}a${close.repeat(depth)}`).problems, []);
    assert.match(parse(`${open.repeat(100_000)}a${close.repeat(100_000)}`).problems[0]!.message, /nest deeper/);
  }
  assert.match(parse(`a in ${'['.repeat(100_000)}`).problems[0]!.message, /nest deeper/);
  const long = Array.from({ length: 20_000 }, () => 'a').join(' and ');
  assert.deepEqual(parse(long).problems, []);
});

/** Mistakes of a condition as `start 'text at the place': message; hint`. */
function mistakes(text: string): string[] {
  return parse(text).problems.map(({ message, range: { start, end }, hint }) => {
    return `${start} '${text.slice(start, end)}': ${message}${hint === undefined ? '' : `; ${hint}`}`;
  });
}

test('signs and capital letters of other languages had no hint', () => {
  const cases: readonly (readonly [text: string, mistake: string])[] = [
    ['a && b', "2 '&&': '&&' is not an operator that joins terms; write 'and'"],
    ['a || b', "2 '||': '||' is not an operator that joins terms; write 'or'"],
    ['(a | b)', "3 '|': '|' is not an operator that joins terms; write 'or'"],
    ['a = b AND c', "6 'AND': 'AND' is not an operator that joins terms; write 'and'"],
    ['a = b Or c', "6 'Or': 'Or' is not an operator that joins terms; write 'or'"],
    ['a = b&&c = d', "5 '&&': '&&' is not an operator that joins terms; write 'and' between spaces"],
    ['a||b', "1 '||': '||' is not an operator that joins terms; write 'or' between spaces"],
    ['!(a)', "0 '!': '!' is not an operator that negates terms; write 'not'"],
    ['b and ! a = c', "6 '!': '!' is not an operator that negates terms; write 'not'"],
    ['!a.b = c', "0 '!': '!' is not an operator that negates terms; write 'not'"],
    ['NOT a = b', "0 'NOT': 'NOT' is not an operator that negates terms; write 'not'"],
    ['a.b IN (c)', "4 'IN': unknown operator 'IN'; did you mean 'in'?"],
    ['a === b', "2 '===': the operator '===' is not part of this dialect; write '='"],
    ['a !== b', "2 '!==': the operator '!==' is not part of this dialect; write '!='"],
    ['a <> b', "2 '<>': the operator '<>' is not part of this dialect; write '!='"],
    ['a => 5', "2 '=>': the operator '=>' is not part of this dialect; write '>='"],
  ];
  for (const [text, mistake] of cases) assert.deepEqual(mistakes(text), [mistake], text);
});

test('an operator of another language had no hint', () => {
  const patterns = "patterns are not supported: use 'contains', 'startswith', 'endswith' or 'pmatch (a, b)'";
  for (const operator of ['matches', 'regex', 'glob', 'iglob', 'like', '=~']) {
    const expected = `4 '${operator}': the operator '${operator}' is not part of this dialect; ${patterns}`;
    assert.deepEqual(mistakes(`a.b ${operator} "x.*"`), [expected]);
  }
  const cases: readonly (readonly [text: string, mistake: string])[] = [
    ['a.b not in (c, d)', "4 'not': 'not' belongs before the whole test, not before 'in'; write 'not a.b in …'"],
    [
      'a.b not contains c',
      "4 'not': 'not' belongs before the whole test, not before 'contains'; write 'not a.b contains …'",
    ],
    ['a.b notin (c)', "4 'notin': the operator 'notin' is not part of this dialect; write 'not a.b in …'"],
    ['a.b intersects (c)', "4 'intersects': the operator 'intersects' is not part of this dialect; write 'in (a, b)'"],
    ['a.b is c', "4 'is': the operator 'is' is not part of this dialect; write '='"],
    ['a.b startwith c', "4 'startwith': unknown operator 'startwith'; did you mean 'startswith'?"],
    [
      'a.b contains@i c',
      "4 'contains@i': unknown operator 'contains@i'; operators have no '@': did you mean 'contains'?",
    ],
    ['a.b c', "4 'c': expected an operator after 'a.b'"],
  ];
  for (const [text, mistake] of cases) assert.deepEqual(mistakes(text), [mistake], text);
  assert.match(mistakes('a.b resembles c')[0]!, /unknown operator 'resembles'; known operators: =, !=, .*startswith/);
});

test('a list in parentheses behind an operator for one value had the hint for another operator', () => {
  const cases: readonly (readonly [text: string, hint: string])[] = [
    ['a startswith (b, c)', "put lists in brackets: 'startswith [a, b]'"],
    ['a endswith (b, c)', "put lists in brackets: 'endswith [a, b]'"],
    ['a contains (b, c)', "write 'pmatch (a, b)'"],
    ['a = (b, c)', "write 'in (a, b)'"],
    ['a.b != (b, c)', "write 'not a.b in (a, b)'"],
    ['a > (5)', "write '> 5'"],
  ];
  for (const [text, hint] of cases)
    assert.deepEqual([parse(text).problems.length, parse(text).problems[0]!.hint], [1, hint]);
  assert.deepEqual(mistakes('a in (b c) and d'), [
    "8 'c': expected ',' or ')'; separate items by commas, and put texts with spaces in quotes",
  ]);
  for (const text of ['a in b, c', 'a in {b, c}']) assert.match(mistakes(text).join('\n'), /^5 '[^\n]*'in \(a, b\)'$/);
  assert.match(mistakes('a = b, c')[0]!, /put lists in parentheses/);
});

test('of several mistakes in a condition only the first was reported', () => {
  const cases: readonly (readonly [text: string, places: readonly number[]])[] = [
    ['a && b || c', [2, 7]],
    ['a = and b matches c or d e', [4, 10, 25]],
    ['(a b) and (c =) or e', [3, 14]],
    ['not (a b) and not', [7, 17]],
    ['a) and b c', [1, 9]],
    ['(a and b c', [9, 0]],
    ['a in (b c, (d)) and e f', [8, 22]],
    ['a = [b c] or d = [', [7, 17]],
    ['a b and "c', [2, 8]],
    ['(a = b and c = "d', [15]],
  ];
  for (const [text, places] of cases) {
    const found = parse(text).problems.map(({ range }) => range.start);
    assert.deepEqual(found, places, text);
  }
  assert.equal(showSyntax(parse('a = b and c matches d or e').condition!), 'or(test(= a b), macro(e))');
  assert.equal(parse('a matches b').condition, null);
  assert.equal(parse(Array.from({ length: 500 }, () => 'a b').join(' and ')).problems.length, 20);
});

test('a quote with a backslash before it ended a string, and the condition was left out', () => {
  const trees: readonly (readonly [text: string, tree: string])[] = [
    ['a = "b \\"c d\\" e"', 'test(= a \'b "c d" e\')'],
    [
      '(a startswith "sh -c envdir \\"/run/x\\" wal-g") and b',
      'and(test(startswith a \'sh -c envdir "/run/x" wal-g\'), macro(b))',
    ],
    ['a in ("\\"b\\"", c)', 'test(in list a \'"b"\' c)'],
    ['a = "\\"" and b', "and(test(= a '\"'), macro(b))"],
    ['a = "b\\\\c"', "test(= a 'b\\c')"],
    ['a = "b\\\\" and c = "\\""', "and(test(= a 'b\\'), test(= c '\"'))"],
    ['a = "\\d\\n"', "test(= a '\\d\\n')"],
    // What is well-formed in the original keeps its ends.
    ['a = "C:\\"', "test(= a 'C:\\')"],
    ['a = "C:\\" or b = "D:\\"', "or(test(= a 'C:\\'), test(= b 'D:\\'))"],
    ['a in ("C:\\", d)', "test(in list a 'C:\\' d)"],
    // Other quotes have no escapes.
    ["a = 'b\\\\c\\'", "test(= a 'b\\\\c\\')"],
    ['a = \\"b c\\"', "test(= a 'b c')"],
  ];
  for (const [text, tree] of trees) {
    const { condition, problems } = parse(text);
    assert.equal(problems[0]?.message ?? showSyntax(condition!), tree, text);
  }
  // Of the two ways to read it, the one that gets further is reported.
  assert.deepEqual(mistakes('a = "b \\"c\\" d" and e ='), ["23 '': expected a value after '='"]);
  assert.deepEqual(mistakes('a = "C:\\" and b ='), ["17 '': expected a value after '='"]);
});

test("'==' is noted, since the original takes '=' alone", () => {
  const { condition, problems, notes } = parse('a == b');
  assert.deepEqual([showSyntax(condition!), problems], ['test(= a b)', []]);
  assert.deepEqual(
    notes.map(({ message, range }) => [message, range]),
    [["'==' is read as '='; the original accepts only '='", { start: 2, end: 4 }]],
  );
});
