/**
 * From a condition as written to the model's tree: macros and lists put in, attributes found, types checked.
 *
 * A term that can't be resolved (unknown attribute, undefined macro, values that do not fit) becomes a constant, with its
 * reason, that never makes the rule fire: false where the term stands plainly, and true where it stands under an odd
 * number of `not`, so that `not (a or broken)` does not hold either. The other terms of the rule count as they stand.
 */
import { nearestName } from '../../diagnostics/nearest.js';
import { findField } from '../../fields/table.js';
import type {
  ConditionNode,
  ConstNode,
  FieldValue,
  LiteralValue,
  Operator,
  Place,
  TestNode,
  Value,
} from '../model/policy.js';
import type { Definitions, ListDefinition, MacroDefinition } from './definitions.js';
import {
  literalOf,
  looksLikeAttribute,
  namesAttribute,
  nearestAttribute,
  resolveOperand,
  UNKNOWN_ATTRIBUTE,
} from './operands.js';
import type { ConditionReport } from './report.js';
import type { ConditionSyntax, MacroSyntax, Operand, TestSyntax, WordOperand } from './syntax.js';
import { trimQuotes } from './trim-quotes.js';
import { checkTypes } from './type-check.js';
import { normalizeLiteral } from './value-domains.js';

/** How many nodes a condition may come to with its macros put in: macros that use macros grow without bound. */
const MAX_NODES = 100_000;
/** How many items the lists of one file may come to with their lists put in. */
const MAX_ITEMS = 5_000_000;

export class ConditionResolver {
  readonly #definitions: Definitions;
  readonly #report: ConditionReport;
  readonly #macros = new Map<string, { node: ConditionNode; nodes: number }>();
  readonly #lists = new Map<string, readonly LiteralValue[]>();
  readonly #usedMacros = new Set<MacroDefinition>();
  readonly #usedLists = new Set<ListDefinition>();
  /** Macros and lists being resolved, outermost first. */
  readonly #open: string[] = [];
  #nodes = 0;
  #items = 0;

  constructor(definitions: Definitions, report: ConditionReport) {
    this.#definitions = definitions;
    this.#report = report;
  }

  /** The model's tree of a condition that stands in the file of that number. */
  resolve(syntax: ConditionSyntax, file: number): ConditionNode {
    this.#nodes = 0;
    return this.#condition(syntax, file, false);
  }

  /** Resolves a list for its problems. */
  checkList(list: ListDefinition): void {
    for (const { text, place } of list.items) {
      const inner = this.#definitions.lists.find(text, list.file);
      if (inner !== undefined) this.#expand(inner, list.file, place);
    }
  }

  /** Whether a rule, filter, macro or list that was resolved uses a definition. */
  isUsed(definition: MacroDefinition | ListDefinition): boolean {
    return definition.kind === 'macro' ? this.#usedMacros.has(definition) : this.#usedLists.has(definition);
  }

  #condition(syntax: ConditionSyntax, file: number, negated: boolean): ConditionNode {
    this.#nodes++;
    const { place } = syntax;
    switch (syntax.kind) {
      case 'and':
      case 'or':
        return { kind: syntax.kind, items: syntax.items.map((item) => this.#condition(item, file, negated)), place };
      case 'not':
        return { kind: 'not', item: this.#condition(syntax.item, file, !negated), place };
      case 'macro':
        return this.#macro(syntax, file, negated);
      case 'test':
        return this.#test(syntax, file, negated);
    }
  }

  #macro(syntax: MacroSyntax, file: number, negated: boolean): ConditionNode {
    const { name, place } = syntax;
    const definition = this.#definitions.macros.find(name, file);
    if (definition === undefined) return this.#undefinedMacro(syntax, negated);
    this.#usedMacros.add(definition);
    if (definition.syntax === null) return broken(`the macro '${name}' is not well-formed`, place, negated);
    const label = `macro:${name}`;
    if (this.#open.includes(label)) return broken(this.#recursion(label, place), place, negated);
    const key = `${negated ? '!' : ''}${this.#scope(file)}:${name}`;
    let known = this.#macros.get(key);
    if (known === undefined) {
      const outer = this.#nodes;
      this.#nodes = 0;
      this.#open.push(label);
      const node = this.#condition(definition.syntax, file, negated);
      this.#open.pop();
      known = { node, nodes: this.#nodes };
      this.#nodes = outer;
      this.#macros.set(key, known);
    }
    if (this.#nodes + known.nodes > MAX_NODES) {
      const message = `the condition comes to more than ${MAX_NODES} terms with the macro '${name}'; the term is never true`;
      this.#report.error('policy-syntax', message, place);
      return broken(message, place, negated);
    }
    this.#nodes += known.nodes;
    return { kind: 'macro', name, body: known.node, place };
  }

  #undefinedMacro({ name, place }: MacroSyntax, negated: boolean): ConstNode {
    const message = `there is no macro '${name}'; the term is never true`;
    this.#report.error('undefined-macro', message, place, this.#hintForMacro(name));
    return broken(message, place, negated);
  }

  #hintForMacro(name: string): string | undefined {
    const match = findField(name);
    if (match !== undefined) {
      return match.field.type === 'bool'
        ? `write '${name} = true'`
        : `'${name}' is an attribute: write '${name} exists'`;
    }
    const nearest = nearestName(name.slice(0, 60), this.#definitions.macros.names());
    if (nearest !== undefined) return `did you mean '${nearest}'?`;
    if (this.#definitions.lists.find(name, Number.MAX_SAFE_INTEGER) !== undefined) return `'${name}' is a list`;
    const attribute = name.includes('.') ? nearestAttribute(name) : undefined;
    return attribute === undefined ? undefined : `did you mean the attribute '${attribute}', with an operator?`;
  }

  /** Reports a macro or list that comes back to itself. */
  #recursion(label: string, place: Place): string {
    const cycle = [...this.#open.slice(this.#open.indexOf(label)), label].map((open) =>
      open.slice(open.indexOf(':') + 1),
    );
    const shown = cycle.length > 12 ? [...cycle.slice(0, 6), '…', ...cycle.slice(-5)] : cycle;
    const message = `${label.slice(0, label.indexOf(':'))} '${cycle[0]}' refers to itself: ${shown.join(' → ')}`;
    this.#report.error('recursive-definition', message, place);
    return message;
  }

  /** What a name means depends on the file that uses it only where names are defined in several files. */
  #scope(file: number): number {
    return this.#definitions.macros.crossesFiles || this.#definitions.lists.crossesFiles ? file : 0;
  }

  #test(syntax: TestSyntax, file: number, negated: boolean): ConditionNode {
    const { place } = syntax;
    const left = resolveOperand(syntax.left, expectsAttribute(syntax), this.#report);
    if ('broken' in left) return broken(left.broken, place, negated);
    if (syntax.form !== 'value') return this.#listTest(syntax, left.value, file, negated);
    const right: Value[] = [];
    for (const operand of syntax.right) {
      this.#reportListName(operand, syntax.operator, file);
      const value = resolveOperand(operand, false, this.#report);
      if ('broken' in value) return broken(value.broken, place, negated);
      right.push(value.value);
    }
    return this.#checked(syntax.operator, left.value, right, place, negated);
  }

  /** A test with a list on the right. Only `in` and `pmatch` take lists by name; after other operators items are texts. */
  #listTest(syntax: TestSyntax, left: Value, file: number, negated: boolean): ConditionNode {
    const { operator, place } = syntax;
    if (operator === 'in' || operator === 'pmatch') {
      const items = this.#listItems(syntax, file);
      if (typeof items === 'string') return broken(items, place, negated);
      return this.#checked(operator, left, items, place, negated);
    }
    const items = syntax.right.map((operand) => this.#plainItem(operand, operator, file));
    if (operator === '!=') return { kind: 'not', item: this.#checked('in', left, items, place, !negated), place };
    if (operator === '=') return this.#checked('in', left, items, place, negated);
    if (operator === 'contains') return this.#checked('pmatch', left, items, place, negated);
    this.#nodes += items.length;
    return { kind: 'or', items: items.map((item) => this.#checked(operator, left, [item], place, negated)), place };
  }

  #checked(operator: Operator, left: Value, right: readonly Value[], place: Place, negated: boolean): ConditionNode {
    const test = normalize({ kind: 'test', operator, left, right, place });
    this.#reportOddities(test);
    const problem = checkTypes(operator, test.left, test.right, this.#report);
    return problem === null ? test : broken(problem, place, negated);
  }

  /** Warns of what is allowed and hardly meant. */
  #reportOddities({ operator, left, right, place }: TestNode): void {
    if (operator === 'exists') return;
    if (left.kind === 'literal') {
      if (findField(left.text) !== undefined) {
        const message = `'${left.text}' in quotes is a text, not the attribute`;
        this.#report.warning('suspicious-literal', message, left.place, 'take the quotes away');
      } else if (!right.some((value) => value.kind === 'field')) {
        this.#report.warning('suspicious-literal', 'this compares a text with a text, whatever the record', place);
      }
    }
    if (right.length === 0) this.#report.warning('never-true', 'the list is empty, so this is never true', place);
    if (TEXT_PARTS.has(operator)) {
      for (const value of right) {
        if (value.kind !== 'literal' || value.text !== '') continue;
        this.#report.warning('always-true', `every text ${operator} the empty text`, value.place);
      }
    }
  }

  /** The items behind `in` or `pmatch`, lists put in; a text says why there are none. */
  #listItems(syntax: TestSyntax, file: number): readonly LiteralValue[] | string {
    const [first] = syntax.right;
    if (first?.kind === 'word' && syntax.right.length === 1) {
      const list = this.#definitions.lists.find(first.text, file);
      if (list !== undefined) return this.#expand(list, file, first.place);
      if (syntax.form === 'name') return this.#undefinedList(first);
    }
    const items: LiteralValue[] = [];
    for (const operand of syntax.right) {
      const list = operand.kind === 'word' ? this.#definitions.lists.find(operand.text, file) : undefined;
      if (list !== undefined) this.#append(items, this.#expand(list, file, operand.place), operand.place);
      else {
        if (operand.kind === 'word') this.#reportOddItem(operand);
        items.push(literalOf(operand));
      }
    }
    return items;
  }

  #undefinedList(word: WordOperand): string {
    const message = `there is no list '${word.text}'; the term is never true`;
    const nearest = nearestName(word.text.slice(0, 60), this.#definitions.lists.names());
    const hint = nearest === undefined ? 'values stand in parentheses: (a, b)' : `did you mean '${nearest}'?`;
    this.#report.error('undefined-list', message, word.place, hint);
    return message;
  }

  /** Warns of an item that is no list and looks like one, or like an attribute. */
  #reportOddItem(word: WordOperand): void {
    if (word.name.includes('.') && namesAttribute(word)) {
      const message = `'${word.text}' in a list is a text, not the attribute`;
      this.#report.warning('suspicious-literal', message, word.place, `compare with '= ${word.text}'`);
    } else if (word.text.includes('_') && word.text.length > 5) {
      const nearest = nearestName(word.text.slice(0, 60), this.#definitions.lists.names());
      if (nearest === undefined) return;
      const message = `there is no list '${word.text}'; it is taken as a text`;
      this.#report.warning('suspicious-literal', message, word.place, `did you mean '${nearest}'?`);
    }
  }

  #plainItem(operand: Operand, operator: Operator, file: number): LiteralValue {
    this.#reportListName(operand, operator, file);
    if (operand.kind === 'word') this.#reportOddItem(operand);
    return literalOf(operand);
  }

  /** Warns of the name of a list behind an operator that takes none. */
  #reportListName(operand: Operand, operator: Operator, file: number): void {
    if (operand.kind !== 'word' || this.#definitions.lists.find(operand.text, file) === undefined) return;
    const message = `'${operand.text}' after '${operator}' is a text, not the list`;
    const listOperator = operator === 'contains' ? 'pmatch' : 'in';
    this.#report.warning('suspicious-literal', message, operand.place, `write '${listOperator} (${operand.text})'`);
  }

  /** The texts of a list with its lists put in, each once. */
  #expand(list: ListDefinition, file: number, place: Place): readonly LiteralValue[] {
    this.#usedLists.add(list);
    const label = `list:${list.name}`;
    if (this.#open.includes(label)) {
      this.#recursion(label, place);
      return [];
    }
    const key = `${this.#scope(file)}:${list.name}`;
    const known = this.#lists.get(key);
    if (known !== undefined) return known;
    this.#open.push(label);
    const byText = new Map<string, LiteralValue>();
    for (const item of list.items) {
      const inner = this.#definitions.lists.find(item.text, file);
      if (inner !== undefined) {
        for (const literal of this.#expand(inner, file, item.place)) byText.set(literal.text, literal);
      } else {
        const text = trimQuotes(item.text);
        if (!byText.has(text)) byText.set(text, { kind: 'literal', text, place: item.place });
      }
    }
    this.#open.pop();
    const items: LiteralValue[] = [];
    this.#append(items, [...byText.values()], place);
    this.#lists.set(key, items);
    return items;
  }

  #append(items: LiteralValue[], more: readonly LiteralValue[], place: Place): void {
    this.#items += more.length;
    if (this.#items > MAX_ITEMS) {
      const message = `the lists come to more than ${MAX_ITEMS} items; those beyond are left out`;
      this.#report.error('policy-syntax', message, place);
      return;
    }
    for (const item of more) items.push(item);
  }
}

const TEXT_PARTS: ReadonlySet<Operator> = new Set(['contains', 'icontains', 'startswith', 'endswith', 'pmatch']);
/** Operators for which another spelling of a value may be put in. */
const NORMALIZED: ReadonlySet<Operator> = new Set(['=', '!=', 'in', 'startswith']);

/**
 * Whether only an attribute makes sense as the left word. With an attribute on the right it may be a literal
 * (`python = sf.proc.name`), and a number always may.
 */
function expectsAttribute({ operator, left, right, form }: TestSyntax): boolean {
  if (left.kind === 'string') return false;
  if (operator === 'exists' || form !== 'value') return true;
  const [other] = right;
  if (other?.kind === 'word' && namesAttribute(other)) return looksLikeAttribute(left.name);
  return !/^[+-]?\d+$/.test(left.text);
}

/** Whether some term of a condition, macros included, is broken for an attribute that does not exist. */
export function hasUnknownAttribute(condition: ConditionNode): boolean {
  const seen = new Set<ConditionNode>();
  const search = (node: ConditionNode): boolean => {
    if (node.kind === 'const') return node.reason?.startsWith(UNKNOWN_ATTRIBUTE) ?? false;
    if (node.kind === 'test' || seen.has(node)) return false;
    seen.add(node);
    if (node.kind === 'macro') return search(node.body);
    return node.kind === 'not' ? search(node.item) : node.items.some(search);
  };
  return search(condition);
}

/** A constant in the place of a term that can't be resolved: it never makes the rule fire. */
function broken(reason: string, place: Place, negated: boolean): ConstNode {
  return { kind: 'const', value: negated, reason, place };
}

/** The test with other spellings of an attribute's values put right. */
function normalize(test: TestNode): TestNode {
  const { operator, left, right } = test;
  if (!NORMALIZED.has(operator)) return test;
  if (left.kind === 'field') {
    const normalized = right.map((value) => normalizeValue(left, value));
    return normalized.every((value, i) => value === right[i]) ? test : { ...test, right: normalized };
  }
  const [other] = right;
  return other?.kind === 'field' ? { ...test, left: normalizeValue(other, left) } : test;
}

function normalizeValue(beside: FieldValue, value: Value): Value {
  if (value.kind === 'field') return value;
  const text = normalizeLiteral(beside.field, value.text);
  return text === value.text ? value : { ...value, text };
}
