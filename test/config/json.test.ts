import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type JsonNode, parseJson } from '../../src/config/json.js';
import { Diagnostics } from '../../src/diagnostics/diagnostic.js';
import { formatDiagnostic } from '../../src/diagnostics/format.js';

function parse(text: string): { node: JsonNode | null; problems: string[] } {
  const diagnostics = new Diagnostics();
  const node = parseJson({ path: 'x', text }, diagnostics);
  return { node, problems: diagnostics.items.map((item) => formatDiagnostic(item, { color: false, excerpt: false })) };
}

/** The value that a tree stands for. */
function toValue(node: JsonNode): unknown {
  switch (node.kind) {
    case 'object': {
      const value: Record<string, unknown> = {};
      for (const member of node.members) {
        Object.defineProperty(value, member.key, {
          value: toValue(member.value),
          enumerable: true,
          configurable: true,
          writable: true,
        });
      }
      return value;
    }
    case 'array':
      return node.items.map(toValue);
    case 'number':
      return Number(node.text);
    case 'null':
      return null;
    default:
      return node.value;
  }
}

test('whatever JSON.stringify writes is read as the same value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(0, 2, '\t'), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      const { node, problems } = parse(text);
      assert.deepEqual(problems, []);
      assert.deepEqual(toValue(node!), JSON.parse(text));
    }),
  );
});

test('what JSON.parse refuses is refused, and the other way round', () => {
  const characters = fc.constantFrom(...'{}[]",:0123456789.eE+-truefalsnl\\u \n\t\u0001xé');
  fc.assert(
    fc.property(fc.string({ unit: characters, maxLength: 12 }), (text) => {
      let accepted = true;
      try {
        JSON.parse(text);
      } catch {
        accepted = false;
      }
      assert.equal(parse(text).problems.length === 0, accepted);
    }),
    { numRuns: 2000 },
  );
});

test('every node knows its place', () => {
  const text = '{"a": [1, "b"]}';
  const { node } = parse(text);
  assert.ok(node?.kind === 'object');
  const [member] = node.members;
  assert.equal(text.slice(member!.keyRange.start, member!.keyRange.end), '"a"');
  assert.equal(text.slice(member!.value.range.start, member!.value.range.end), '[1, "b"]');
  assert.ok(member!.value.kind === 'array');
  assert.deepEqual(
    member!.value.items.map(({ range }) => text.slice(range.start, range.end)),
    ['1', '"b"'],
  );
});

const REJECTED: readonly [text: string, ...problems: string[]][] = [
  ['', 'x:1:1: error[json-syntax]: the text is empty'],
  ['{"a" 1}', "x:1:6: error[json-syntax]: expected ':' after the key, found '1'"],
  ['{a: 1}', "x:1:2: error[json-syntax]: expected a key in double quotes, found 'a'"],
  ['{"a": on}', "x:1:7: error[json-syntax]: 'on' is not a value; strings need double quotes"],
  ['[1', "x:1:3: error[json-syntax]: expected ',' or ']', found the end of the text"],
  ['["a\n"]', 'x:1:2: error[json-syntax]: the string is not closed'],
  ['["\\x"]', 'x:1:3: error[json-syntax]: unknown escape sequence'],
  ['1 2', 'x:1:3: error[json-syntax]: unexpected text after the value'],
  ['[01]', "x:1:2: error[json-syntax]: '01' is not a value; strings need double quotes"],
  [
    '[1, // one\n2,]',
    "x:1:5: error[json-syntax]: JSON has no comments; a key '_comment' may hold one",
    'x:2:2: error[json-syntax]: trailing comma',
  ],
  ['[null*]', "x:1:2: error[json-syntax]: 'null*' is not a value; strings need double quotes"],
  ['[1]/*', "x:1:4: error[json-syntax]: JSON has no comments; a key '_comment' may hold one"],
  ['[1,}', "x:1:4: error[json-syntax]: expected a value, found '}'"],
  [
    '/* never closed',
    "x:1:1: error[json-syntax]: JSON has no comments; a key '_comment' may hold one",
    'x:1:16: error[json-syntax]: the text is empty',
  ],
];

for (const [text, ...problems] of REJECTED) {
  test(`refused: ${JSON.stringify(text)}`, () => assert.deepEqual(parse(text).problems, problems));
}

test('a comment that a carriage return ends hid all that follows', () => {
  assert.deepEqual(parse('// one\r[2').problems, [
    "x:1:1: error[json-syntax]: JSON has no comments; a key '_comment' may hold one",
    "x:1:10: error[json-syntax]: expected ',' or ']', found the end of the text",
  ]);
});

test('a byte order mark is passed over', () => assert.deepEqual(toValue(parse('\ufeff{}').node!), {}));

test('deep nesting is refused and not a stack overflow', () => {
  assert.deepEqual(parse('['.repeat(100_000)).problems, [
    'x:1:65: error[json-syntax]: values are nested deeper than 64',
  ]);
});
