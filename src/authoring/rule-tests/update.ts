/**
 * Updates the expectations of a test file to the results with minimal edits of its text: comments, order, quotes and
 * the rest remain unchanged.
 */
import { isMap, isSeq, type Node, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { match } from './compare.js';
import type { Expectation, ExpectedAlert, RaisedAlert } from './model.js';
import { YAML_OPTIONS } from './read-file.js';
import type { RuleTestResult } from './run.js';
import { rangeOf } from './yaml-map.js';

/** A range of the text and its replacement. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * Returns the text of a file with updated expectations.
 *
 * @param results of tests of the file; tests with problems keep their expectations
 */
export function updateExpectations(text: string, results: readonly RuleTestResult[]): string {
  const tests = parseDocument(text, YAML_OPTIONS).get('tests');
  if (!isSeq(tests)) return text;
  const edits = results.flatMap((result) => {
    const test = tests.items[result.test.index];
    return isMap(test) && result.problems.length === 0 ? new TestUpdate(text, test, result).edits() : [];
  });
  return edits
    .sort((a, b) => b.start - a.start)
    .reduce((edited, { start, end, text }) => edited.slice(0, start) + text + edited.slice(end), text);
}

class TestUpdate {
  readonly #text: string;
  readonly #test: YAMLMap;
  readonly #result: RuleTestResult;

  constructor(text: string, test: YAMLMap, result: RuleTestResult) {
    this.#text = text;
    this.#test = test;
    this.#result = result;
  }

  edits(): Edit[] {
    const { test, alerts, failures } = this.#result;
    if (test.expectations !== null && failures.length === 0) return [];
    const expect = pairsOf(this.#test).find(({ key }) => keyText(key) === 'expect');
    const wrong = new Set(
      test.expectations === null ? alerts.keys() : failures.map(({ difference }) => difference.rule),
    );
    if (expect === undefined) return [this.#append(this.#test, `expect:${this.#block([...wrong], this.#test)}`)];
    const map = expect.value;
    if (isMap(map) && map.items.length > 0) return this.#rules(map, wrong);
    const end = map === null ? rangeOf(expect.key).end + 1 : this.#end(map);
    const entries =
      map !== null && this.#test.flow === true ? this.#flow([...wrong]) : this.#block([...wrong], this.#test);
    return [{ start: rangeOf(expect.key).start, end, text: `expect:${entries}` }];
  }

  /** Edits a non-empty map of expectations. */
  #rules(map: YAMLMap, wrong: Set<string>): Edit[] {
    const flow = map.flow === true;
    const indent = this.#column(map);
    const edits: Edit[] = [];
    for (const { key, value } of pairsOf(map)) {
      const rule = keyText(key);
      if (!wrong.delete(rule)) continue;
      const { start, end } = rangeOf(key);
      const written = this.#text.slice(start, end);
      const text = `${written}:${this.#expected(rule, flow ? null : indent)}`;
      edits.push({ start, end: value === null ? end + 1 : this.#end(value), text });
    }
    for (const rule of wrong) {
      const text = `${scalarText(rule)}:${this.#expected(rule, flow ? null : indent)}`;
      edits.push(this.#append(map, text));
    }
    return edits;
  }

  /** Adds an entry to a non-empty map. */
  #append(map: YAMLMap, entry: string): Edit {
    const last = pairsOf(map).at(-1)!;
    const end = last.value === null ? rangeOf(last.key).end + 1 : this.#end(last.value);
    if (map.flow === true) return { start: end, end, text: `, ${entry}` };
    const newline = this.#text.indexOf('\n', end);
    const at = newline === -1 ? this.#text.length : newline;
    return { start: at, end: at, text: `\n${' '.repeat(this.#column(map))}${entry}` };
  }

  /** Formats the raised alerts as the value of `expect` in a block map. */
  #block(rules: readonly string[], test: YAMLMap): string {
    if (rules.length === 0) return ' {}';
    if (test.flow === true) return this.#flow(rules);
    const indent = this.#column(test) + 2;
    return rules.map((rule) => `\n${' '.repeat(indent)}${scalarText(rule)}:${this.#expected(rule, indent)}`).join('');
  }

  #flow(rules: readonly string[]): string {
    return ` { ${rules.map((rule) => `${scalarText(rule)}:${this.#expected(rule, null)}`).join(', ')} }`;
  }

  /**
   * Formats the new value of a rule: its raised alerts in the form of the old expectation.
   *
   * @param indent indentation of its key; null inside braces
   */
  #expected(rule: string, indent: number | null): string {
    const raised = this.#result.alerts.get(rule) ?? [];
    const before = this.#result.test.expectations?.find((expectation) => expectation.rule === rule);
    const forms = before === undefined ? [] : alertForms(before, raised);
    if (raised.length === 0 || forms.length === 0) return ` ${raised.length}`;
    if (before!.complete) return listText(forms, indent);
    const count = before!.count === null ? '' : `count: ${raised.length}, `;
    return ` { ${count}with:${listText(forms, null)} }`;
  }

  #column(node: Node): number {
    const { start } = rangeOf(node);
    return start - (this.#text.lastIndexOf('\n', start - 1) + 1);
  }

  /** Returns the end of a node without trailing line ends and comments. */
  #end(node: Node): number {
    const { start, end } = rangeOf(node);
    return start + this.#text.slice(start, end).trimEnd().length;
  }
}

/** Formats the alerts of a rule that were expected by attributes: all of them, or those that still occur. */
function alertForms({ alerts, complete }: Expectation, raised: readonly RaisedAlert[]): string[] {
  if (alerts.length === 0) return [];
  const attributes = new Map(alerts.flatMap(({ values }) => values.map((value) => [value.attribute, value])));
  const shown = complete ? raised : match(alerts, raised).matched;
  return shown.map((alert) => {
    const entries = [...attributes.values()].map(({ attribute, value }) => {
      const actual = alert.values.get(attribute) ?? [];
      const text =
        typeof value === 'string'
          ? scalarText(elementOf(attribute, actual, alerts))
          : `[${actual.map(scalarText).join(', ')}]`;
      return `${attributeText(attribute)}: ${text}`;
    });
    return `{ ${entries.join(', ')} }`;
  });
}

/** Returns the expected one of several elements, or else the first. */
function elementOf(attribute: string, actual: readonly string[], alerts: readonly ExpectedAlert[]): string {
  const wanted = alerts.flatMap(({ values }) => values.filter((value) => value.attribute === attribute));
  return wanted.map(({ value }) => String(value)).find((value) => actual.includes(value)) ?? actual[0] ?? '';
}

function attributeText(attribute: string): string {
  return attribute.includes('[') ? JSON.stringify(attribute) : attribute;
}

/** Formats a list after a colon: in block style if possible. */
function listText(items: readonly string[], indent: number | null): string {
  if (indent === null || items.length === 1) return ` [${items.join(', ')}]`;
  return items.map((item) => `\n${' '.repeat(indent + 2)}- ${item}`).join('');
}

/** Formats a string for any place in YAML; quoted if it could be parsed as something else. */
function scalarText(text: string): string {
  return /^[\w./]([\w./@%+=()' -]*[\w./@%+=()'-])?$/.test(text) ? text : JSON.stringify(text);
}

function pairsOf(map: YAMLMap): Pair<Node, Node | null>[] {
  return map.items as Pair<Node, Node | null>[];
}

function keyText(key: Node): string {
  return 'value' in key ? String(key.value) : '';
}
