/**
 * Generates schemas in which each type has several fields of the next type, so that a recursive traversal visits the
 * last type fields ^ types times. They are small and within the limits of the schema parser.
 */
import { NEWEST_SCHEMA } from '../../src/sysflow/newest-schema.js';
import type { Random } from '../../test/sysflow/support/random.js';

/** A separate namespace, so that the full names are the same everywhere. */
const NAME = 'nested.T';
const MOST_TYPES = 14;
const MOST_FIELDS = 24;

/**
 * Members of the last type. Types of zero bytes leave the encoded records unchanged, so that they remain readable to
 * the end.
 */
const LEAVES: readonly unknown[] = ['null', 'null', [], 'int', 'string', { type: 'fixed', name: 'Leaf', size: 0 }];

interface JsonRecord {
  name: string;
  fields: { name: string; type: unknown }[];
}

/**
 * Returns the newest schema with a field of nested types added to one or two records, or with a field's type replaced
 * by one.
 */
export function nestedSchema(random: Random): string {
  const schema = JSON.parse(NEWEST_SCHEMA) as { fields: [{ type: JsonRecord[] }] };
  const [{ type: records }] = schema.fields;
  const places = new Set([random.below(records.length), random.below(records.length)]);
  let type = nestedType(random);
  for (const place of [...places].sort((a, b) => a - b)) {
    const { fields } = records[place]!;
    // The replaced type may have defined a name; the schema is then rejected.
    if (random.chance(0.1)) random.pick(fields).type = type;
    else fields.splice(random.below(fields.length + 1), 0, { name: 'unknown', type });
    // The first field has defined the type.
    type = `${NAME}0`;
  }
  return JSON.stringify(schema);
}

function nestedType(random: Random): unknown {
  const types = 1 + random.below(MOST_TYPES);
  const count = 1 + random.below(MOST_FIELDS);
  const leaf = random.pick(LEAVES);
  const isWrapped = random.chance(0.4);
  const isCyclic = random.chance(0.2);
  const nameBelow = (level: number): string => {
    if (isCyclic && random.chance(0.1)) return `${NAME}${random.below(level + 1)}`;
    return `${NAME}${random.chance(0.9) ? level + 1 : level + 1 + random.below(types - level)}`;
  };
  let type = record(types, Array.isArray(leaf) ? [] : [leaf]);
  for (let level = types - 1; level >= 0; level--) {
    // The first field defines the next type and all types below it; the other fields refer to its name.
    const others = Array.from({ length: count }, () => {
      const name = nameBelow(level);
      return isWrapped && random.chance(0.3) ? wrapped(random, name) : name;
    });
    type = record(level, [type, ...others]);
  }
  return type;
}

function record(level: number, types: readonly unknown[]): unknown {
  const fields = types.map((type, i) => ({ name: `f${i}`, type }));
  return { type: 'record', name: `${NAME}${level}`, fields };
}

function wrapped(random: Random, name: string): unknown {
  switch (random.below(3)) {
    case 0:
      return ['null', name];
    case 1:
      return { type: 'array', items: name };
    default:
      return { type: 'map', values: name };
  }
}
