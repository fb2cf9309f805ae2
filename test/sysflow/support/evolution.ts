/**
 * Random relatives of the newest schema, as a writer of the past or future might use them, with random records in them and
 * what reading such a record must give.
 */
import { NEWEST_SCHEMA } from '../../../src/sysflow/newest-schema.js';
import { Random } from './random.js';

/** A type: a primitive or full name, an array as a union, or an array, map or definition. */
export type Type = string | readonly Type[] | Definition | { readonly type: 'array'; readonly items: Type } | MapType;
interface MapType {
  readonly type: 'map';
  readonly values: Type;
}
interface Field {
  readonly name: string;
  readonly type: Type;
}
interface Definition {
  readonly type: 'record' | 'enum' | 'fixed';
  readonly name: string;
  readonly fields?: readonly Field[];
  readonly symbols?: readonly string[];
  readonly size?: number;
}
/** A value as avsc takes it: unions wrapped, longs as BigInts. */
export type Value = unknown;

const KNOWN = [
  'entity.SFHeader',
  'entity.Container',
  'entity.Process',
  'entity.File',
  'event.ProcessEvent',
  'flow.NetworkFlow',
  'flow.FileFlow',
  'event.FileEvent',
  'event.NetworkEvent',
  'flow.ProcessFlow',
  'entity.Pod',
  'event.K8sEvent',
].map((name) => `sysflow.${name}`);

/** Takes the definitions out of a schema into a map and leaves full names in their places. */
function takeApart(json: unknown, into: Map<string, Definition>): Type {
  if (typeof json === 'string') return json;
  if (Array.isArray(json)) return json.map((branch) => takeApart(branch, into));
  const node = json as { type: string; namespace?: string; name?: string } & Record<string, unknown>;
  if (node.type === 'array') return { type: 'array', items: takeApart(node.items, into) };
  if (node.type === 'map') return { type: 'map', values: takeApart(node.values, into) };
  const name = `${node.namespace}.${node.name}`;
  if (node.type === 'record') {
    const fields = (node.fields as Field[]).map((field) => ({
      name: field.name,
      type: takeApart(field.type, into),
    }));
    into.set(name, { type: 'record', name, fields });
  } else {
    const { symbols, size } = node as { symbols?: string[]; size?: number };
    into.set(name, {
      type: node.type as 'enum' | 'fixed',
      name,
      ...(symbols === undefined ? {} : { symbols }),
      ...(size === undefined ? {} : { size }),
    });
  }
  return name;
}

/** A schema: its definitions by full name, and the union of its records. */
export class Evolution {
  readonly definitions: Map<string, Definition> = new Map();
  readonly branches: readonly Type[];
  readonly #random: Random;
  readonly #wrapper: { readonly before: readonly Field[]; readonly after: readonly Field[] };
  #unknown = 0;

  constructor(seed: number) {
    const random = new Random(seed);
    this.#random = random;
    takeApart(JSON.parse(NEWEST_SCHEMA), this.definitions);
    this.definitions.delete('sysflow.SysFlow');
    for (const [name, definition] of [...this.definitions]) this.definitions.set(name, this.#evolve(definition));
    const known = KNOWN.filter(() => random.chance(0.85));
    const others = Array.from({ length: random.below(3) }, () => this.#unknownRecord(2));
    const primitives = ['null', 'string', 'double', 'boolean'].filter(() => random.chance(0.1));
    this.branches = random.shuffle([...(known.length === 0 ? KNOWN : known), ...others, ...primitives]);
    const extra = (): Field[] => (random.chance(0.1) ? [this.#unknownField()] : []);
    this.#wrapper = { before: extra(), after: extra() };
  }

  /** The schema as JSON text: each definition stands where it is first used. */
  text(): string {
    const defined = new Set<string>();
    const write = (type: Type): unknown => {
      if (typeof type === 'string') {
        const definition = this.definitions.get(type);
        if (definition === undefined || defined.has(type)) return type;
        defined.add(type);
        return write(definition);
      }
      if ('length' in type) return type.map(write);
      if (type.type === 'array') return { ...type, items: write(type.items) };
      if (type.type === 'map') return { ...type, values: write(type.values) };
      if (type.fields === undefined) return type;
      return { ...type, fields: type.fields.map((field) => ({ name: field.name, type: write(field.type) })) };
    };
    const { before, after } = this.#wrapper;
    const fields = [...before, { name: 'rec', type: this.branches }, ...after];
    return JSON.stringify(write({ type: 'record', name: 'sysflow.SysFlow', fields }));
  }

  /** A random record: its branch, its value, and the value of the whole that avsc encodes. */
  record(): { readonly branch: Type; readonly value: Value; readonly whole: Value } {
    const branch = this.#random.pick(this.branches);
    const value = this.#value(branch, 0);
    const whole: Record<string, Value> = {};
    for (const { name, type } of [...this.#wrapper.before, ...this.#wrapper.after]) whole[name] = this.#value(type, 0);
    whole.rec = branch === 'null' ? null : { [branch as string]: value };
    return { branch, value, whole };
  }

  #evolve(definition: Definition): Definition {
    const random = this.#random;
    if (definition.symbols !== undefined) {
      const more = random.chance(0.3) ? ['CT_FUTURE'] : [];
      return { ...definition, symbols: random.shuffle([...definition.symbols, ...more]) };
    }
    if (definition.fields === undefined) return definition;
    let fields = definition.fields.filter(() => random.chance(0.95)).map((field) => this.#evolveField(field));
    while (random.chance(0.15)) fields.push(this.#unknownField());
    if (random.chance(0.5)) fields = random.shuffle(fields);
    return { ...definition, fields };
  }

  #evolveField({ name, type }: Field): Field {
    const random = this.#random;
    let evolved = type;
    if (type === 'long' && random.chance(0.1)) evolved = 'int';
    if (type === 'string' && random.chance(0.05)) evolved = 'bytes';
    if (random.chance(0.1)) {
      const branches = Array.isArray(evolved) ? (evolved as Type[]) : ['null', evolved];
      evolved = random.shuffle(random.chance(0.3) ? [...branches, 'double'] : branches);
    }
    return { name, type: evolved };
  }

  #unknownField(): Field {
    return { name: `unknown${this.#unknown++}`, type: this.#unknownType(2) };
  }

  #unknownRecord(depth: number): string {
    const name = `sysflow.future.Unknown${this.#unknown++}`;
    const fields = Array.from({ length: this.#random.below(4) }, () => ({
      name: `unknown${this.#unknown++}`,
      type: this.#unknownType(depth - 1),
    }));
    // Lists of themselves.
    if (this.#random.chance(0.3)) fields.push({ name: 'next', type: ['null', name] });
    this.definitions.set(name, { type: 'record', name, fields });
    return name;
  }

  #unknownType(depth: number): Type {
    const random = this.#random;
    const name = `sysflow.future.Unknown${this.#unknown++}`;
    switch (random.below(depth > 0 ? 7 : 2)) {
      case 0:
      case 1:
        return random.pick(['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string']);
      case 2:
        return { type: 'array', items: this.#unknownType(depth - 1) };
      case 3:
        return { type: 'map', values: this.#unknownType(depth - 1) };
      case 4:
        return this.#unknownRecord(depth);
      case 5:
        this.definitions.set(name, { type: 'fixed', name, size: 1 + random.below(30) });
        return name;
      default:
        return random.shuffle(['null', 'long', 'string', this.#unknownRecord(depth)]);
    }
  }

  #value(type: Type, depth: number): Value {
    const random = this.#random;
    if (typeof type === 'string') {
      const definition = this.definitions.get(type);
      return definition === undefined ? this.#primitive(type) : this.#defined(definition, depth);
    }
    if ('length' in type) {
      // The branch double is never taken: it does not resolve to anything.
      const branch = random.pick(
        type.filter((one) => one !== 'double' && (depth < 4 || one === 'null' || type.length === 1)),
      );
      return branch === 'null' ? null : { [branchName(branch)]: this.#value(branch, depth + 1) };
    }
    const length = depth > 4 ? 0 : random.below(4);
    if (type.type === 'array') return Array.from({ length }, () => this.#value(type.items, depth + 1));
    if (type.type !== 'map') return this.#defined(type, depth);
    return Object.fromEntries(Array.from({ length }, (_, i) => [`key${i}`, this.#value(type.values, depth + 1)]));
  }

  #defined(definition: Definition, depth: number): Value {
    if (definition.symbols !== undefined) return this.#random.pick(definition.symbols);
    if (definition.size !== undefined) return this.#random.bytes(definition.size);
    const value: Record<string, Value> = {};
    for (const field of definition.fields ?? []) value[field.name] = this.#value(field.type, depth + 1);
    return value;
  }

  #primitive(name: string): Value {
    const random = this.#random;
    switch (name) {
      case 'null':
        return null;
      case 'boolean':
        return random.chance(0.5);
      case 'int':
        return random.int();
      case 'long':
        return random.long();
      case 'bytes':
        return Buffer.from(random.text());
      case 'string':
        return random.text();
      default:
        return Math.fround(random.next());
    }
  }
}

function branchName(branch: Type): string {
  return typeof branch === 'string' ? branch : 'length' in branch ? 'union' : branch.type;
}
