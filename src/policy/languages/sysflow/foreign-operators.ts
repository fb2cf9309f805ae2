/** Operators of other languages and their equivalents. */

const NO_PATTERNS = "patterns are not supported: use 'contains', 'startswith', 'endswith' or 'pmatch (a, b)'";
const NO_OTHER_CASE = "only 'icontains' ignores case";
const NO_BYTES = "comparing bytes is not supported: use 'contains' or 'startswith' with the text";

const write = (operator: string): string => `write '${operator}'`;

/** By operator in lower case. */
const ADVICE: ReadonlyMap<string, string> = new Map([
  ...['matches', 'match', 'regex', 'regexp', 're', '~', '=~', '!~'].map((name) => [name, NO_PATTERNS] as const),
  ...['glob', 'iglob', 'like', 'ilike', 'imatches'].map((name) => [name, NO_PATTERNS] as const),
  ...['istartswith', 'iendswith', 'iequals'].map((name) => [name, NO_OTHER_CASE] as const),
  ...['bcontains', 'bstartswith'].map((name) => [name, NO_BYTES] as const),
  ...['intersects', 'isin', 'any', 'within'].map((name) => [name, write('in (a, b)')] as const),
  ...['is', 'eq', 'equal', 'equals', 'iseq', '==='].map((name) => [name, write('=')] as const),
  ...['isnot', 'ne', 'neq', '<>', '!=='].map((name) => [name, write('!=')] as const),
  ...['includes', 'has'].map((name) => [name, write('contains')] as const),
  ...['begins', 'beginswith', 'starts'].map((name) => [name, write('startswith')] as const),
  ...['ends'].map((name) => [name, write('endswith')] as const),
  ...['lt', 'gt', 'le', 'ge'].map((name) => [name, "write '<', '<=', '>' or '>='"] as const),
  ['=<', write('<=')],
  ['=>', write('>=')],
]);

/** Negated operators and their positive form; `not` must precede the whole test. */
const NEGATED: ReadonlyMap<string, string> = new Map([
  ...['notin', 'not_in', 'nin', '!in'].map((name) => [name, 'in'] as const),
  ...['notcontains', 'not_contains', '!contains'].map((name) => [name, 'contains'] as const),
]);

/**
 * Returns what to write instead of an operator of another language; undefined if it is not known.
 *
 * @param operator as written
 * @param left the text before it
 */
export function adviceForOperator(operator: string, left: string): string | undefined {
  const name = operator.toLowerCase();
  const negated = NEGATED.get(name);
  return negated === undefined ? ADVICE.get(name) : write(`not ${left} ${negated} …`);
}

/** Words and symbols that other languages use for `and` and `or`. */
const CONNECTIVES: ReadonlyMap<string, 'and' | 'or'> = new Map([
  ['&&', 'and'],
  ['&', 'and'],
  ['||', 'or'],
  ['|', 'or'],
]);

/** Returns the connective that a symbol or an upper-case word stands for; undefined if there is none. */
export function connectiveMeantBy(word: string): 'and' | 'or' | undefined {
  const lower = word.toLowerCase();
  if (lower !== word && (lower === 'and' || lower === 'or')) return lower;
  return CONNECTIVES.get(word);
}
