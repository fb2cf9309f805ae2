import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AvroType, parseSchema, type RecordType, type UnionType } from '../../src/sysflow/avro-schema.js';
import { SchemaError } from '../../src/sysflow/errors.js';
import { DEFAULT_LIMITS } from '../../src/sysflow/limits.js';
import { NEWEST_SCHEMA } from '../../src/sysflow/newest-schema.js';

function parse(json: unknown): AvroType {
  const type = parseSchema(JSON.stringify(json));
  if (type instanceof SchemaError) assert.fail(type.message);
  return type;
}

function refuses(json: unknown, message: RegExp): void {
  const type = parseSchema(typeof json === 'string' ? json : JSON.stringify(json));
  assert.ok(type instanceof SchemaError, 'is refused');
  assert.match(type.message, message);
}

const record = (fields: unknown[], more: object = {}) => ({ type: 'record', name: 'R', fields, ...more });
const field = (name: string, type: unknown) => ({ name, type });

test('primitives are accepted as text or wrapped, and logical types are ignored', () => {
  assert.deepEqual(parse('long'), { kind: 'long' });
  assert.deepEqual(parse({ type: 'long', logicalType: 'timestamp-millis' }), { kind: 'long' });
  assert.deepEqual(parse({ type: { type: 'string' } }), { kind: 'string' });
});

test('arrays, maps, unions, enums and fixed are read', () => {
  assert.deepEqual(parse({ type: 'array', items: ['null', { type: 'map', values: 'bytes' }] }), {
    kind: 'array',
    items: { kind: 'union', branches: [{ kind: 'null' }, { kind: 'map', values: { kind: 'bytes' } }] },
  });
  assert.deepEqual(parse({ type: 'enum', name: 'E', symbols: ['A', 'B'] }), {
    kind: 'enum',
    name: 'E',
    symbols: ['A', 'B'],
  });
  assert.deepEqual(parse({ type: 'fixed', name: 'a.F', size: 20 }), { kind: 'fixed', name: 'a.F', size: 20 });
});

test('names are looked up in the enclosing namespace', () => {
  const id = { type: 'fixed', name: 'Id', size: 2 };
  const type = parse(
    record([field('a', id), field('b', 'Id'), field('c', 'space.Id')], { namespace: 'space' }),
  ) as RecordType;
  assert.equal(type.name, 'space.R');
  const [a, b, c] = type.fields;
  assert.deepEqual(a!.type, { kind: 'fixed', name: 'space.Id', size: 2 });
  assert.equal(b!.type, a!.type);
  assert.equal(c!.type, a!.type);
});

test('a name is not found from another namespace, but for one without namespace', () => {
  const id = { type: 'fixed', name: 'Id', size: 2 };
  refuses(
    record([field('a', id), field('d', record([field('e', 'Id')], { name: 'other.S' }))], { namespace: 'space' }),
    /type 'Id' is not defined/,
  );
  const bare = parse(
    record([field('a', id), field('d', record([field('e', 'Id')], { name: 'other.S' }))]),
  ) as RecordType;
  assert.equal((bare.fields[1]!.type as RecordType).fields[0]!.type, bare.fields[0]!.type);
});

test('a record may refer to itself', () => {
  const type = parse(record([field('next', ['null', 'R'])])) as RecordType;
  assert.equal((type.fields[0]!.type as UnionType).branches[1], type);
});

test('the newest schema has the twelve records of SysFlow', () => {
  const type = parse(JSON.parse(NEWEST_SCHEMA)) as RecordType;
  assert.equal((type.fields[0]!.type as UnionType).branches.length, 12);
});

test('an invalid schema is refused with its reason', () => {
  refuses('{"type":', /not valid JSON/);
  refuses('7', /not a text, array or object/);
  refuses('null', /not a text, array or object/);
  refuses('{}', /not a text, array or object/);
  refuses(['null', 'nothing'], /type 'nothing' is not defined/);
  refuses(record([field('a', 'S')]), /type 'S' is not defined/);
  refuses({ type: 'record', name: 'R' }, /has no fields/);
  refuses(record([7]), /is not an object/);
  refuses(record([field('a', 'int'), field('a', 'int')]), /field 'a' of 'R' is defined twice/);
  refuses(record([field('a', record([]))]), /type 'R' is defined twice/);
  refuses({ type: 'enum', name: 'E' }, /has no symbols/);
  refuses({ type: 'fixed', name: 'F', size: -1 }, /size of 'F'/);
  refuses({ type: 'fixed', name: 'F', size: 1.5 }, /size of 'F'/);
  refuses({ type: 'fixed', name: 'long', size: 1 }, /type 'long' is defined twice/);
});

test('names that are none never get in', () => {
  const hostile = ['', '1a', 'a-b', 'a b', "a';process.exit()//", 'a`', 'a\n', 'é', 'a'.repeat(201), 7, null, {}];
  for (const name of hostile) {
    refuses(record([], { name }), /is not a valid name/);
    refuses(record([{ name, type: 'int' }]), /is not a valid name/);
    refuses({ type: 'enum', name: 'E', symbols: [name] }, /is not a valid name/);
    if (name !== '' && name !== null) refuses(record([], { namespace: name }), /is not a valid name/);
  }
});

test('depth, size and number of types are bounded', () => {
  let deep: unknown = 'int';
  for (let i = 0; i < 40; i++) deep = { type: 'array', items: deep };
  refuses(deep, /nested deeper/);
  refuses(`${'['.repeat(200_000)}${']'.repeat(200_000)}`, /nested deeper/);
  refuses(JSON.stringify(Array.from({ length: 5000 }, () => 'int')), /more than \d+ types/);
  refuses(`"${'x'.repeat(DEFAULT_LIMITS.metadataBytes)}"`, /exceeds/);
});

test('keys of the prototype are not part of a schema', () => {
  refuses('{"__proto__": {"type": "long"}}', /not a text, array or object/);
});

test('what an error quotes from a schema can do nothing to a terminal', () => {
  const hostile = '\u001b[2J\u009b2J\n';
  for (const json of [hostile, record([], { name: hostile })]) {
    const error = parseSchema(JSON.stringify(json));
    assert.ok(error instanceof SchemaError);
    assert.doesNotMatch(error.message, /[\u0000-\u001f\u007f-\u009f]/);
  }
});
