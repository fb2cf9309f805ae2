/**
 * Distinguishes attributes from literals.
 *
 * A bare word that names an attribute is that attribute, on either side of an operator. A quoted text is always a
 * literal, and so are the items of `in`, `pmatch` and lists. Any other bare word is a literal, unless only an attribute
 * makes sense: before an operator that is followed by a literal, or if the word has the form of an attribute.
 */
import type { SourceText } from '../../../diagnostics/diagnostic.js';
import type { Field, ListField } from '../../../fields/field.js';
import { type FieldMatch, fieldNames, findField, pathOfArgument } from '../../../fields/table.js';
import { MODIFIERS } from '../../json-path/modifiers.js';
import { unknownModifiers } from '../../json-path/path.js';
import type { FieldValue, LiteralValue, Place, Value } from '../../model/policy.js';
import { explainFalcoField } from './falco-only.js';
import type { ConditionReport } from './report.js';
import { didYouMean } from './suggester.js';
import type { Operand, WordOperand } from './syntax.js';

/** Start of the reason of a term with an unknown attribute. */
export const UNKNOWN_ATTRIBUTE = 'unknown attribute';

/** A value, or the reason why it cannot be resolved. */
export type ResolvedOperand = Value | string;

/** A value in a condition. Policies have thousands of them, so positions are created on demand. */
abstract class WrittenValue {
  readonly #source: SourceText;
  readonly #start: number;
  readonly #end: number;

  constructor({ source, start, end }: Operand) {
    this.#source = source;
    this.#start = start;
    this.#end = end;
  }

  get place(): Place {
    return { source: this.#source, range: { start: this.#start, end: this.#end } };
  }
}

class WrittenLiteral extends WrittenValue implements LiteralValue {
  readonly kind = 'literal';
  readonly text: string;

  constructor(operand: Operand) {
    super(operand);
    this.text = operand.text;
  }
}

class WrittenField extends WrittenValue implements FieldValue {
  readonly kind = 'field';
  readonly field: Field;
  readonly path: string | null;
  readonly index: number | null;

  constructor(word: WordOperand, field: Field, path: string | null, index: number | null) {
    super(word);
    this.field = field;
    this.path = path;
    this.index = index;
  }
}

/**
 * Sections of SysFlow's attributes and first parts of Falco's: a word that starts like this is meant as an attribute.
 */
const ATTRIBUTE_SHAPE = /^(sf[.-]|(proc|fd|evt|container|user|group|k8s|thread)\.)/;
/** Words that can only be meant as attributes, even where a literal is allowed. */
const SYSFLOW_SHAPE = /^sf\.(proc|pproc|file|net|flow|container|pod|ke|node|meta)\./;
const FALCO_SHAPE = /^(proc|fd|evt|container|user|group|k8s|thread)\./;

/** Whether a word is the name of an attribute. */
export function namesAttribute(word: WordOperand): boolean {
  return findField(word.name) !== undefined;
}

/** Whether a word has the form of an attribute although it is unknown. */
export function looksLikeAttribute(name: string, report: ConditionReport): boolean {
  return ATTRIBUTE_SHAPE.test(name) || (name.includes('.') && nearestAttribute(name, report) !== undefined);
}

/** Returns an operand as a literal, for positions where attributes are not allowed. */
export function literalOf(operand: Operand): LiteralValue {
  return new WrittenLiteral(operand);
}

/**
 * Resolves an operand to an attribute or a literal.
 *
 * @param isAttributeExpected whether only an attribute makes sense here; called if the word is not an attribute
 */
export function resolveOperand(
  operand: Operand,
  isAttributeExpected: () => boolean,
  report: ConditionReport,
): ResolvedOperand {
  if (operand.kind === 'string') return literalOf(operand);
  const match = findField(operand.name);
  if (match !== undefined) return attributeValue(operand, match, report);
  if (isAttributeExpected()) return unknownAttribute(operand, report);
  if (!operand.name.includes('.')) return literalOf(operand);
  if (SYSFLOW_SHAPE.test(operand.name)) return unknownAttribute(operand, report);
  if (FALCO_SHAPE.test(operand.name)) {
    const nearest = nearestAttribute(operand.name, report);
    if (nearest !== undefined) {
      const message = `unknown attribute '${operand.text}'; it is used as a text`;
      report.warning('suspicious-literal', message, operand.place, `did you mean '${nearest}'? Put texts in quotes`);
    }
  }
  return literalOf(operand);
}

/** Resolves the argument of an attribute. */
function attributeValue(word: WordOperand, match: FieldMatch, report: ConditionReport): ResolvedOperand {
  const { field, misnomer, key } = match;
  const { argument } = word;
  if (misnomer) {
    const message = `'${word.name}' is interpreted as '${field.name}'`;
    report.warning('attribute-alias', message, word.place, `write '${field.name}'`);
  }
  if (key !== undefined && argument === null) return new WrittenField(word, field, pathOfArgument(field, key), null);
  if ('indices' in field && !isIndexOf(field.indices, argument)) return unknownAttribute(word, report);
  if (argument === null) return new WrittenField(word, field, null, null);
  if (field.type === 'json' && key === undefined) {
    if (field.keyed !== true) reportUnknownModifiers(word, argument, report);
    return new WrittenField(word, field, pathOfArgument(field, argument), null);
  }
  if (field.type === 'strings' || field.type === 'ints') {
    if (/^\d{1,9}$/.test(argument)) return new WrittenField(word, field, null, Number(argument));
    return mismatch(word, `the index of '${word.name}' must be a number, not '${argument}'`, report);
  }
  return mismatch(word, `'${word.name}' is neither a list nor JSON: '[${argument}]' is not allowed`, report);
}

function isIndexOf({ first, last }: NonNullable<ListField['indices']>, argument: string | null): boolean {
  return argument !== null && /^\d{1,9}$/.test(argument) && Number(argument) >= first && Number(argument) <= last;
}

/** Warns about `@name` in a JSON path if there is no modifier with that name. */
function reportUnknownModifiers(word: WordOperand, path: string, report: ConditionReport): void {
  for (const { name, at } of unknownModifiers(path)) {
    // The path starts after the name of the attribute and a bracket.
    const start = word.start + word.name.length + 1 + at;
    const place = { source: word.source, range: { start, end: start + 1 + name.length } };
    const nearest = report.suggester.nearest(name, MODIFIERS.keys());
    const hint =
      nearest === undefined ? `known modifiers: @${[...MODIFIERS.keys()].join(', @')}` : `did you mean '@${nearest}'?`;
    report.warning('suspicious-literal', `unknown modifier '@${name}'; it is used as a key`, place, hint);
  }
}

function mismatch(word: WordOperand, message: string, report: ConditionReport): ResolvedOperand {
  report.error('type-mismatch', message, word.place);
  return message;
}

function unknownAttribute(word: WordOperand, report: ConditionReport): ResolvedOperand {
  const message = `${UNKNOWN_ATTRIBUTE} '${word.text}'; the term is never true`;
  report.error('unknown-attribute', message, word.place, hintFor(word.name, report));
  return message;
}

function hintFor(name: string, report: ConditionReport): string | undefined {
  const falco = explainFalcoField(name);
  if (falco !== undefined) return falco;
  const nearest = nearestAttribute(name, report);
  if (nearest !== undefined) return didYouMean(nearest);
  if (FALCO_SHAPE.test(name)) return 'this Falco field is not supported';
  if (ATTRIBUTE_SHAPE.test(name)) return "'sfprocessor fields' lists the attributes";
  return "a test is 'attribute operator value'";
}

/** Returns the attribute with the most similar name. */
export function nearestAttribute(name: string, report: ConditionReport): string | undefined {
  return report.suggester.nearestOf('attribute', name, fieldNames());
}
