/**
 * Queries of GJSON paths, which select elements of an array: `#(path op value)`.
 *
 * query  ::= "#(" path? (op value)? ")" | "#[" … "]"
 * op     ::= "==" | "=" | "!=" | "<" | "<=" | ">" | ">=" | "%" | "!%"
 * value  ::= string | "~true" | "~false" | "~null" | "~*" | any other text, as written
 */
import { compareCodePoints } from './code-points.js';
import { matchesGlob } from './glob.js';
import { numberOf, stringEnd, typeOf, unquote } from './json-text.js';

export interface Query {
  /** The path within an element; empty for the element itself. */
  readonly path: string;
  /** Empty if the query only tests whether the path exists. */
  readonly operator: string;
  readonly value: string;
  /** Offset of the end of the query in the path's text. */
  readonly end: number;
}

/** Parses the query at the start of a text (`#(…`); returns null if it is not closed. */
export function parseQuery(text: string): Query | null {
  let depth = 1;
  let operatorAt = 0;
  let i = 2;
  for (; i < text.length; i++) {
    const character = text[i]!;
    if (depth === 1 && operatorAt === 0 && '!=<>%'.includes(character)) operatorAt = i;
    else if (character === '\\') i++;
    else if (character === '"') i = stringEnd(text, i) - 1;
    else if (character === '[' || character === '(') depth++;
    else if ((character === ']' || character === ')') && --depth === 0) break;
  }
  if (depth > 0) return null;
  if (operatorAt === 0) return { path: text.slice(2, i).trim(), operator: '', value: '', end: i + 1 };
  const comparison = text.slice(operatorAt, i).trim();
  const operator = /^(?:[!<>]=|!%|==|[<>=%])/.exec(comparison)?.[0] ?? comparison.slice(0, 1);
  return {
    path: text.slice(2, operatorAt).trim(),
    operator: operator === '==' ? '=' : operator,
    value: comparedValue(comparison.slice(operator.length).trim()),
    end: i + 1,
  };
}

function comparedValue(text: string): string {
  return text.length >= 2 && text.startsWith('"') && text.endsWith('"') ? unquote(text) : text;
}

/** Whether a value matches a query. The value is the one at the query's path; null if there is none. */
export function matchesQuery(value: string | null, { operator, value: operand }: Query): boolean {
  if (operand.startsWith('~')) {
    const holds = isLike(value, operand.slice(1));
    return holds !== null && compareBoolean(holds, operator, 'true');
  }
  if (value === null) return false;
  if (operator === '') return true;
  switch (typeOf(value)) {
    case 'string':
      return compareTexts(unquote(value), operator, operand);
    case 'number':
      return compare(numberOf(value) - numberOf(operand), operator);
    case 'true':
      return compareBoolean(true, operator, operand);
    case 'false':
      return compareBoolean(false, operator, operand);
    default:
      return false;
  }
}

/** Whether a value is true, false, null or present, in the loose sense of `~`; null for any other word. */
function isLike(value: string | null, word: string): boolean | null {
  const type = value === null ? 'none' : typeOf(value);
  switch (word) {
    case '*':
      return value !== null;
    case 'null':
      return type === 'none' || type === 'null';
    case 'true':
      return type === 'true' || truth(value, type) === true;
    case 'false':
      return type === 'none' || type === 'null' || type === 'false' || truth(value, type) === false;
    default:
      return null;
  }
}

/** Returns the truth value of a number, or of a string that contains one. */
function truth(value: string | null, type: string): boolean | null {
  if (type === 'number') return numberOf(value!) !== 0;
  if (type !== 'string') return null;
  const word = unquote(value!).toLowerCase();
  if (['1', 't', 'true'].includes(word)) return true;
  return ['0', 'f', 'false'].includes(word) ? false : null;
}

function compareTexts(text: string, operator: string, operand: string): boolean {
  if (operator === '%') return matchesGlob(text, operand);
  if (operator === '!%') return !matchesGlob(text, operand);
  return compare(compareCodePoints(text, operand), operator);
}

function compare(difference: number, operator: string): boolean {
  switch (operator) {
    case '=':
      return difference === 0;
    case '!=':
      return difference !== 0;
    case '<':
      return difference < 0;
    case '<=':
      return difference <= 0;
    case '>':
      return difference > 0;
    case '>=':
      return difference >= 0;
    default:
      return false;
  }
}

/** False is less than true. Compared with any other word, only `<=` of false and `>=` of true hold. */
function compareBoolean(value: boolean, operator: string, operand: string): boolean {
  switch (operator) {
    case '=':
      return operand === String(value);
    case '!=':
      return operand !== String(value);
    case '<':
      return !value && operand === 'true';
    case '<=':
      return !value;
    case '>':
      return value && operand === 'false';
    case '>=':
      return value;
    default:
      return false;
  }
}
