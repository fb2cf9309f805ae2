/** Resolves a parsed test to the model: looks up attributes and lists, checks types, reports suspicious literals. */
import { findField } from '../../../fields/table.js';
import type { ConditionNode, FieldValue, LiteralValue, Operator, Place, TestNode, Value } from '../../model/policy.js';
import type { MacroDefinition, NameTable } from './definitions.js';
import type { ListExpander } from './list-expander.js';
import { DEFINE_OR_QUOTE, isSpeltLikeList, namesSeveral, nearestList, notAList } from './list-names.js';
import { networkTest } from './networks.js';
import { literalOf, looksLikeAttribute, namesAttribute, resolveOperand } from './operands.js';
import type { ConditionReport } from './report.js';
import { didYouMean } from './suggester.js';
import { reportSuspiciousLiterals } from './suspicious-literals.js';
import type { Operand, TestSyntax, WordOperand } from './syntax.js';
import { checkTypes } from './type-check.js';
import { unresolvedTerm } from './unresolved-terms.js';
import { hasSpellings, normalizeLiteral } from './value-domains.js';

const TEXT_PARTS: ReadonlySet<Operator> = new Set(['contains', 'icontains', 'startswith', 'endswith', 'pmatch']);
/** Operators whose literals may be replaced by their canonical spelling. */
const NORMALIZED: ReadonlySet<Operator> = new Set(['=', '!=', 'in', 'startswith']);

/** Characters that occur in names of attributes and lists, and rarely in other literals. */
const NAME_CHARACTERS = /[._]/;

export class TestResolver {
  readonly #lists: ListExpander;
  readonly #macros: NameTable<MacroDefinition>;
  readonly #report: ConditionReport;

  constructor(lists: ListExpander, macros: NameTable<MacroDefinition>, report: ConditionReport) {
    this.#lists = lists;
    this.#macros = macros;
    this.#report = report;
  }

  /**
   * Resolves a test; returns a constant if that is not possible.
   *
   * @param file the file it is used in
   * @param negated whether it is inside an odd number of `not`
   */
  resolve(syntax: TestSyntax, file: number, negated: boolean): ConditionNode {
    const { place } = syntax;
    const left = resolveOperand(syntax.left, () => expectsAttribute(syntax, this.#report), this.#report);
    if (typeof left === 'string') {
      // Resolve the list too, to report its problems and to mark it as used.
      if (syntax.operator === 'in' || syntax.operator === 'pmatch') this.#listItems(syntax, file);
      return unresolvedTerm(left, place, negated);
    }
    if (syntax.form !== 'value') return this.#listTest(syntax, left, file, negated);
    const [operand] = syntax.right;
    if (operand === undefined) return this.#checked(syntax.operator, left, [], place, negated);
    this.#reportListName(operand, syntax.operator, file);
    const right = resolveOperand(operand, literalIsExpected, this.#report);
    if (typeof right === 'string') return unresolvedTerm(right, place, negated);
    return this.#checked(syntax.operator, left, [right], place, negated);
  }

  /**
   * Resolves a test with a list on the right. Only `in` and `pmatch` accept names of lists; after other operators the
   * items are texts.
   */
  #listTest(syntax: TestSyntax, left: Value, file: number, negated: boolean): ConditionNode {
    const { operator, place } = syntax;
    if (operator === 'in' || operator === 'pmatch') {
      const items = this.#listItems(syntax, file);
      if (typeof items === 'string') return unresolvedTerm(items, place, negated);
      return this.#checked(operator, left, items, place, negated);
    }
    const items = syntax.right.map((operand) => this.#plainItem(operand, operator, file));
    if (operator === '!=') return { kind: 'not', item: this.#checked('in', left, items, place, !negated), place };
    if (operator === '=') return this.#checked('in', left, items, place, negated);
    if (operator === 'contains') return this.#checked('pmatch', left, items, place, negated);
    return { kind: 'or', items: items.map((item) => this.#checked(operator, left, [item], place, negated)), place };
  }

  #checked(operator: Operator, left: Value, right: readonly Value[], place: Place, negated: boolean): ConditionNode {
    const test = normalize({ kind: 'test', operator, left, right, place });
    this.#reportSuspiciousValues(test);
    reportSuspiciousLiterals(test, this.#report);
    const network = networkTest(test, negated, this.#report);
    if (network !== null) return network;
    const problem = checkTypes(operator, test.left, test.right, this.#report);
    return problem === null ? test : unresolvedTerm(problem, place, negated);
  }

  /** Warns about valid tests that are probably mistakes. */
  #reportSuspiciousValues({ operator, left, right, place }: TestNode): void {
    if (operator === 'exists') return;
    if (left.kind === 'literal') this.#reportLeftLiteral(left, right, place);
    if (right.length === 0) this.#report.warning('never-true', 'the list is empty, so this is never true', place);
    if (!TEXT_PARTS.has(operator)) return;
    for (const value of right) {
      if (value.kind !== 'literal' || value.text !== '') continue;
      this.#report.warning('always-true', `every text ${PART_WORDS[operator]} the empty text`, value.place);
    }
  }

  #reportLeftLiteral(left: LiteralValue, right: readonly Value[], place: Place): void {
    if (findField(left.text) !== undefined) {
      const message = `'${left.text}' in quotes is a text, not the attribute`;
      this.#report.warning('suspicious-literal', message, left.place, 'remove the quotes');
    } else if (!right.some((value) => value.kind === 'field')) {
      this.#report.warning('suspicious-literal', 'this compares a text with a text, whatever the record', place);
    }
  }

  /** Returns the expanded items after `in` or `pmatch`, or the reason why they cannot be resolved. */
  #listItems(syntax: TestSyntax, file: number): readonly LiteralValue[] | string {
    const [first] = syntax.right;
    if (first?.kind === 'word' && syntax.right.length === 1) {
      const list = this.#lists.find(first.text, file);
      if (list !== undefined) return this.#lists.expand(list, file, first.place);
      if (syntax.form === 'name') return this.#undefinedList(first);
    }
    const items: LiteralValue[] = [];
    for (const operand of syntax.right) {
      const list = operand.kind === 'word' ? this.#lists.find(operand.text, file) : undefined;
      if (list !== undefined) this.#lists.append(items, this.#lists.expand(list, file, operand.place), operand.place);
      else items.push(this.#item(operand, file, syntax.right.length === 1));
    }
    return items;
  }

  /**
   * Resolves an item that is not a list.
   *
   * @param alone whether it is the only item after `in` or `pmatch`, as names of lists usually are
   */
  #item(operand: Operand, file: number, alone: boolean): LiteralValue {
    if (operand.kind === 'word' && NAME_CHARACTERS.test(operand.text)) this.#reportSuspiciousItem(operand, file, alone);
    return literalOf(operand);
  }

  #undefinedList(word: WordOperand): string {
    const message = `unknown list '${word.text}'; the term is never true`;
    const hint = this.#report.suggester.hint(word.text, this.#lists.names(), 'put values in parentheses: (a, b)');
    this.#report.error('undefined-list', message, word.place, hint);
    return message;
  }

  /** Warns about an item that is not a list but looks like a list, an attribute or a macro. */
  #reportSuspiciousItem(word: WordOperand, file: number, alone: boolean): void {
    if (word.name.includes('.') && namesAttribute(word)) {
      const message = `'${word.text}' in a list is a text, not the attribute`;
      this.#report.warning('suspicious-literal', message, word.place, `compare with '= ${word.text}'`);
    } else if (word.text.includes('_')) this.#reportMissingList(word, file, alone);
  }

  /** Warns about an item that is probably meant as a list, judging by its name and context. */
  #reportMissingList(word: WordOperand, file: number, alone: boolean): void {
    const { text, place } = word;
    if (this.#macros.find(text, file) !== undefined) {
      const message = `'${text}' in a list is a text, not the macro`;
      this.#report.warning('suspicious-literal', message, place, `write 'or ${text}' after the list`);
      return;
    }
    const { suggester } = this.#report;
    const nearest = text.length > 5 ? nearestList(text, this.#lists.names(), suggester) : undefined;
    const meant = nearest !== undefined || (alone ? isSpeltLikeList(text) : namesSeveral(text));
    if (!meant) return;
    this.#report.warning('suspicious-literal', notAList(text), place, didYouMean(nearest) ?? DEFINE_OR_QUOTE);
  }

  #plainItem(operand: Operand, operator: Operator, file: number): LiteralValue {
    this.#reportListName(operand, operator, file);
    return this.#item(operand, file, false);
  }

  /** Warns about the name of a list after an operator that does not support lists. */
  #reportListName(operand: Operand, operator: Operator, file: number): void {
    if (operand.kind !== 'word' || this.#lists.find(operand.text, file) === undefined) return;
    const message = `'${operand.text}' after '${operator}' is a text, not the list`;
    const listOperator = operator === 'contains' ? 'pmatch' : 'in';
    this.#report.warning('suspicious-literal', message, operand.place, `write '${listOperator} (${operand.text})'`);
  }
}

const PART_WORDS: Readonly<Partial<Record<Operator, string>>> = {
  contains: 'contains',
  icontains: 'contains',
  pmatch: 'contains',
  startswith: 'starts with',
  endswith: 'ends with',
};

/** The right side can always be a literal. */
const literalIsExpected = (): boolean => false;

/**
 * Whether the left word can only be an attribute. If the right side is an attribute, it may be a literal (`python =
 * sf.proc.name`), and a number is always allowed.
 */
function expectsAttribute({ operator, left, right, form }: TestSyntax, report: ConditionReport): boolean {
  if (left.kind === 'string') return false;
  if (operator === 'exists' || form !== 'value') return true;
  const [other] = right;
  if (other?.kind === 'word' && namesAttribute(other)) return looksLikeAttribute(left.name, report);
  return !/^[+-]?\d+$/.test(left.text);
}

/** Replaces literals by their canonical spelling. */
function normalize(test: TestNode): TestNode {
  const { operator, left, right } = test;
  if (!NORMALIZED.has(operator)) return test;
  if (left.kind === 'field') {
    return hasSpellings(left.field) ? { ...test, right: right.map((value) => normalizeValue(left, value)) } : test;
  }
  const [other] = right;
  return other?.kind === 'field' ? { ...test, left: normalizeValue(other, left) } : test;
}

function normalizeValue(beside: FieldValue, value: Value): Value {
  if (value.kind === 'field') return value;
  const text = normalizeLiteral(beside.field, value.text);
  return text === value.text ? value : { kind: 'literal', text, place: value.place };
}
