/** Reads rule test files; `keys.ts` documents the format. */
import { dirname, isAbsolute, join } from 'node:path';
import { type Document, isMap, isScalar, isSeq, type Node, parseDocument } from 'yaml';
import type { Diagnostics, SourceText } from '../../diagnostics/diagnostic.js';
import type { Place } from '../../policy/model/policy.js';
import type { TraceRecord } from '../../sysflow/trace-record.js';
import type { Declarations } from './entities.js';
import { EventWriter } from './events.js';
import { ExpectationReader } from './expectations.js';
import { FILE, TEST } from './keys.js';
import type { PolicyReference, RuleTest, RuleTestFile } from './model.js';
import { DescribedMap, type Entry, itemsOf, type ReadContext, rangeOf, reportValue } from './yaml-map.js';

/** Parser options: all scalars are strings, and problems are returned instead of thrown. */
export const YAML_OPTIONS = {
  schema: 'failsafe',
  prettyErrors: false,
  uniqueKeys: false,
  logLevel: 'silent',
} as const;

/** Reads the tests of a file and reports problems to `diagnostics`. A test with an error omits the invalid parts. */
export function readRuleTests(source: SourceText, diagnostics: Diagnostics): RuleTestFile {
  const document = parse(source, diagnostics);
  if (document === null) return { source, tests: [] };
  const context = { source, diagnostics, document, aliases: 0 };
  const root = document.contents as Node;
  const file = new DescribedMap(context, FILE, root);
  if (isMap(root)) file.require('tests');
  const tests = file.list('tests').map((node, index) => new TestReader(context, file, node).read(index));
  return { source, tests };
}

/** The YAML document, which is not empty; null if there is none. */
function parse(source: SourceText, diagnostics: Diagnostics): Document | null {
  try {
    const document = parseDocument(source.text, YAML_OPTIONS);
    for (const { message, pos } of document.errors) {
      diagnostics.error('yaml-syntax', message, source, { start: pos[0], end: pos[1] });
    }
    if (document.errors.length > 0) return null;
    if (document.contents !== null) return document;
    diagnostics.error('missing-key', 'the file is empty', source, null);
  } catch (error) {
    // The library's parser recurses, so deeply nested brackets overflow the stack.
    diagnostics.error(
      'yaml-syntax',
      error instanceof RangeError ? 'it is nested too deeply' : String(error),
      source,
      null,
    );
  }
  return null;
}

class TestReader {
  readonly #context: ReadContext;
  readonly #file: DescribedMap;
  readonly #test: DescribedMap;

  constructor(context: ReadContext, file: DescribedMap, node: Node) {
    this.#context = context;
    this.#file = file;
    this.#test = new DescribedMap(context, TEST, node);
  }

  read(index: number): RuleTest {
    const test = this.#test;
    const { source } = this.#context;
    test.require('name');
    const place = { source, range: rangeOf(test.value('name') ?? test.node) };
    const rules = test.value('rules') === null ? null : this.#rules();
    return {
      index,
      name: test.text('name') ?? '',
      place,
      policy: this.#policy(),
      input: this.#input(),
      rules,
      expectations: test.has('expect') ? new ExpectationReader(this.#context).read(test.entries('expect')) : null,
    };
  }

  #rules(): { name: string; place: Place }[] {
    const place = { source: this.#context.source, range: rangeOf(this.#test.value('rules')) };
    return (this.#test.texts('rules') ?? []).map((name) => ({ name, place }));
  }

  #policy(): PolicyReference {
    const node = this.#test.value('policy') ?? this.#file.value('policy');
    if (node === null) {
      const message = "a test needs a 'policy', either its own or the file's";
      this.#context.diagnostics.error('missing-key', message, this.#context.source, rangeOf(this.#test.node));
      return { kind: 'paths', paths: [] };
    }
    if (isScalar(node)) return { kind: 'paths', paths: [this.#resolve(String(node.value))] };
    const items = isSeq(node) ? itemsOf(this.#context, node) : [];
    if (items.length > 0 && items.every(isMap)) return { kind: 'text', text: this.#textOf(node) };
    if (items.length > 0 && items.every(isScalar)) {
      return { kind: 'paths', paths: items.map(({ value }) => this.#resolve(String(value))) };
    }
    reportValue(this.#context, node, "'policy' is a path, a list of paths, or a list of rules, macros and lists");
    return { kind: 'paths', paths: [] };
  }

  /**
   * Returns the rules in the file as a policy text with unchanged offsets, so that diagnostics show their positions in
   * the file.
   */
  #textOf(node: Node): SourceText {
    const { path, text } = this.#context.source;
    const { start, end } = rangeOf(node);
    return { path, text: text.slice(0, start).replace(/[^\r\n]/g, ' ') + text.slice(start, end) };
  }

  #input(): RuleTest['input'] {
    const test = this.#test;
    const traces = test.texts('trace');
    if (traces === undefined) return { kind: 'records', records: this.#records() };
    if (test.has('events'))
      reportValue(this.#context, test.keyNode('events'), "a test has either a 'trace' or 'events'");
    return { kind: 'traces', paths: traces.map((path) => this.#resolve(path)) };
  }

  #records(): readonly TraceRecord[] {
    const test = this.#test;
    if (!test.has('events')) {
      const message = "a test needs a 'trace' or 'events'";
      this.#context.diagnostics.error('missing-key', message, this.#context.source, rangeOf(test.node));
    }
    const writer = new EventWriter(this.#context, this.#declarations());
    for (const event of test.list('events')) writer.add(event);
    return writer.records;
  }

  #declarations(): Declarations {
    const merged = (key: string): Map<string, Entry> =>
      new Map([...this.#file.entries(key), ...this.#test.entries(key)].map((entry) => [entry.key, entry]));
    return { processes: merged('processes'), containers: merged('containers'), pods: merged('pods') };
  }

  /** Resolves a path relative to the file. */
  #resolve(path: string): string {
    return isAbsolute(path) ? path : join(dirname(this.#context.source.path), path);
  }
}
