/** Reads policy files that are valid YAML. */
import type * as Yaml from 'yaml';
import type { SourceRange, SourceText } from '../../../diagnostics/diagnostic.js';
import type { RawEntry, RawItem, RawScalar, RawValue } from './document.js';
import { unquote } from './yaml-quotes.js';

/**
 * The YAML library. It is passed in because loading it costs more than reading a small policy, and not every run needs
 * it.
 */
export type YamlLibrary = Pick<typeof Yaml, 'parseAllDocuments' | 'visit' | 'isAlias' | 'isMap' | 'isScalar' | 'isSeq'>;

/** Why a text is not valid YAML. */
export interface YamlProblem {
  readonly message: string;
  readonly range: SourceRange;
}

export interface YamlDocument {
  readonly items: readonly RawItem[];
  /** Ranges of nodes that are not items although an item is expected there. */
  readonly strays: readonly SourceRange[];
}

export type YamlResult =
  | { readonly document: YamlDocument; readonly problem: null }
  | { readonly document: null; readonly problem: YamlProblem };

/** Maximum number of nodes of a file with its aliases expanded: aliases to aliases can grow exponentially. */
const MAX_NODES = 200_000;
/** Maximum nesting of nodes. */
const MAX_DEPTH = 64;

/** Reads a file: a sequence of maps, in one or several YAML documents. */
export function readYaml(yaml: YamlLibrary, source: SourceText): YamlResult {
  let parsed: ReturnType<typeof yaml.parseAllDocuments>;
  try {
    parsed = yaml.parseAllDocuments(source.text, OPTIONS);
  } catch (error) {
    return { document: null, problem: { message: describe(String(error)), range: { start: 0, end: 0 } } };
  }
  const documents: readonly Yaml.Document[] = 'empty' in parsed ? [] : parsed;
  const errors = 'empty' in parsed ? parsed.errors : documents.flatMap((document) => document.errors);
  const [first] = errors;
  if (first !== undefined) {
    const [start, end] = first.pos;
    // An error at the end of the text is reported after its last character.
    const range = { start: Math.min(start, source.text.length), end: Math.min(end, source.text.length) };
    return { document: null, problem: { message: describe(first.message), range } };
  }
  try {
    return { document: new YamlReader(yaml, source).read(documents), problem: null };
  } catch (error) {
    if (error instanceof TooMuch) return { document: null, problem: error.problem };
    throw error;
  }
}

/** Describes an error of the library. Its parser is recursive, so a text with many brackets can exhaust the stack. */
function describe(message: string): string {
  return message.includes('call stack') ? 'it nests too deep' : message;
}

const OPTIONS = {
  // All scalars are texts: `yes`, `0x10` and `1.0` are used as written.
  schema: 'failsafe',
  prettyErrors: false,
  uniqueKeys: false,
  logLevel: 'silent',
} as const satisfies Yaml.ParseOptions & Yaml.DocumentOptions & Yaml.SchemaOptions;

/** Thrown when a limit is exceeded, and caught in `readYaml`. */
class TooMuch {
  readonly problem: YamlProblem;
  constructor(problem: YamlProblem) {
    this.problem = problem;
  }
}

class YamlReader {
  readonly #yaml: YamlLibrary;
  readonly #source: SourceText;
  readonly #items: RawItem[] = [];
  readonly #strays: SourceRange[] = [];
  #document: Yaml.Document | null = null;
  /** The targets of the document's aliases; computed at the first alias. */
  #targets: Map<Yaml.Alias, Yaml.Node> | null = null;
  #nodes = 0;

  constructor(yaml: YamlLibrary, source: SourceText) {
    this.#yaml = yaml;
    this.#source = source;
  }

  read(documents: readonly Yaml.Document[]): YamlDocument {
    for (const document of documents) {
      this.#document = document;
      this.#targets = null;
      this.#readItems(document.contents, 0);
    }
    return { items: this.#items, strays: this.#strays };
  }

  /** Reads a sequence of items; nulls between them are ignored. */
  #readItems(written: unknown, depth: number): void {
    const node = this.#follow(written, depth);
    if (this.#yaml.isSeq(node)) {
      for (const item of node.items) {
        const inner = this.#follow(item, depth + 1);
        if (this.#yaml.isMap(inner)) this.#items.push(this.#item(inner, depth + 1));
        else if (!this.#isNull(inner)) this.#strays.push(rangeOf(inner));
      }
    } else if (this.#yaml.isMap(node)) this.#items.push(this.#item(node, depth));
    else if (!this.#isNull(node)) this.#strays.push(rangeOf(node));
  }

  #item(map: Yaml.YAMLMap, depth: number): RawItem {
    const entries: RawEntry[] = [];
    for (const pair of map.items) {
      const key = this.#follow(pair.key, depth + 1);
      if (!this.#yaml.isScalar(key)) this.#strays.push(rangeOf(key));
      else {
        const name = textOf(key);
        entries.push({ key: name, keyRange: rangeOf(key), value: this.#value(name, pair.value, depth + 1) });
      }
    }
    return { source: this.#source, entries, range: rangeOf(map) };
  }

  #value(key: string, written: unknown, depth: number): RawValue | null {
    const node = this.#follow(written, depth);
    if (this.#isNull(node)) return null;
    if (this.#yaml.isScalar(node)) return key === 'condition' ? this.#condition(node) : this.#text(node);
    if (this.#yaml.isSeq(node)) {
      const items: RawScalar[] = [];
      const strays = this.#strays.length;
      this.#flatten(node, items, depth);
      if (this.#strays.length === strays) return { kind: 'list', items, range: rangeOf(node) };
      this.#strays.length = strays;
    }
    return { kind: 'other', range: rangeOf(node) };
  }

  #flatten(sequence: Yaml.YAMLSeq, items: RawScalar[], depth: number): void {
    for (const written of sequence.items) {
      const node = this.#follow(written, depth + 1);
      if (this.#yaml.isSeq(node)) this.#flatten(node, items, depth + 1);
      else if (this.#isNull(node)) continue;
      else if (this.#yaml.isScalar(node)) items.push(this.#scalar(node));
      else this.#strays.push(rangeOf(node));
    }
  }

  #scalar(node: Yaml.Scalar): RawScalar {
    return { kind: 'scalar', text: textOf(node), range: rangeOf(node), offsets: null };
  }

  /**
   * Reads a text. Plain and folded ones keep their line breaks, as in the original, because alerts contain descriptions
   * as written.
   */
  #text(node: Yaml.Scalar): RawScalar {
    if (node.type !== 'PLAIN' && node.type !== 'BLOCK_FOLDED') return this.#scalar(node);
    const { start, end } = rangeOf(node);
    const from = node.type === 'PLAIN' ? start : this.#blockStart(start, end);
    const text = this.#source.text.slice(from, end);
    const range = { start: from + (text.length - text.trimStart().length), end: from + text.trimEnd().length };
    return range.start < range.end ? { kind: 'scalar', text: text.trim(), range, offsets: null } : this.#scalar(node);
  }

  /** Returns the start of a block scalar's lines, after its header. */
  #blockStart(start: number, end: number): number {
    const newline = this.#source.text.indexOf('\n', start);
    return newline === -1 ? end : Math.min(newline + 1, end);
  }

  /**
   * Reads a condition with its offsets. Whitespace and line breaks have no meaning in it, so plain and block scalars
   * are used as written. This also keeps comments in block scalars, which the original supports.
   */
  #condition(node: Yaml.Scalar): RawScalar {
    const { start, end } = rangeOf(node);
    const file = this.#source.text;
    const type = node.type;
    if (type === 'QUOTE_SINGLE' || type === 'QUOTE_DOUBLE') {
      const { text, offsets } = unquote(file, start, end);
      return { kind: 'scalar', text, range: { start, end }, offsets };
    }
    if (type === 'PLAIN') {
      const last = endOfStrings(file, start, end);
      return { kind: 'scalar', text: file.slice(start, last), range: { start, end: last }, offsets: null };
    }
    const from = this.#blockStart(start, end);
    return { kind: 'scalar', text: file.slice(from, end), range: { start: from, end }, offsets: null };
  }

  /** Returns the node itself, or the target of an alias; counts it. */
  #follow(written: unknown, depth: number): unknown {
    let node = written;
    if (this.#yaml.isAlias(node)) node = this.#target(node);
    if (++this.#nodes > MAX_NODES)
      this.#refuse(`it has more than ${MAX_NODES} nodes with its aliases expanded`, written);
    if (depth > MAX_DEPTH) this.#refuse(`it nests deeper than ${MAX_DEPTH}`, written);
    return node;
  }

  /**
   * Returns the target of an alias: the last preceding node with that anchor. The library would visit the whole tree
   * for each alias.
   */
  #target(alias: Yaml.Alias): Yaml.Node | null {
    if (this.#targets === null) {
      const targets = new Map<Yaml.Alias, Yaml.Node>();
      const anchors = new Map<string, Yaml.Node>();
      this.#yaml.visit(this.#document!, {
        Alias: (_, node) => {
          const target = anchors.get(node.source);
          if (target !== undefined) targets.set(node, target);
        },
        Value: (_, node) => {
          if (node.anchor !== undefined) anchors.set(node.anchor, node);
        },
      });
      this.#targets = targets;
    }
    return this.#targets.get(alias) ?? null;
  }

  #refuse(message: string, node: unknown): never {
    throw new TooMuch({ message, range: rangeOf(node) });
  }

  #isNull(node: unknown): boolean {
    if (node === null || node === undefined) return true;
    return this.#yaml.isScalar(node) && node.type === 'PLAIN' && (node.source ?? '') === '';
  }
}

/**
 * Returns the real end of a plain condition. For YAML a comment starts at ` #` even inside a string of the condition,
 * as in `contains "a #b"`; the original handles this correctly.
 */
function endOfStrings(file: string, start: number, end: number): number {
  const newline = file.indexOf('\n', end);
  const lineEnd = newline === -1 ? file.length : newline;
  if (!/^[ \t]+#/.test(file.slice(end, lineEnd))) return end;
  const lineStart = Math.max(start, file.lastIndexOf('\n', end - 1) + 1);
  for (let i = lineStart; i < end; i++) {
    const c = file[i];
    if (c !== '"' && c !== "'") continue;
    const close = file.indexOf(c, i + 1);
    if (close === -1 || close >= lineEnd) return end;
    if (close >= end) return lineEnd;
    i = close;
  }
  return end;
}

/** Returns the text of a scalar with quotes and escapes decoded. */
function textOf(node: Yaml.Scalar): string {
  return typeof node.value === 'string' ? node.value : (node.source ?? '');
}

function rangeOf(node: unknown): SourceRange {
  const range = (node as { range?: readonly number[] | null } | null | undefined)?.range;
  return range === null || range === undefined ? { start: 0, end: 0 } : { start: range[0]!, end: range[1]! };
}
