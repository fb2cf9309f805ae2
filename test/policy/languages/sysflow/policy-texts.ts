/** Random policy texts, for property tests and fuzzing: from the grammar, and mutations of texts. */
import fc from 'fast-check';

const WORDS = [
  'a',
  'b_c',
  'list1',
  'm-1',
  'sf.proc.exe',
  'sf.opflags',
  'EXEC',
  'proc.name',
  '/usr/bin/x',
  'x:y',
  '10',
  'true',
];
const ODD_WORDS = [
  '-1',
  '*.log',
  'a#b',
  'a@b',
  '50%',
  'x,y',
  '[',
  ']',
  '&x',
  '!y',
  '~',
  'null',
  '<NA>',
  "it's",
  'key: v',
  'é',
  '\u{1f600}',
];
const OPERATORS = ['=', '!=', '<', '<=', '>', '>=', '==', 'contains', 'icontains', 'startswith', 'endswith'];

const word = fc.constantFrom(...WORDS);
const anyWord = fc.oneof({ weight: 6, arbitrary: word }, { weight: 1, arbitrary: fc.constantFrom(...ODD_WORDS) });
const quoted = fc
  .tuple(fc.constantFrom('"', "'"), fc.constantFrom('x', 'a b', '', '#', 'a: b', 'C:\\x', '[y]', '\\u0041', "''"))
  .map(([quote, text]) => quote + text + quote);
const value = fc.oneof({ weight: 3, arbitrary: anyWord }, { weight: 1, arbitrary: quoted });
const blank = fc.oneof(
  { weight: 8, arbitrary: fc.constant(' ') },
  { weight: 1, arbitrary: fc.constantFrom('  ', '\n    ', '\n      ', '\n  ', '\t', ' # c\n    ') },
);

const items = fc.array(value, { maxLength: 4 }).map((list) => list.join(', '));
const term = fc.oneof(
  fc.tuple(value, fc.constantFrom(...OPERATORS), value).map((parts) => parts.join(' ')),
  fc
    .tuple(word, fc.constantFrom('in', 'pmatch'), items)
    .map(([left, operator, list]) => `${left} ${operator} (${list})`),
  word.map((name) => `${name} exists`),
  word,
);

/** The text of a condition, well-formed or nearly so. */
export const conditionText: fc.Arbitrary<string> = fc
  .tuple(
    term,
    fc.array(fc.tuple(blank, fc.constantFrom('and', 'or', 'and not', 'or (not'), blank, term), { maxLength: 4 }),
  )
  .map(([first, more]) => {
    const opened = more.filter(([, joiner]) => joiner.includes('(')).length;
    return first + more.map((parts) => parts.join('')).join('') + ')'.repeat(opened);
  });

const indent = fc.oneof(
  { weight: 12, arbitrary: fc.constant('  ') },
  { weight: 1, arbitrary: fc.constantFrom(' ', '', '\t', '    ') },
);
const textValue = fc.oneof(
  fc.array(anyWord, { minLength: 1, maxLength: 4 }).map((words) => words.join(' ')),
  quoted,
  fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => `>\n    ${words.join('\n    ')}`),
  fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join('\n    ')),
);
const listValue = fc.oneof(
  items.map((list) => `[${list}]`),
  fc.array(value, { maxLength: 4 }).map((list) => `[\n    ${list.join(',\n    ')}\n  ]`),
  fc.array(value, { minLength: 1, maxLength: 3 }).map((list) => list.map((item) => `\n    - ${item}`).join('')),
);
const conditionValue = fc.oneof(
  { weight: 4, arbitrary: conditionText },
  { weight: 2, arbitrary: conditionText.map((text) => `>\n    ${text}`) },
  { weight: 1, arbitrary: conditionText.map((text) => `|\n    ${text}`) },
  { weight: 1, arbitrary: conditionText.map((text) => `'${text.replaceAll("'", "''")}'`) },
  { weight: 1, arbitrary: conditionText.map((text) => JSON.stringify(text)) },
);

function entry(key: string, arbitrary: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(indent, arbitrary).map(([blanks, text]) => `${blanks}${key}: ${text}\n`);
}

const junk = fc.oneof(
  { weight: 20, arbitrary: fc.constant('') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('# comment\n', '\n', '    # inner\n', '---\n', 'junk\n', '- junk: x\n', '\t\n'),
  },
);
const rule = fc
  .tuple(
    entry('desc', textValue),
    entry('condition', conditionValue),
    fc.option(entry('priority', fc.constantFrom('low', 'HIGH', 'critical', 'none')), { nil: '' }),
    fc.option(entry('tags', listValue), { nil: '' }),
    fc.option(entry('prefilter', fc.constantFrom('[PE]', '[FF, FE]', '[XX]')), { nil: '' }),
    fc.option(entry('output', textValue), { nil: '' }),
    fc.option(entry('enabled', fc.constantFrom('true', 'false', '1', 'maybe')), { nil: '' }),
  )
  .chain((entries) => fc.tuple(textValue, fc.shuffledSubarray(entries, { minLength: 5 })))
  .map(([name, entries]) => `- rule: ${name}\n${entries.join('')}`);
const item = fc.oneof(
  { weight: 3, arbitrary: rule },
  fc.tuple(word, entry('items', listValue)).map(([name, list]) => `- list: ${name}\n${list}`),
  fc.tuple(word, entry('condition', conditionValue)).map(([name, text]) => `- macro: ${name}\n${text}`),
  fc
    .tuple(fc.constantFrom('filter', 'drop'), word, entry('condition', conditionValue))
    .map(([kind, name, text]) => `- ${kind}: ${name}\n${text}`),
  fc.constantFrom('7', '0.50.0', 'x').map((version) => `- required_engine_version: ${version}\n`),
);

/** The text of a policy file, most often well-formed, sometimes no YAML. */
export const policyText: fc.Arbitrary<string> = fc
  .array(fc.tuple(junk, item), { minLength: 1, maxLength: 5 })
  .map((parts) => parts.flat().join(''));

const PIECES = [
  '- rule: ',
  '\n',
  '  condition: ',
  ' ',
  '"',
  "'",
  '[',
  ']',
  '(',
  ')',
  ':',
  ' and ',
  ' not ',
  '#',
  '\t',
  '- ',
  '> ',
  '\0',
  '&a ',
  '*a ',
  '|',
  ',',
  '\u2028',
  '\ud800',
];

/** A text with a few places cut, doubled, swapped or filled in. */
export function mutated(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const change = fc.tuple(
    fc.nat(),
    fc.nat(12),
    fc.constantFrom('cut', 'double', 'insert', 'move'),
    fc.constantFrom(...PIECES),
  );
  return fc.tuple(text, fc.array(change, { minLength: 1, maxLength: 4 })).map(([start, changes]) => {
    let result = start;
    for (const [where, length, kind, piece] of changes) {
      const at = where % (result.length + 1);
      const [head, middle, tail] = [result.slice(0, at), result.slice(at, at + length), result.slice(at + length)];
      if (kind === 'cut') result = head + tail;
      else if (kind === 'double') result = head + middle + middle + tail;
      else if (kind === 'insert') result = head + piece + middle + tail;
      else result = middle + head + tail;
    }
    return result;
  });
}
