/**
 * Parses Avro schemas from JSON text to checked types.
 *
 * The text comes from a file's header, so it is as hostile as the data: names are validated, and size, depth and number
 * of types are limited. Defaults, aliases, orders, documentation and logical types are ignored, since the reader has
 * its own (Avro 1.11 specification, "Schema Declaration").
 */
import { printable } from '../diagnostics/format.js';
import { SchemaError } from './errors.js';
import { DEFAULT_LIMITS, type Limits } from './limits.js';

export type PrimitiveName = 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'bytes' | 'string';

export interface PrimitiveType {
  readonly kind: PrimitiveName;
}
export interface FixedType {
  readonly kind: 'fixed';
  /** Full name. */
  readonly name: string;
  readonly size: number;
}
export interface EnumType {
  readonly kind: 'enum';
  /** Full name. */
  readonly name: string;
  readonly symbols: readonly string[];
}
export interface ArrayType {
  readonly kind: 'array';
  readonly items: AvroType;
}
export interface MapType {
  readonly kind: 'map';
  readonly values: AvroType;
}
export interface UnionType {
  readonly kind: 'union';
  readonly branches: readonly AvroType[];
}
export interface RecordField {
  readonly name: string;
  readonly type: AvroType;
}
export interface RecordType {
  readonly kind: 'record';
  /** Full name. */
  readonly name: string;
  readonly fields: readonly RecordField[];
}

/** A type of a schema. All references to a named type are the same object, so a type can contain itself. */
export type AvroType = PrimitiveType | FixedType | EnumType | ArrayType | MapType | UnionType | RecordType;

const PRIMITIVES: ReadonlyMap<string, PrimitiveType> = new Map(
  (['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'] as const).map((kind) => [kind, { kind }]),
);

const NAME = /^[A-Za-z_][A-Za-z0-9_.]*$/;
const NAME_LENGTH = 200;
const FIXED_BYTES = 1 << 16;

/** Returns the part of a name after its namespace. */
export function unqualified(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

/** Parses a schema from its JSON text. */
export function parseSchema(text: string, limits: Limits = DEFAULT_LIMITS): AvroType | SchemaError {
  if (text.length > limits.metadataBytes) return new SchemaError(`schema exceeds ${limits.metadataBytes} characters`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return new SchemaError('schema is not valid JSON');
  }
  const parser = new SchemaParser(limits);
  const type = parser.parse(json, '', 0);
  return parser.error ?? type;
}

type JsonObject = Readonly<Record<string, unknown>>;

function isObject(json: unknown): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** Recursive parser. It stores the first error and uses the type null for everything invalid. */
class SchemaParser {
  error: SchemaError | null = null;
  readonly #named = new Map<string, AvroType>();
  readonly #limits: Limits;
  #types = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  parse(json: unknown, namespace: string, depth: number): AvroType {
    if (this.error !== null) return NOTHING;
    if (++this.#types > this.#limits.types) return this.#fail(`schema has more than ${this.#limits.types} types`);
    if (depth > this.#limits.depth) return this.#fail(`schema is nested deeper than ${this.#limits.depth}`);
    if (typeof json === 'string') return this.#refer(json, namespace);
    if (Array.isArray(json)) {
      return { kind: 'union', branches: json.map((branch) => this.parse(branch, namespace, depth + 1)) };
    }
    if (!isObject(json)) return this.#fail('a type is not a text, array or object');
    const type = json.type;
    switch (type) {
      case 'array':
        return { kind: 'array', items: this.parse(json.items, namespace, depth + 1) };
      case 'map':
        return { kind: 'map', values: this.parse(json.values, namespace, depth + 1) };
      case 'record':
      case 'error':
      case 'enum':
      case 'fixed':
        return this.#define(type, json, namespace, depth);
      default:
        return this.parse(type, namespace, depth + 1);
    }
  }

  #fail(message: string): AvroType {
    this.error ??= new SchemaError(message);
    return NOTHING;
  }

  /** Resolves a name of a type: primitive, full, or in the enclosing namespace. */
  #refer(name: string, namespace: string): AvroType {
    const type =
      PRIMITIVES.get(name) ??
      (name.includes('.') ? undefined : this.#named.get(qualify(name, namespace))) ??
      this.#named.get(name);
    return type ?? this.#fail(`type '${printable(name.slice(0, NAME_LENGTH))}' is not defined`);
  }

  #define(kind: 'record' | 'error' | 'enum' | 'fixed', json: JsonObject, enclosing: string, depth: number): AvroType {
    const written = this.#name(json.name);
    const space = json.namespace;
    if (space !== undefined && space !== '' && space !== null) this.#name(space);
    if (this.error !== null) return NOTHING;
    const name = qualify(written, typeof space === 'string' ? space : enclosing);
    if (this.#named.has(name) || PRIMITIVES.has(name)) return this.#fail(`type '${name}' is defined twice`);
    if (kind === 'fixed') return this.#remember({ kind, name, size: this.#size(name, json.size) });
    if (kind === 'enum') return this.#remember({ kind, name, symbols: this.#symbols(name, json.symbols) });
    // Register the type before its fields are parsed, since they may refer to it.
    const fields: RecordField[] = [];
    const record: RecordType = { kind: 'record', name, fields };
    this.#named.set(name, record);
    this.#fields(record, fields, json.fields, depth);
    return record;
  }

  #remember(type: EnumType | FixedType): AvroType {
    this.#named.set(type.name, type);
    return type;
  }

  #name(json: unknown): string {
    if (typeof json === 'string' && json.length <= NAME_LENGTH && NAME.test(json)) return json;
    this.#fail(`${printable(String(JSON.stringify(json)).slice(0, NAME_LENGTH))} is not a valid name`);
    return '';
  }

  #size(name: string, json: unknown): number {
    if (typeof json === 'number' && Number.isInteger(json) && json >= 0 && json <= FIXED_BYTES) return json;
    this.#fail(`size of '${name}' is not between 0 and ${FIXED_BYTES}`);
    return 0;
  }

  #symbols(name: string, json: unknown): readonly string[] {
    if (Array.isArray(json)) return json.map((symbol) => this.#name(symbol));
    this.#fail(`'${name}' has no symbols`);
    return [];
  }

  #fields(record: RecordType, fields: RecordField[], json: unknown, depth: number): void {
    if (!Array.isArray(json)) {
      this.#fail(`'${record.name}' has no fields`);
      return;
    }
    const namespace = record.name.slice(0, Math.max(0, record.name.lastIndexOf('.')));
    const seen = new Set<string>();
    for (const field of json) {
      if (this.error !== null) return;
      if (!isObject(field)) this.#fail(`a field of '${record.name}' is not an object`);
      else {
        const name = this.#name(field.name);
        if (seen.has(name)) this.#fail(`field '${name}' of '${record.name}' is defined twice`);
        seen.add(name);
        fields.push({ name, type: this.parse(field.type, namespace, depth + 1) });
      }
    }
  }
}

const NOTHING: AvroType = { kind: 'null' };

function qualify(name: string, namespace: string): string {
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`;
}
