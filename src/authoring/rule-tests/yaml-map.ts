/** Reads YAML maps by their description; reports unknown keys and wrong types with their positions. */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { Diagnostics, SourceRange, SourceText } from '../../diagnostics/diagnostic.js';
import { nearestName } from '../../diagnostics/nearest.js';
import type { KeyDescription, MapDescription } from './keys.js';

/** State while reading a file: diagnostics, and the targets of aliases. */
export interface ReadContext {
  readonly source: SourceText;
  readonly diagnostics: Diagnostics;
  readonly document: Document;
  /** Number of aliases followed so far. */
  aliases: number;
}

/** Maximum number of aliases: following one searches the whole file, so many of them would take too long. */
const MAX_ALIASES = 1000;

/** Returns the node, or the target of an alias; reports an unknown alias. */
export function resolved(context: ReadContext, node: Node): Node {
  if (!isAlias(node)) return node;
  const target = ++context.aliases > MAX_ALIASES ? undefined : node.resolve(context.document);
  if (target !== undefined) return target;
  const problem = context.aliases > MAX_ALIASES ? `more than ${MAX_ALIASES} aliases` : 'unknown anchor';
  reportValue(context, node, problem);
  return node;
}

/** Returns the elements of a list. */
export function itemsOf(context: ReadContext, list: YAMLSeq): Node[] {
  return (list.items as Node[]).map((item) => resolved(context, item));
}

/** Returns the range of a node. */
export function rangeOf(node: Node | null | undefined): SourceRange {
  const range = node?.range;
  return range === null || range === undefined ? { start: 0, end: 0 } : { start: range[0], end: range[1] };
}

/** Reports an invalid value. */
export function reportValue(context: ReadContext, node: Node | null, message: string, hint?: string): void {
  context.diagnostics.error('invalid-value', message, context.source, rangeOf(node), hint);
}

/** An entry of a map. */
export interface Entry {
  readonly key: string;
  readonly keyNode: Scalar;
  /** Null if the key has no value. */
  readonly value: Node | null;
}

/** Returns the entries of a map. Reports and skips keys that are not strings; of equal keys, the last one is used. */
export function entriesOf(context: ReadContext, map: YAMLMap): Entry[] {
  const entries = new Map<string, Entry>();
  for (const { key, value } of map.items as Pair<Node, Node | null>[]) {
    if (!isScalar(key)) {
      reportValue(context, key, 'a key must be a string');
      continue;
    }
    const name = String(key.value);
    if (entries.has(name)) {
      context.diagnostics.error('duplicate-key', `duplicate key '${name}'`, context.source, rangeOf(key));
    }
    entries.set(name, { key: name, keyNode: key, value: isEmpty(value) ? null : resolved(context, value!) });
  }
  return [...entries.values()];
}

function isEmpty(node: Node | null): boolean {
  return node === null || (isScalar(node) && node.value === '' && node.source === '');
}

/** A map with known keys. */
export class DescribedMap {
  readonly node: Node;
  readonly #context: ReadContext;
  readonly #description: MapDescription;
  readonly #entries = new Map<string, Entry>();

  /** @param node the map, or a string in its place */
  constructor(context: ReadContext, description: MapDescription, node: Node) {
    this.node = node;
    this.#context = context;
    this.#description = description;
    if (isMap(node)) for (const entry of entriesOf(context, node)) this.#enter(entry);
    else if (isScalar(node) && description.shorthand !== undefined) {
      this.#entries.set(description.shorthand, { key: description.shorthand, keyNode: node, value: node });
    } else reportValue(context, node, `${description.what} must be a map`);
  }

  #enter(entry: Entry): void {
    if (Object.hasOwn(this.#description.keys, entry.key)) {
      this.#entries.set(entry.key, entry);
      return;
    }
    const nearest = nearestName(entry.key, Object.keys(this.#description.keys));
    this.#context.diagnostics.error(
      'unknown-key',
      `${this.#description.what} has no '${entry.key}'`,
      this.#context.source,
      rangeOf(entry.keyNode),
      nearest === undefined ? undefined : `did you mean '${nearest}'?`,
    );
  }

  /** Whether a key exists, with or without a value. */
  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /** The node of a key's value; null if there is none. */
  value(key: string): Node | null {
    return this.#entries.get(key)?.value ?? null;
  }

  /** Returns the node of a key. */
  keyNode(key: string): Node | null {
    return this.#entries.get(key)?.keyNode ?? null;
  }

  text(key: string): string | undefined {
    const node = this.value(key);
    if (node === null) return undefined;
    if (!isScalar(node)) {
      reportValue(this.#context, node, `'${key}' must be a string`);
      return undefined;
    }
    const text = String(node.value);
    return this.#checked(key, text, node) ? text : undefined;
  }

  integer(key: string): bigint | undefined {
    const node = this.value(key);
    if (node === null) return undefined;
    const text = isScalar(node) ? String(node.value) : '';
    const value = /^-?\d{1,19}$/.test(text) ? BigInt(text) : null;
    if (value !== null && BigInt.asIntN(64, value) === value) return value;
    reportValue(this.#context, node, `'${key}' must be a 64-bit integer`);
    return undefined;
  }

  /** Returns a 32-bit integer. */
  number(key: string): number | undefined {
    const value = this.integer(key);
    if (value === undefined || BigInt.asIntN(32, value) === value) return value === undefined ? value : Number(value);
    reportValue(this.#context, this.value(key), `'${key}' must be a 32-bit integer`);
    return undefined;
  }

  boolean(key: string): boolean | undefined {
    const node = this.value(key);
    if (node === null) return undefined;
    const text = isScalar(node) ? String(node.value) : '';
    if (text === 'true' || text === 'false') return text === 'true';
    reportValue(this.#context, node, `'${key}' must be true or false`);
    return undefined;
  }

  /** Returns a list of strings, or one string as a list; `words` are also split at spaces. */
  texts(key: string): string[] | undefined {
    const node = this.value(key);
    if (node === null) return undefined;
    const items = isSeq(node) ? itemsOf(this.#context, node) : [node];
    const texts: string[] = [];
    for (const item of items) {
      if (!isScalar(item)) reportValue(this.#context, item, `'${key}' must be a string or a list of strings`);
      else if (this.#keyOf(key).type !== 'words') texts.push(String(item.value));
      else {
        for (const word of String(item.value).split(/[\s,]+/)) {
          if (word !== '' && this.#checked(key, word, item)) texts.push(word);
        }
      }
    }
    return texts;
  }

  /** Returns the elements of a list. */
  list(key: string): Node[] {
    const node = this.value(key);
    if (node === null) return [];
    if (isSeq(node)) return itemsOf(this.#context, node);
    reportValue(this.#context, node, `'${key}' must be a list`);
    return [];
  }

  /** Returns the entries of a map under a key. */
  entries(key: string): Entry[] {
    const node = this.value(key);
    if (node === null) return [];
    if (isMap(node)) return entriesOf(this.#context, node);
    reportValue(this.#context, node, `'${key}' must be a map`);
    return [];
  }

  /** Reports a missing required key. */
  require(key: string): void {
    if (this.has(key)) return;
    const message = `${this.#description.what} needs '${key}'`;
    this.#context.diagnostics.error('missing-key', message, this.#context.source, rangeOf(this.node));
  }

  #keyOf(key: string): KeyDescription {
    return this.#description.keys[key]!;
  }

  /** Whether a value is permitted. */
  #checked(key: string, text: string, node: Node): boolean {
    const { values } = this.#keyOf(key);
    if (values === undefined || values.includes(text)) return true;
    const nearest = nearestName(text, values);
    const hint = nearest === undefined ? `it is one of ${values.join(', ')}` : `did you mean '${nearest}'?`;
    reportValue(this.#context, node, `unknown value '${text}' of '${key}'`, hint);
    return false;
  }
}
