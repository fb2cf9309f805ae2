import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { jsonPath } from '../../../src/policy/json-path/json-path.js';

/** Holds that each path gives its text on a JSON text. */
function gives(json: string, cases: readonly (readonly [path: string, text: string])[]): void {
  for (const [path, text] of cases) assert.equal(jsonPath(path).textAt(json), text, path);
}

/** The document that GJSON's README and SYNTAX.md use, and what they say of it. */
const PEOPLE = `{
  "name": {"first": "Tom", "last": "Anderson"},
  "age":37,
  "children": ["Sara","Alex","Jack"],
  "fav.movie": "Deer Hunter",
  "friends": [
    {"first": "Dale", "last": "Murphy", "age": 44, "nets": ["ig", "fb", "tw"]},
    {"first": "Roger", "last": "Craig", "age": 68, "nets": ["fb", "tw"]},
    {"first": "Jane", "last": "Murphy", "age": 47, "nets": ["ig", "tw"]}
  ]
}`;
const DALE = '{"first": "Dale", "last": "Murphy", "age": 44, "nets": ["ig", "fb", "tw"]}';
const ROGER = '{"first": "Roger", "last": "Craig", "age": 68, "nets": ["fb", "tw"]}';
const JANE = '{"first": "Jane", "last": "Murphy", "age": 47, "nets": ["ig", "tw"]}';

describe('the published examples', () => {
  test('keys, indices, wildcards, escapes', () => {
    gives(PEOPLE, [
      ['name.last', 'Anderson'],
      ['name.first', 'Tom'],
      ['age', '37'],
      ['children', '["Sara","Alex","Jack"]'],
      ['children.0', 'Sara'],
      ['children.1', 'Alex'],
      ['friends.1', ROGER],
      ['friends.1.first', 'Roger'],
      ['friends.1.last', 'Craig'],
      ['child*.2', 'Jack'],
      ['c?ildren.0', 'Sara'],
      ['fav\\.movie', 'Deer Hunter'],
    ]);
  });

  test('arrays and queries', () => {
    gives(PEOPLE, [
      ['children.#', '3'],
      ['friends.#', '3'],
      ['friends.#.age', '[44,68,47]'],
      ['friends.#.first', '["Dale","Roger","Jane"]'],
      ['friends.#(last=="Murphy").first', 'Dale'],
      ['friends.#(last=="Murphy")#.first', '["Dale","Jane"]'],
      ['friends.#(age>45)#.last', '["Craig","Murphy"]'],
      ['friends.#(first%"D*").last', 'Murphy'],
      ['friends.#(first!%"D*").last', 'Craig'],
      ['children.#(!%"*a*")', 'Alex'],
      ['children.#(%"*a*")#', '["Sara","Jack"]'],
      ['friends.#(nets.#(=="fb"))#.first', '["Dale","Roger"]'],
      ['friends.#[last=="Murphy"].first', 'Dale'],
    ]);
  });

  test('true-ish, false-ish, null and existing values', () => {
    const vals = `{"vals": [
      { "a": 1, "b": "data" }, { "a": 2, "b": true }, { "a": 3, "b": false }, { "a": 4, "b": "0" },
      { "a": 5, "b": 0 }, { "a": 6, "b": "1" }, { "a": 7, "b": 1 }, { "a": 8, "b": "true" },
      { "a": 9, "b": false }, { "a": 10, "b": null }, { "a": 11 }
    ]}`;
    gives(vals, [
      ['vals.#(b==~true)#.a', '[2,6,7,8]'],
      ['vals.#(b==~false)#.a', '[3,4,5,9,10,11]'],
      ['vals.#(b==~null)#.a', '[10,11]'],
      ['vals.#(b==~*)#.a', '[1,2,3,4,5,6,7,8,9,10]'],
      ['vals.#(b!=~*)#.a', '[11]'],
    ]);
  });

  test('dot and pipe', () => {
    gives(PEOPLE, [
      ['friends.0.first', 'Dale'],
      ['friends|0.first', 'Dale'],
      ['friends.0|first', 'Dale'],
      ['friends|0|first', 'Dale'],
      ['friends|#', '3'],
      ['friends.#(last="Murphy")#', `[${DALE},${JANE}]`],
      ['friends.#(last="Murphy")#.first', '["Dale","Jane"]'],
      ['friends.#(last="Murphy")#|first', ''],
      ['friends.#(last="Murphy")#.0', '[]'],
      ['friends.#(last="Murphy")#|0', DALE],
      ['friends.#(last="Murphy")#.#', '[]'],
      ['friends.#(last="Murphy")#|#', '2'],
    ]);
  });

  test('modifiers', () => {
    gives(PEOPLE, [
      ['children.@reverse', '["Jack","Alex","Sara"]'],
      ['children.@reverse.0', 'Jack'],
      ['children|@reverse', '["Jack","Alex","Sara"]'],
      ['children|@reverse|0', 'Jack'],
      ['name.@reverse', '{"last":"Anderson","first":"Tom"}'],
      ['@this.age', '37'],
      ['children.@ugly', '["Sara","Alex","Jack"]'],
      ['name.@ugly', '{"first":"Tom","last":"Anderson"}'],
      ['@valid.age', '37'],
      ['name.@keys', '["first","last"]'],
      ['name.@values', '["Tom","Anderson"]'],
      ['children.@tostr', '["Sara","Alex","Jack"]'],
      ['children.@tostr.@fromstr.1', 'Alex'],
      [
        '{children,"ages":friends.#.age}.@group',
        '[{"children":"Sara","ages":44},{"children":"Alex","ages":68},{"children":"Jack","ages":47}]',
      ],
      ['friends.#.nets|@flatten', '["ig", "fb", "tw","fb", "tw","ig", "tw"]'],
      ['[name,friends.1].@join.first', 'Roger'],
      ['children.@unknown', ''],
    ]);
    gives('[1,[2],[3,4],[5,[6,7]],{"hi":"there"}]', [
      ['@flatten', '[1,2,3,4,5,[6,7],{"hi":"there"}]'],
      ['@flatten:{"deep":true}', '[1,2,3,4,5,6,7,{"hi":"there"}]'],
    ]);
    gives('[{"first":"Tom","age":37},{"age":41}]', [
      ['@join', '{"first":"Tom","age":41}'],
      ['@join:{"preserve":true}', '{"first":"Tom","age":37,"age":41}'],
    ]);
    gives('{"a":[1, 2]', [['@valid', '']]);
  });

  test('@pretty', () => {
    const json =
      '{"name":  {"first":"Tom","last":"Anderson"},  "age":37,\n"children": ["Sara","Alex","Jack"],\n"friends": [ {"first": "Janet", "age": 44} ]}';
    const laidOut = `{
  "name": {
    "first": "Tom",
    "last": "Anderson"
  },
  "age": 37,
  "children": ["Sara", "Alex", "Jack"],
  "friends": [
    {
      "first": "Janet",
      "age": 44
    }
  ]
}
`;
    gives(json, [
      ['@pretty', laidOut],
      [
        '@pretty|@ugly',
        '{"name":{"first":"Tom","last":"Anderson"},"age":37,"children":["Sara","Alex","Jack"],"friends":[{"first":"Janet","age":44}]}',
      ],
      ['@pretty:{"sortKeys":true}|@keys', '["age","children","friends","name"]'],
      ['children.@pretty:{"width":12,"indent":"\\t"}', '[\n\t"Sara",\n\t"Alex",\n\t"Jack"\n]\n'],
    ]);
  });

  test('multipaths and literals', () => {
    gives(PEOPLE, [
      [
        '{name.first,age,"the_murphys":friends.#(last="Murphy")#.first}',
        '{"first":"Tom","age":37,"the_murphys":["Dale","Jane"]}',
      ],
      ['[name.first,age]', '["Tom",37]'],
      [
        '{name.first,age,"company":!"Happysoft","employed":!true}',
        '{"first":"Tom","age":37,"company":"Happysoft","employed":true}',
      ],
      ['{friends.#}', '{"_":3}'],
      ['!"Happysoft"', 'Happysoft'],
    ]);
  });

  test('JSON lines', () => {
    const lines =
      '{"name": "Gilbert", "age": 61}\n{"name": "Alexa", "age": 34}\n{"name": "May", "age": 57}\n{"name": "Deloise", "age": 44}';
    gives(lines, [
      ['..#', '4'],
      ['..1', '{"name": "Alexa", "age": 34}'],
      ['..3', '{"name": "Deloise", "age": 44}'],
      ['..#.name', '["Gilbert","Alexa","May","Deloise"]'],
      ['..#(name="May").age', '57'],
    ]);
  });

  test('nested array values', () => {
    const json = `{"programmers": [
      {"firstName": "Janet", "lastName": "McLaughlin"},
      {"firstName": "Elliotte", "lastName": "Hunter"},
      {"firstName": "Jason", "lastName": "Harold"}
    ]}`;
    gives(json, [
      ['programmers.#.lastName', '["McLaughlin","Hunter","Harold"]'],
      ['programmers.#(lastName="Hunter").firstName', 'Elliotte'],
    ]);
  });
});

test('values as text: strings without quotes, integers as written, other numbers without an exponent, no null', () => {
  gives(
    '{"s":"a\\n\\u00e9\\ud83d\\ude00\\ud83d\\"","i":12345678901234567890,"f":1.50,"e":1e21,"m":-2.5E-7,"z":-0.0,"n":null,"t":true}',
    [
      ['s', 'a\né😀\ufffd"'],
      ['i', '12345678901234567890'],
      ['f', '1.5'],
      ['e', '1000000000000000000000'],
      ['m', '-0.00000025'],
      ['z', '-0'],
      ['n', ''],
      ['t', 'true'],
      ['none', ''],
    ],
  );
});

test('of equal keys the first counts; keys may be escaped on either side', () => {
  gives('{"a":1,"a":2,"b|c":3,"d*":4,"\\u0065":5,"f":{"x":1},"fx":{"y":2}}', [
    ['a', '1'],
    ['b\\|c', '3'],
    ['d\\*', '4'],
    ['e', '5'],
    ['f*.y', '2'],
  ]);
});

test('the paths that shipped policies use', () => {
  gives('[{"clusterip":["10.96.0.1"],"name":"web"}]', [['0.clusterip.0', '10.96.0.1']]);
  gives('["10.0.0.1","10.0.0.2"]', [['0', '10.0.0.1']]);
  gives('{"items":[{"namespace":"default"}]}', [['items.0.namespace', 'default']]);
});

describe('hostile texts', () => {
  test('any path on any text gives a text', () => {
    const piece = fc.constantFrom(
      ...[
        'a',
        'b',
        '0',
        '1',
        '.',
        '.',
        '|',
        '#',
        '#(',
        ')',
        ')#',
        '[',
        ']',
        '{',
        '}',
        '"',
        '\\',
        '*',
        '?',
        '~',
        ':',
        ',',
      ],
      ...[
        '@this',
        '@pretty',
        '@flatten',
        '@reverse',
        '@join',
        '@keys',
        '@group',
        '@tostr',
        '@fromstr',
        '!',
        '=',
        '%',
        '..',
      ],
    );
    const text = fc.oneof(
      fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('')),
      fc.json(),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(text, text, (path, json) => {
        assert.equal(typeof jsonPath(path).textAt(json), 'string');
      }),
      { numRuns: 1000 },
    );
  });

  test('no nesting of a text or a path exhausts the stack', () => {
    const deep = '['.repeat(50_000);
    const closed = deep + ']'.repeat(50_000);
    for (const json of [deep, closed, '{"a":'.repeat(20_000), `{"a":${closed}}`]) {
      for (const path of [
        '0.0.0',
        'a.0',
        '#',
        '#.#.#',
        '@flatten:{"deep":true}',
        '@pretty',
        '@ugly',
        '@valid',
        '@reverse',
        '@join',
        '@fromstr',
      ]) {
        jsonPath(path).textAt(json);
      }
    }
    for (const part of ['0.', '#.', '#(', '{', '[', '@this.', '@this|', 'a|', '[a,', '#(#(a)']) {
      jsonPath(part.repeat(5_000)).textAt('[[[[[]]]]]');
    }
  });

  test('a pattern takes no more time than the product of the lengths', () => {
    const start = process.hrtime.bigint();
    jsonPath(`${'*a'.repeat(300)}b`).textAt(`{"${'a'.repeat(3000)}":1}`);
    assert.ok(process.hrtime.bigint() - start < 2_000_000_000n);
  });
});
