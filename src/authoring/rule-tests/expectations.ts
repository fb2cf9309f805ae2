/** Reads the expectations of a test. */
import { isMap, isScalar, isSeq, type Node } from 'yaml';
import { nearestName } from '../../diagnostics/nearest.js';
import { fieldNames, findField, pathOfArgument } from '../../fields/table.js';
import type { FieldValue } from '../../policy/model/policy.js';
import { EXPECTATION } from './keys.js';
import type { Expectation, ExpectedAlert, ExpectedValue } from './model.js';
import { DescribedMap, type Entry, entriesOf, itemsOf, type ReadContext, rangeOf, reportValue } from './yaml-map.js';

export class ExpectationReader {
  readonly #context: ReadContext;

  constructor(context: ReadContext) {
    this.#context = context;
  }

  /** @param entries rules with their expectations */
  read(entries: readonly Entry[]): Expectation[] {
    return entries.map(({ key, keyNode, value }) => ({
      rule: key,
      place: { source: this.#context.source, range: rangeOf(keyNode) },
      ...this.#expected(value ?? keyNode),
    }));
  }

  #expected(node: Node): Pick<Expectation, 'count' | 'alerts' | 'complete'> {
    if (isSeq(node)) {
      const alerts = this.#alerts(itemsOf(this.#context, node));
      return { count: alerts.length, alerts, complete: true };
    }
    if (isMap(node)) {
      const map = new DescribedMap(this.#context, EXPECTATION, node);
      const count = this.#count(map.value('count'));
      return { count, alerts: this.#alerts(map.list('with')), complete: false };
    }
    return { count: this.#count(node) ?? 0, alerts: [], complete: false };
  }

  #count(node: Node | null): number | null {
    if (node === null) return null;
    const text = isScalar(node) ? String(node.value) : '';
    if (/^\d{1,9}$/.test(text)) return Number(text);
    reportValue(this.#context, node, 'the expectation of a rule must be a number or a list of alerts');
    return null;
  }

  #alerts(nodes: readonly Node[]): ExpectedAlert[] {
    return nodes.map((node) => {
      if (isMap(node)) return { values: entriesOf(this.#context, node).flatMap((entry) => this.#value(entry)) };
      reportValue(this.#context, node, 'an alert must be a map of attributes and values');
      return { values: [] };
    });
  }

  #value({ key, keyNode, value }: Entry): ExpectedValue[] {
    const field = this.#field(key, keyNode);
    if (field === null) return [];
    if (isSeq(value)) {
      const items = itemsOf(this.#context, value).map((item) => (isScalar(item) ? String(item.value) : ''));
      if (field.index !== null || (field.field.type !== 'strings' && field.field.type !== 'ints')) {
        reportValue(this.#context, value, `'${key}' is not a list`);
      }
      return [{ attribute: key, field, value: items }];
    }
    if (value === null || isScalar(value)) return [{ attribute: key, field, value: String(value?.value ?? '') }];
    reportValue(this.#context, value, `the value of '${key}' must be a string or a list of strings`);
    return [];
  }

  /** Parses an attribute as in conditions, with a JSON path or an index in brackets. */
  #field(text: string, node: Node): FieldValue | null {
    const [, name = '', argument = null] = /^([^[]*)(?:\[(.*)\])?$/s.exec(text) ?? [];
    const match = findField(name);
    const field = match?.field;
    const place = { source: this.#context.source, range: rangeOf(node) };
    if (field === undefined) {
      const nearest = nearestName(name, fieldNames());
      const hint = nearest === undefined ? undefined : `did you mean '${nearest}'?`;
      this.#context.diagnostics.error(
        'unknown-attribute',
        `unknown attribute '${name}'`,
        place.source,
        place.range,
        hint,
      );
      return null;
    }
    const key = match?.key ?? argument;
    if (key === null) return { kind: 'field', field, path: null, index: null, place };
    if (field.type === 'json') return { kind: 'field', field, path: pathOfArgument(field, key), index: null, place };
    const isList = field.type === 'strings' || field.type === 'ints';
    if (isList && /^\d{1,4}$/.test(key)) return { kind: 'field', field, path: null, index: Number(key), place };
    reportValue(this.#context, node, `'${name}' takes no '[${key}]'`);
    return null;
  }
}
