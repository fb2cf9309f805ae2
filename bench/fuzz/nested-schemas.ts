/**
 * Schemas that name types in very many places: each type has fields of the next, so that whoever follows every way meets the
 * last one fields ^ types times. They are small and within the bounds that are held when a schema is read.
 */
import { NEWEST_SCHEMA } from '../../src/sysflow/newest-schema.js';
import type { Random } from '../../test/sysflow/support/random.js';

/** Their own namespace, so that they have one name wherever they stand. */
const NAME = 'nested.T';
const MOST_TYPES = 14;
const MOST_FIELDS = 24;

/** What the last type is made of; what takes no bytes leaves the records as they were, so that they are read to their end. */
const LEAVES: readonly unknown[] = ['null', 'null', [], 'int', 'string', { type: 'fixed', name: 'Leaf', size: 0 }];

interface JsonRecord {
  name: string;
  fields: { name: string; type: unknown }[];
}

/** The newest schema, in which one or two records have a field of such types, or what stood in a field is of one. */
export function nestedSchema(random: Random): string {
  const schema = JSON.parse(NEWEST_SCHEMA) as { fields: [{ type: JsonRecord[] }] };
  const [{ type: records }] = schema.fields;
  const places = new Set([random.below(records.length), random.below(records.length)]);
  let type = nestedType(random);
  for (const place of [...places].sort((a, b) => a - b)) {
    const { fields } = records[place]!;
    // What stood there may have told what a name is; the schema is refused then.
    if (random.chance(0.1)) random.pick(fields).type = type;
    else fields.splice(random.below(fields.length + 1), 0, { name: 'unknown', type });
    // The first place has told what it is.
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
    // The first field tells what the next type is; that and all below it have names then.
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
