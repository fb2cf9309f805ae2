import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MAX_DEPTH, type StraceValue, unescapeBytes, ValueParser } from '../../../src/recorder/strace/values.js';

/** Reads items up to `)`, and checks that the grammar accepts them. */
function parse(text: string): StraceValue[] {
  const parser = new ValueParser(`${text})`);
  const items = parser.items(')');
  assert.equal(parser.damaged, false, `accepted: ${text}`);
  assert.equal(parser.position, text.length + 1, `read to the end: ${text}`);
  return items;
}

const word = (text: string): StraceValue => ({ kind: 'word', text });
const string = (bytes: string, truncated = false, abstract = false): StraceValue => {
  return { kind: 'string', bytes, truncated, abstract };
};
const descriptor = (fd: number, target: string, device = false): StraceValue => {
  return { kind: 'descriptor', fd, target, device };
};

test('words: numbers, flags, addresses, expressions', () => {
  assert.deepEqual(
    parse('NULL, 8192, -1, 0x7ffe33594b08, 0777'),
    ['NULL', '8192', '-1', '0x7ffe33594b08', '0777'].map(word),
  );
  assert.deepEqual(parse('O_WRONLY|O_CREAT|O_TRUNC, PROT_READ'), [word('O_WRONLY|O_CREAT|O_TRUNC'), word('PROT_READ')]);
  assert.deepEqual(parse('[{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0'), [
    {
      kind: 'list',
      items: [{ kind: 'struct', fields: new Map(), items: [word('WIFEXITED(s) && WEXITSTATUS(s) == 0')] }],
      truncated: false,
    },
    word('0'),
  ]);
  assert.deepEqual(parse('1<<2|0x8000 /* SOME_FLAG */'), [word('1<<2|0x8000')]);
});

test('no items at all', () => {
  assert.deepEqual(parse(''), []);
});

test('a comment is not part of an argument', () => {
  assert.deepEqual(parse('0x7ffe33594b08 /* 35 vars, "or" ) so */'), [word('0x7ffe33594b08')]);
});

test('strings: escapes, cut ones, abstract ones', () => {
  assert.deepEqual(parse(String.raw`"a>b\"c\\d\n\377\303\244-"`), [string('a>b"c\\d\n\xff\xc3\xa4-')]);
  assert.deepEqual(parse(String.raw`"\1\2", "t\0012", "\x41\x0a"`), [
    string('\x01\x02'),
    string('t\x012'),
    string('A\n'),
  ]);
  assert.deepEqual(parse('"aaaa"..., ""'), [string('aaaa', true), string('')]);
  assert.deepEqual(parse(String.raw`@"abs\"tr\n]>"`), [string('abs"tr\n]>', false, true)]);
  assert.deepEqual(parse('"a, b) = 0", "<unfinished ...>"'), [string('a, b) = 0'), string('<unfinished ...>')]);
});

test('descriptors: files, devices, deleted files, pipes, sockets', () => {
  assert.deepEqual(parse('3</etc/passwd>, AT_FDCWD</tmp>'), [descriptor(3, '/etc/passwd'), descriptor(-100, '/tmp')]);
  assert.deepEqual(parse('0</dev/null<char 1:3>>, 5</dev/sda<block 0x8:0>>'), [
    descriptor(0, '/dev/null', true),
    descriptor(5, '/dev/sda', true),
  ]);
  assert.deepEqual(parse('3</tmp/a->(deleted)'), [descriptor(3, '/tmp/a-')]);
  assert.deepEqual(parse(String.raw`3</tmp/we\74ird\76/x -\76 y (deleted)>`), [
    descriptor(3, String.raw`/tmp/we\74ird\76/x -\76 y (deleted)`),
  ]);
  assert.deepEqual(parse('4<pipe:[14324]>, 14<anon_inode:[eventpoll]>'), [
    descriptor(4, 'pipe:[14324]'),
    descriptor(14, 'anon_inode:[eventpoll]'),
  ]);
  assert.deepEqual(parse('20<TCP:[127.0.0.1:48150->127.0.0.1:43017]>, 1'), [
    descriptor(20, 'TCP:[127.0.0.1:48150->127.0.0.1:43017]'),
    word('1'),
  ]);
  assert.deepEqual(parse(String.raw`4<UNIX-STREAM:[16913,"/tmp/u]>,\"x"]>`), [
    descriptor(4, String.raw`UNIX-STREAM:[16913,"/tmp/u]>,\"x"]`),
  ]);
});

test('structs: named and unnamed members, what a call changed', () => {
  const [address] = parse(
    '{sa_family=AF_INET6, sin6_port=htons(53329), inet_pton(AF_INET6, "::", &sin6_addr), sin6_scope_id=0}',
  );
  assert.ok(address?.kind === 'struct');
  assert.deepEqual(address.fields.get('sin6_port'), { kind: 'call', name: 'htons', args: [word('53329')] });
  assert.deepEqual(address.items, [
    { kind: 'call', name: 'inet_pton', args: [word('AF_INET6'), string('::'), word('&sin6_addr')] },
  ]);
  assert.deepEqual(parse('[128 => 16], {flags=A} => {parent_tid=[9]}'), [
    { kind: 'list', items: [{ kind: 'change', before: word('128'), after: word('16') }], truncated: false },
    {
      kind: 'change',
      before: { kind: 'struct', fields: new Map([['flags', word('A')]]), items: [] },
      after: {
        kind: 'struct',
        fields: new Map([['parent_tid', { kind: 'list', items: [word('9')], truncated: false }]]),
        items: [],
      },
    },
  ]);
  assert.deepEqual(parse('child_stack=NULL, flags=CLONE_VM|SIGCHLD')[1], {
    kind: 'struct',
    fields: new Map([['flags', word('CLONE_VM|SIGCHLD')]]),
    items: [],
  });
});

test('lists that strace cut say so', () => {
  assert.deepEqual(parse('["a", "b", ...], ~[RTMIN RT_1]'), [
    { kind: 'list', items: [string('a'), string('b')], truncated: true },
    { kind: 'list', items: [word('RTMIN RT_1')], truncated: false },
  ]);
});

test('what does not fit is damage, and never an endless loop', () => {
  for (const text of [
    '"abc',
    '[1, 2',
    '{a=1',
    '(',
    '3</tmp',
    'x /* no end',
    '[1})',
    '}}}',
    '3<TCP:[1.2.3.4:5',
    '"\\',
  ]) {
    const parser = new ValueParser(text);
    parser.items(')');
    assert.equal(parser.damaged, true, text);
    assert.ok(parser.position <= text.length, text);
  }
});

test('nesting is bounded', () => {
  const parser = new ValueParser(`${'['.repeat(100_000)}1${']'.repeat(100_000)})`);
  parser.items(')');
  assert.equal(parser.damaged, true);
  parse(`${'['.repeat(MAX_DEPTH - 2)}1${']'.repeat(MAX_DEPTH - 2)}`);
});

/** Bytes as strace escapes them: printable ASCII stays, the rest is octal, three digits before a digit. */
function escapeAsStrace(bytes: string, angles: boolean): string {
  let text = '';
  for (let i = 0; i < bytes.length; i++) {
    const c = bytes[i]!;
    const code = bytes.charCodeAt(i);
    if (c === '"' || c === '\\') text += `\\${c}`;
    else if (c === '\n') text += '\\n';
    else if (code >= 32 && code < 127 && !(angles && (c === '<' || c === '>'))) text += c;
    else text += `\\${code.toString(8).padStart(/[0-7]/.test(bytes[i + 1] ?? '') ? 3 : 1, '0')}`;
  }
  return text;
}

const anyBytes = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) });

test('property: any bytes survive escaping, in strings and in paths', () => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      assert.deepEqual(parse(`"${escapeAsStrace(bytes, false)}"`), [string(bytes)]);
      const [value] = parse(`3</${escapeAsStrace(bytes, true)}>`);
      assert.ok(value?.kind === 'descriptor');
      assert.equal(unescapeBytes(value.target), `/${bytes}`);
    }),
  );
});

/** A value with the text strace prints for it. */
const printed: fc.Memo<{ text: string; value: StraceValue }> = fc.memo((depth) => {
  const leaf = fc.oneof(
    fc
      .constantFrom('NULL', '0', '-1', '0x7f', 'O_RDWR|O_CLOEXEC', 'SIGCHLD')
      .map((text) => ({ text, value: word(text) })),
    anyBytes.map((bytes) => ({ text: `"${escapeAsStrace(bytes, false)}"`, value: string(bytes) })),
    anyBytes.map((bytes) => {
      const target = `/${escapeAsStrace(bytes, true)}`;
      return { text: `7<${target}>`, value: descriptor(7, target) };
    }),
  );
  if (depth <= 1) return leaf;
  const inner = printed(depth - 1);
  return fc.oneof(
    leaf,
    fc.array(inner, { maxLength: 4 }).map((items) => ({
      text: `[${items.map((item) => item.text).join(', ')}]`,
      value: { kind: 'list', items: items.map((item) => item.value), truncated: false } as StraceValue,
    })),
    fc.dictionary(fc.stringMatching(/^[a-z_][a-z0-9_]{0,8}$/), inner, { maxKeys: 4 }).map((members) => ({
      text: `{${Object.entries(members)
        .map(([name, item]) => `${name}=${item.text}`)
        .join(', ')}}`,
      value: {
        kind: 'struct',
        fields: new Map(Object.entries(members).map(([name, item]) => [name, item.value])),
        items: [],
      } as StraceValue,
    })),
    fc.tuple(inner, inner).map(([before, after]) => ({
      text: `${before.text} => ${after.text}`,
      value: { kind: 'change', before: before.value, after: after.value } as StraceValue,
    })),
  );
});

test('property: what strace prints for a value is read as that value', () => {
  fc.assert(
    fc.property(fc.array(printed(1), { maxLength: 5 }), fc.array(printed(4), { maxLength: 5 }), (flat, deep) => {
      // A change of a change is not printed by strace: the text would be ambiguous.
      const items = [
        ...flat,
        ...deep.filter((item) => !item.text.includes('=> '.repeat(2)) && !nestedChange(item.value)),
      ];
      assert.deepEqual(
        parse(items.map((item) => item.text).join(', ')),
        items.map((item) => item.value),
      );
    }),
  );
});

function nestedChange(value: StraceValue): boolean {
  switch (value.kind) {
    case 'change':
      return [value.before, value.after].some((part) => part.kind === 'change' || nestedChange(part));
    case 'list':
      return value.items.some(nestedChange);
    case 'struct':
      return [...value.fields.values()].some(nestedChange);
    default:
      return false;
  }
}
