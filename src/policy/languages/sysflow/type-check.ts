/**
 * Type checks of a policy.
 *
 * | operator | accepts |
 * |---|---|
 * | `=` `!=` `in` | a number and a 64-bit integer, a boolean and `true` or `false`, a text and anything |
 * | `<` `<=` `>` `>=` | numbers and times, lists of numbers, and values inside JSON |
 * | `contains` … `pmatch` | everything, as text |
 * | `exists` | attributes |
 *
 * A test with the wrong types can never hold and is an error. A test with the right types that can never hold, because the
 * attribute never has the value, is a warning.
 */
import type { FieldType } from '../../../fields/field.js';
import type { FieldValue, LiteralValue, Operator, Value } from '../../model/policy.js';
import { addressProblem } from './networks.js';
import { reportEqualityOutside, reportOrderOutside } from './number-ranges.js';
import type { ConditionReport } from './report.js';
import { suggestLiteral, valuesOf } from './value-domains.js';

/** Maximum number of values in a hint. */
const MAX_LISTED = 14;

/** Address attributes, and the attributes that compare the same addresses with networks. */
const NETWORKS_OF: ReadonlyMap<string, string> = new Map([
  ['sf.net.ip', 'fd.net'],
  ['sf.net.sip', 'fd.cnet'],
  ['sf.net.dip', 'fd.snet'],
]);

type Family = 'number' | 'boolean' | 'text';

const FAMILIES: Readonly<Record<FieldType, Family>> = {
  int: 'number',
  time: 'number',
  ints: 'number',
  bool: 'boolean',
  string: 'text',
  json: 'text',
  strings: 'text',
};
const TYPE_WORDS: Readonly<Record<FieldType, string>> = {
  int: 'a number',
  time: 'a time',
  ints: 'a list of numbers',
  bool: 'true or false',
  string: 'a text',
  json: 'JSON',
  strings: 'a list of texts',
};

const ORDER: ReadonlySet<Operator> = new Set(['<', '<=', '>', '>=']);
const EQUALITY: ReadonlySet<Operator> = new Set(['=', '!=', 'in']);

/**
 * Checks a test whose values are resolved.
 *
 * @returns why the test can never hold because of its types, or null if the types match
 */
export function checkTypes(
  operator: Operator,
  left: Value,
  right: readonly Value[],
  report: ConditionReport,
): string | null {
  if (ORDER.has(operator)) return checkOrder(operator, left, right, report);
  if (!EQUALITY.has(operator)) return null;
  if (left.kind === 'field') {
    const acceptsAll =
      FAMILIES[left.field.type] === 'text' && domainOf(left) === undefined && !NETWORKS_OF.has(left.field.name);
    if (acceptsAll && right.every(({ kind }) => kind === 'literal')) return null;
    for (const value of right) {
      const problem = value.kind === 'field' ? checkPair(left, value) : checkLiteral(operator, left, value, report);
      // In a list, the other items are still used.
      if (problem !== null && (right.length === 1 || value.kind === 'field')) return fail(problem, value, report);
      if (problem !== null) report.error('type-mismatch', problem.message, value.place, problem.hint);
    }
    return null;
  }
  const value = right[0];
  if (value?.kind !== 'field') return null;
  const problem = checkLiteral(operator, value, left, report);
  return problem === null ? null : fail(problem, left, report);
}

interface Problem {
  readonly message: string;
  readonly hint?: string;
}

function fail(problem: Problem, at: Value, report: ConditionReport): string {
  report.error('type-mismatch', problem.message, at.place, problem.hint);
  return problem.message;
}

/** Checks an attribute against another attribute. */
function checkPair(left: FieldValue, right: FieldValue): Problem | null {
  const one = familyOf(left);
  const other = familyOf(right);
  if (one === other) return null;
  const types = `'${left.field.name}' is ${TYPE_WORDS[left.field.type]}, '${right.field.name}' is ${TYPE_WORDS[right.field.type]}`;
  return { message: `${types}: they are never equal` };
}

function familyOf(value: FieldValue): Family {
  return FAMILIES[value.field.type];
}

/** The texts that a value can have; undefined if there is no restriction. */
function domainOf({ field, path }: FieldValue): ReadonlySet<string> | undefined {
  return path === null ? valuesOf(field) : undefined;
}

/** Checks a literal that is compared with an attribute for equality. */
function checkLiteral(
  operator: Operator,
  value: FieldValue,
  literal: LiteralValue,
  report: ConditionReport,
): Problem | null {
  const { field } = value;
  if (FAMILIES[field.type] === 'number') return checkInteger(operator, value, literal, report);
  const networks = NETWORKS_OF.get(field.name);
  if (networks !== undefined && literal.text.includes('/')) {
    const message = `'${field.name}' is an address and never '${literal.text}'`;
    report.warning('never-true', message, literal.place, `networks are compared by '${networks}'`);
    return null;
  }
  if (networks !== undefined) reportAddress(value, literal, report);
  const domain = domainOf(value);
  if (domain === undefined || domain.has(literal.text) || literal.text === '') return null;
  if (field.name === 'evt.dir') {
    const message = "the direction of every record is '<': SysFlow records completed operations";
    report.warning('never-true', message, literal.place);
    return null;
  }
  const nearest = suggestLiteral(field, literal.text, report.suggester);
  const all =
    domain.size > MAX_LISTED ? "'sfprocessor fields' lists its values" : `its values are ${[...domain].join(', ')}`;
  const hint = nearest === undefined ? all : `did you mean '${nearest}'?`;
  if (field.name === 'evt.type') {
    const message = `SysFlow does not record '${literal.text}'; this value matches nothing`;
    report.warning('unsupported-event', message, literal.place, nearest === undefined ? undefined : hint);
  } else report.warning('never-true', `'${field.name}' is never '${literal.text}'`, literal.place, hint);
  return null;
}

/** Warns about a literal that is compared with an address but is not one. */
function reportAddress({ field }: FieldValue, { text, place }: LiteralValue, report: ConditionReport): void {
  if (text === '') return;
  const problem = addressProblem(text);
  if (problem !== null) report.warning('never-true', `'${field.name}' is never '${text}': ${problem}`, place);
}

/** Checks a literal that is compared with a number for equality. */
function checkInteger(
  operator: Operator,
  value: FieldValue,
  literal: LiteralValue,
  report: ConditionReport,
): Problem | null {
  const { field } = value;
  const { text } = literal;
  const problem = integerProblem(value, text, report);
  if (problem !== null) return problem;
  const canonical = BigInt(text.replace(/^\+/, '')).toString();
  if (canonical !== text) {
    const message = `'${field.name}' ${operator} '${text}' compares decimal texts, and numbers never have this form`;
    report.warning('never-true', message, literal.place, `write '${canonical}'`);
  } else reportEqualityOutside(field, literal, report);
  return null;
}

/** Why a text cannot be compared with a number. */
function integerProblem(value: FieldValue, text: string, report: ConditionReport): Problem | null {
  const { field } = value;
  if (/^[+-]?\d+$/.test(text)) {
    if (text.length < 18) return null;
    const integer = BigInt(text.replace(/^\+/, ''));
    if (BigInt.asIntN(64, integer) === integer) return null;
    return { message: `'${text}' exceeds 64 bits` };
  }
  const meant = suggestLiteral(field, text, report.suggester);
  const hint =
    meant !== undefined
      ? `did you mean '${meant}'?`
      : field.type === 'time'
        ? 'times are nanoseconds since 1970'
        : undefined;
  return {
    message: `'${field.name}' is ${TYPE_WORDS[field.type]}, not '${text}'`,
    ...(hint === undefined ? {} : { hint }),
  };
}

function checkOrder(operator: Operator, left: Value, right: readonly Value[], report: ConditionReport): string | null {
  const fields = [left, ...right].filter((value) => value.kind === 'field');
  for (const value of fields) {
    const { field, path } = value;
    if (FAMILIES[field.type] === 'number' || (field.type === 'json' && path !== null)) continue;
    const message = `'${operator}' compares numbers, and '${field.name}' is ${TYPE_WORDS[field.type]}`;
    return fail({ message }, value, report);
  }
  for (const value of [left, ...right]) {
    if (value.kind === 'field') continue;
    const problem =
      fields[0] !== undefined
        ? integerProblem(fields[0], value.text, report)
        : /^[+-]?\d{1,18}$/.test(value.text)
          ? null
          : { message: `'${operator}' compares numbers, not '${value.text}'` };
    if (problem !== null) return fail(problem, value, report);
  }
  reportOrderOutside(operator, left, right[0]!, report);
  return null;
}
