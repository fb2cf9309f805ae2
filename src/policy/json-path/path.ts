/**
 * GJSON paths: a path is compiled once and then evaluated on any number of texts. Source: GJSON's SYNTAX.md and README.
 *
 * path      ::= start (("." | "|") path)?
 * start     ::= component | "@" modifier (":" argument)? | "!" json | "[" paths "]" | "{" named "}" | ".." component
 * component ::= key with "*", "?" and "\" | index | "#" | "#." path | query "#"?
 *
 * A component stands for a key in an object, and for an index, a count or a query in an array, and it can end at different
 * offsets in the two cases. Each case is therefore parsed when it first occurs. After "." a path continues within the
 * value, or within each element after "#"; after "|" it continues with the whole result.
 */
import { matchesGlob } from './glob.js';
import {
  eachElement,
  eachMember,
  firstValue,
  isValidJson,
  quote,
  typeOf,
  unquote,
  valueEnd,
  wholeValue,
} from './json-text.js';
import { MODIFIERS, type Modifier } from './modifiers.js';
import { matchesQuery, parseQuery, type Query } from './query.js';

/** Maximum nesting of paths within paths. Deeper ones find nothing, so that no path can exhaust the stack. */
const MAX_DEPTH = 200;

/** A path, or the remaining part of one. */
export class Path {
  readonly #text: string;
  readonly #depth: number;
  #start: Start | null | undefined;
  #key: KeyStep | undefined;
  #element: ElementStep | undefined;

  constructor(text: string, depth = 0) {
    this.#text = text;
    this.#depth = depth;
  }

  /** Returns the text of the value at the path, as written; null if there is none. */
  get(json: string): string | null {
    if (this.#depth > MAX_DEPTH) return null;
    this.#start ??= parseStart(this.#text, this.#depth);
    if (this.#start !== null) return this.#start(json);
    const search: Search = { pipe: null };
    const found = this.find(firstValue(json), search);
    return search.pipe === null ? found : search.pipe.get(found ?? '');
  }

  /** Evaluates the components up to a pipe; stores the pipe in `search`. */
  find(value: string, search: Search): string | null {
    if (this.#depth > MAX_DEPTH) return null;
    switch (typeOf(value)) {
      case 'object':
        this.#key ??= parseKey(this.#text, this.#depth);
        return findKey(value, this.#key, search);
      case 'array':
        this.#element ??= parseElement(this.#text, this.#depth);
        return findElement(value, this.#element, search);
      default:
        return null;
    }
  }
}

/** State of the evaluation of a path. */
interface Search {
  /** The path after the pipe, once the component before it is reached. */
  pipe: Path | null;
}

/** Evaluates a path that does not start with a component. */
type Start = (json: string) => string | null;

/** How a path continues after a component: within the value, with the whole result, or not at all. */
interface Rest {
  readonly more: Path | null;
  readonly pipe: Path | null;
}

const END: Rest = { more: null, pipe: null };

function within(text: string, depth: number): Rest {
  return { more: new Path(text, depth + 1), pipe: null };
}

function piped(text: string, depth: number): Rest {
  return { more: null, pipe: new Path(text, depth + 1) };
}

/**
 * Parses what follows the separator at an offset. A modifier or multipath after a dot applies to the whole value, as it
 * does after a pipe.
 */
function restAt(text: string, at: number, depth: number): Rest {
  const rest = text.slice(at + 1);
  return text[at] === '|' || startsWhole(rest) ? piped(rest, depth) : within(rest, depth);
}

function startsWhole(text: string): boolean {
  return text.startsWith('[') || text.startsWith('{') || (text.startsWith('@') && MODIFIERS.has(modifierName(text)));
}

function modifierName(text: string): string {
  return /^@([^.|:]*)/.exec(text)?.[1] ?? '';
}

// --- Keys of objects

interface KeyStep extends Rest {
  readonly key: string;
  readonly wild: boolean;
}

function parseKey(text: string, depth: number): KeyStep {
  let key = '';
  let wild = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (character === '.' || character === '|') return { key, wild, ...restAt(text, i, depth) };
    if (character === '*' || character === '?') wild = true;
    if (character === '\\') key += text[++i] ?? '';
    else key += character;
  }
  return { key, wild, ...END };
}

function findKey(object: string, step: KeyStep, search: Search): string | null {
  if (step.pipe !== null) search.pipe = step.pipe;
  let found: string | null = null;
  eachMember(object, (rawKey, value) => {
    const key = unquote(rawKey);
    if (!(step.wild ? matchesGlob(key, step.key) : key === step.key)) return true;
    found = step.more === null ? value : step.more.find(value, search);
    return found === null;
  });
  return found;
}

// --- Elements of arrays

type ElementStep =
  | (Rest & { readonly kind: 'index'; readonly index: number })
  | (Rest & { readonly kind: 'count' })
  | (Rest & { readonly kind: 'each'; readonly path: Path })
  | (Rest & { readonly kind: 'query'; readonly query: Query; readonly path: Path; readonly all: boolean })
  | (Rest & { readonly kind: 'nothing' });

function parseElement(text: string, depth: number): ElementStep {
  if (text.startsWith('#.')) {
    const [path, pipe] = splitPipe(text.slice(2), depth);
    return { kind: 'each', path: new Path(path, depth + 1), more: null, pipe };
  }
  if (text.startsWith('#(') || text.startsWith('#[')) return parseQueryStep(text, depth);
  const end = /[.|]/.exec(text)?.index ?? text.length;
  const part = text.slice(0, end);
  const rest = end === text.length ? END : restOfElement(text, end, depth);
  if (part === '#') return { kind: 'count', ...rest };
  if (/^[0-9]{1,15}$/.test(part)) return { kind: 'index', index: Number(part), ...rest };
  return { kind: 'nothing', ...rest };
}

/** Like {@link restAt}, but after a component with `#` a modifier or multipath after a dot applies to each element. */
function restOfElement(text: string, at: number, depth: number): Rest {
  return text[at] === '.' && text.slice(0, at).includes('#')
    ? within(text.slice(at + 1), depth)
    : restAt(text, at, depth);
}

function parseQueryStep(text: string, depth: number): ElementStep {
  const query = parseQuery(text);
  if (query === null) return { kind: 'nothing', ...END };
  const all = text[query.end] === '#';
  const step = { kind: 'query', query, path: new Path(query.path, depth + 1), all } as const;
  const separator = text.slice(query.end).search(/[.|]/);
  if (separator === -1) return { ...step, ...END };
  const at = query.end + separator;
  if (text[at] === '|') return { ...step, ...piped(text.slice(at + 1), depth) };
  const [more, pipe] = splitPipe(text.slice(at + 1), depth);
  return { ...step, more: new Path(more, depth + 1), pipe };
}

/** Splits a path at its first pipe outside of strings and brackets. */
function splitPipe(text: string, depth: number): [path: string, pipe: Path | null] {
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (character === '|') return [text.slice(0, i), new Path(text.slice(i + 1), depth + 1)];
    if (character === '\\') i++;
    else if ('"([{'.includes(character)) i = valueEnd(text, i) - 1;
  }
  return [text, null];
}

function findElement(array: string, step: ElementStep, search: Search): string | null {
  // As in the original, a query without a match does not evaluate the path after its pipe.
  if (step.pipe !== null && (step.kind !== 'query' || step.more === null)) search.pipe = step.pipe;
  switch (step.kind) {
    case 'index':
      return elementAt(array, step.index, step.more, search);
    case 'count':
      return step.more === null ? countElements(array) : null;
    case 'each':
      return `[${elementsAt(array, step.path).join(',')}]`;
    case 'query':
      return step.all ? queryAll(array, step, search) : queryFirst(array, step, search);
    default:
      return null;
  }
}

function elementAt(array: string, index: number, more: Path | null, search: Search): string | null {
  let found: string | null = null;
  let left = index;
  eachElement(array, (value) => {
    if (left-- > 0) return true;
    found = more === null ? value : more.find(value, search);
    return false;
  });
  return found;
}

function countElements(array: string): string {
  let count = 0;
  eachElement(array, () => {
    count++;
    return true;
  });
  return String(count);
}

function elementsAt(array: string, path: Path): string[] {
  const found: string[] = [];
  eachElement(array, (element) => {
    const value = path.get(element);
    if (value !== null) found.push(value);
    return true;
  });
  return found;
}

type QueryStep = ElementStep & { kind: 'query' };

function isHit(element: string, { query, path }: QueryStep): boolean {
  const type = typeOf(element);
  if (type === 'object' || type === 'array') return matchesQuery(path.get(element), query);
  return query.path === '' && matchesQuery(element, query);
}

/** Returns the result for an element that matches a query. */
function hitValue(element: string, step: QueryStep, search: Search): string | null {
  if (step.more === null) return element;
  if (step.pipe !== null) search.pipe = step.pipe;
  return step.more.get(element);
}

function queryAll(array: string, step: QueryStep, search: Search): string {
  const found: string[] = [];
  eachElement(array, (element) => {
    if (!isHit(element, step)) return true;
    const value = hitValue(element, step, search);
    if (value !== null) found.push(value);
    return true;
  });
  return `[${found.join(',')}]`;
}

function queryFirst(array: string, step: QueryStep, search: Search): string | null {
  let found: string | null = null;
  eachElement(array, (element) => {
    if (!isHit(element, step)) return true;
    found = hitValue(element, step, search);
    return false;
  });
  return found;
}

// --- Starts

/**
 * Parses a path that starts with a modifier, a literal, a multipath or `..`; returns null if it starts with a
 * component.
 */
function parseStart(text: string, depth: number): Start | null {
  if (text.length < 2) return null;
  switch (text[0]) {
    case '@':
      return parseModifier(text, depth);
    case '!':
      return parseLiteral(text, depth);
    case '[':
    case '{':
      return parseMultipath(text, depth);
    case '.':
      return text[1] === '.' ? parseLines(text, depth) : null;
    default:
      return null;
  }
}

/**
 * Finds unknown modifiers in a path: words that start with `@` where a modifier may occur. Returns their names and the
 * offsets of their `@`.
 */
export function unknownModifiers(path: string): { readonly name: string; readonly at: number }[] {
  const found: { name: string; at: number }[] = [];
  for (let i = 0; i < path.length; i++) {
    const character = path[i]!;
    if (character === '\\') i++;
    else if ('"([{'.includes(character)) i = valueEnd(path, i) - 1;
    else if (character === '@' && (i === 0 || path[i - 1] === '.' || path[i - 1] === '|')) {
      const name = modifierName(path.slice(i));
      if (!MODIFIERS.has(name)) found.push({ name, at: i });
    }
  }
  return found;
}

/** Parses the remaining path, which is applied to the result of its start. */
function follow(text: string, depth: number): Start {
  if (!/^[.|]/.test(text)) return (json) => wholeValue(json) || null;
  const path = new Path(text.slice(1), depth + 1);
  return (json) => path.get(json);
}

function parseModifier(text: string, depth: number): Start | null {
  const name = modifierName(text);
  const modifier: Modifier | undefined = MODIFIERS.get(name);
  if (modifier === undefined) return null;
  let end = name.length + 1;
  let argument = '';
  if (text[end] === ':') {
    const from = end + 1;
    end = argumentEnd(text, from);
    argument = text.slice(from, end);
  }
  const next = follow(text.slice(end), depth);
  return (json) => next(modifier(json, argument));
}

/** Returns the end of a modifier's argument: the end of a JSON value, or the offset of the next pipe. */
function argumentEnd(text: string, from: number): number {
  if ('{["'.includes(text[from] ?? ' ')) return valueEnd(text, from);
  for (let i = from; i < text.length; i++) {
    if (text[i] === '|') return i;
    if ('{["('.includes(text[i]!)) i = valueEnd(text, i) - 1;
  }
  return text.length;
}

function parseLiteral(text: string, depth: number): Start | null {
  const end = valueEnd(text, 1);
  const literal = text.slice(1, end);
  if (!isValidJson(literal) && !/^(?:nan|inf)$/i.test(literal)) return null;
  const next = follow(text.slice(end), depth);
  return () => next(literal);
}

interface Member {
  /** The key with its quotes. */
  readonly key: string;
  readonly path: Path;
}

function parseMultipath(text: string, depth: number): Start | null {
  const parsed = splitMultipath(text);
  if (parsed === null || (parsed.end < text.length && !/[.|]/.test(text[parsed.end]!))) return null;
  const named = text[0] === '{';
  const members: Member[] = parsed.parts.map(([name, path]) => ({
    key: named ? `${memberKey(name, path)}:` : '',
    path: new Path(path, depth + 1),
  }));
  const next = follow(text.slice(parsed.end), depth);
  return (json) => {
    const values: string[] = [];
    for (const { key, path } of members) {
      const value = path.get(json);
      if (value !== null) values.push(`${key}${value}`);
    }
    return next(named ? `{${values.join(',')}}` : `[${values.join(',')}]`);
  };
}

/** Splits `[…]` or `{…}` into names and paths and returns its end; null if it is not closed. */
function splitMultipath(text: string): { parts: [name: string, path: string][]; end: number } | null {
  const parts: [string, string][] = [];
  let depth = 1;
  let start = 1;
  let colon = 0;
  let modifier = false;
  const push = (end: number): void => {
    parts.push(colon === 0 ? ['', text.slice(start, end)] : [text.slice(start, colon), text.slice(colon + 1, end)]);
    colon = 0;
    modifier = false;
    start = end + 1;
  };
  for (let i = 1; i < text.length; i++) {
    const character = text[i]!;
    if (character === '\\') i++;
    else if (character === '"') i = valueEnd(text, i) - 1;
    else if (character === '@' && (text[i - 1] === '.' || text[i - 1] === '|')) modifier = true;
    else if (character === ':' && !modifier) colon = i;
    else if (character === ',' && depth === 1) push(i);
    else if ('[({'.includes(character)) depth++;
    else if ('])}'.includes(character) && --depth === 0) {
      push(i);
      return { parts, end: i + 1 };
    }
  }
  return null;
}

/** Returns the key of a member: the given name, the path's last component if it is a plain one, or `_`. */
function memberKey(name: string, path: string): string {
  if (name !== '') return name.startsWith('"') && isValidJson(name) ? name : quote(name);
  const last = /(?:^|[.|])((?:\\.|[^.|\\])*)$/s.exec(path)?.[1] ?? '';
  return /^[^\u0000-\u001f[\]{}()#|!]+$/.test(last) ? quote(last) : '"_"';
}

/** `..`: the text consists of lines of JSON and is treated as an array of them. */
function parseLines(text: string, depth: number): Start {
  const path = new Path(text.slice(2), depth + 1);
  return (json) => {
    const search: Search = { pipe: null };
    const found = path.find(`[${json}]`, search);
    return search.pipe === null ? found : search.pipe.get(found ?? '');
  };
}
