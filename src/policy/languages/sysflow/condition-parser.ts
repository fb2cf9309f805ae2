/**
 * The parser of conditions.
 *
 * ```
 * condition = or ;
 * or        = and { "or" and } ;
 * and       = term { "and" term } ;
 * term      = "not" term | "(" or ")" | "exists" value | value test | macro ;
 * test      = "exists"
 *           | ( "in" | "pmatch" ) list
 *           | binary ( value | "[" [ items ] "]" ) ;
 * binary    = "=" | "==" | "!=" | "<" | "<=" | ">" | ">="
 *           | "contains" | "icontains" | "startswith" | "endswith" ;
 * list      = "(" [ items ] ")" | "[" [ items ] "]" | word ;
 * items     = item { "," item } [ "," ] ;
 * item      = value | "[" [ items ] "]" ;
 * value     = word | string ;                   also "<" and ">" on the right side (evt.dir = <)
 * macro     = word ;
 * ```
 *
 * After an error the parser continues with the next term, so that all errors of a condition are reported together.
 *
 * `not` applies to one term, and `and` binds tighter than `or`. The original supports none of these: `==`, `exists A`,
 * `[…]` after a binary operator, a list without parentheses, an empty list, a trailing comma. It skips `[…]` inside
 * `in (…)`.
 */
import type { SourceText } from '../../../diagnostics/diagnostic.js';
import { nearestName } from '../../../diagnostics/nearest.js';
import type { Place, WrittenOperator } from '../../model/policy.js';
import { findCommentsInWords } from './comment-in-word.js';
import type { RawScalar } from './document.js';
import { adviceForOperator, connectiveMeantBy } from './foreign-operators.js';
import { type EscapedQuotes, type SyntaxProblem, Token, tokenize } from './lexer.js';
import type { ConditionSyntax, Operand, TestSyntax } from './syntax.js';

/** Maximum nesting of parentheses and `not`. */
export const MAX_NESTING = 200;

const BINARY_SYMBOLS: ReadonlySet<string> = new Set(['=', '==', '!=', '<', '<=', '>', '>=']);
const BINARY_WORDS: ReadonlySet<string> = new Set(['contains', 'icontains', 'startswith', 'endswith']);
const LIST_WORDS: ReadonlySet<string> = new Set(['in', 'pmatch']);
const CONNECTIVES: ReadonlySet<string> = new Set(['and', 'or', 'not']);
/** Maximum number of errors reported for one condition. */
const MAX_PROBLEMS = 20;

export interface ParsedCondition {
  /** The tree. If the condition is invalid, it contains the valid terms only; null if there are none. */
  readonly condition: ConditionSyntax | null;
  /** The errors, in the order of the text; empty if the condition is valid. */
  readonly problems: readonly SyntaxProblem[];
  /** Valid parts that are probably a mistake. */
  readonly warnings: readonly SyntaxProblem[];
  /** Parts that the original does not support. */
  readonly notes: readonly SyntaxProblem[];
}

/** A condition, or one of its appended parts, with its file. */
export interface ConditionPiece {
  readonly source: SourceText;
  readonly scalar: RawScalar;
}

/**
 * Parses a condition that consists of several pieces (`append`). If it is invalid, the errors say what was expected and
 * where.
 *
 * In the original a string can end with a backslash, so `\"` is an escaped quote only if the condition is invalid
 * otherwise.
 */
export function parseConditionPieces(pieces: readonly ConditionPiece[]): ParsedCondition {
  const parsed = parsePieces(pieces, 'end-strings');
  if (parsed.problems.length === 0 || !pieces.some(({ scalar }) => scalar.text.includes('\\"'))) return parsed;
  const escaped = parsePieces(pieces, 'are-escapes');
  const failsLater = firstOffset(escaped, pieces) > firstOffset(parsed, pieces);
  return escaped.problems.length === 0 || failsLater ? escaped : parsed;
}

function parsePieces(pieces: readonly ConditionPiece[], quotes: EscapedQuotes): ParsedCondition {
  const warnings: SyntaxProblem[] = [];
  const tokens: Token[] = [];
  for (const { source, scalar } of pieces) {
    const piece = tokenize(source, scalar, quotes);
    for (const warning of findCommentsInWords(scalar, piece.tokens)) warnings.push(warning);
    // Remove the end token of the previous piece.
    tokens.pop();
    for (const token of piece.tokens) tokens.push(token);
    if (piece.problem !== null) return { ...new ConditionParser(tokens, piece.problem).run(), warnings };
  }
  return { ...new ConditionParser(tokens, null).run(), warnings };
}

/** Returns the position of a condition's first error: the index of the piece and the offset in its file. */
function firstOffset({ problems }: ParsedCondition, pieces: readonly ConditionPiece[]): number {
  const [first] = problems;
  if (first === undefined) return Number.POSITIVE_INFINITY;
  const piece = pieces.findIndex(({ source }) => source === first.source);
  return piece * 2 ** 32 + first.range.start;
}

/** Thrown inside an invalid term and caught where terms are joined. */
class Unexpected {
  readonly problem: SyntaxProblem;
  constructor(problem: SyntaxProblem) {
    this.problem = problem;
  }
}

/** Thrown if the rest of a condition can't be parsed. */
class Abandoned {}

class ConditionParser {
  readonly #tokens: Token[];
  /** Why the tokens end before the text does; null if they don't. */
  readonly #cutOff: SyntaxProblem | null;
  readonly #problems: SyntaxProblem[] = [];
  readonly #notes: SyntaxProblem[] = [];
  /**
   * The positions of nodes in parentheses, including the parentheses. The positions of the nodes themselves exclude
   * them.
   */
  readonly #parentheses = new Map<ConditionSyntax, Place>();
  #at = 0;
  /** The token at `#at`. */
  #token: Token;
  #depth = 0;
  /** Number of open brackets of lists. */
  #openBrackets = 0;

  constructor(tokens: Token[], cutOff: SyntaxProblem | null) {
    this.#tokens = tokens;
    this.#token = tokens[0]!;
    this.#cutOff = cutOff;
  }

  run(): Omit<ParsedCondition, 'warnings'> {
    let condition: ConditionSyntax | null = null;
    try {
      condition = this.#whole(null);
    } catch (error) {
      if (!(error instanceof Abandoned)) throw error;
    }
    if (this.#cutOff !== null) this.#problems.push(this.#cutOff);
    return { condition, problems: this.#problems, notes: this.#notes };
  }

  /**
   * Parses a condition up to the end or the closing parenthesis. Unexpected tokens are reported and skipped.
   *
   * @param open the opening parenthesis; null for the whole condition
   */
  #whole(open: Token | null): ConditionSyntax | null {
    const parts = [this.#group('or')];
    while (this.#token.kind !== 'end' && (open === null || !this.#isSymbol(')'))) {
      this.#reportUnexpected(open);
      if (this.#isSymbol(')')) this.#accept();
      this.#skipTerm();
      if (this.#acceptConnective('and') || this.#acceptConnective('or')) parts.push(this.#group('or'));
    }
    return this.#joined('and', parts);
  }

  /** Parses terms joined by `or` or `and`. Invalid terms are left out. */
  #group(kind: 'or' | 'and'): ConditionSyntax | null {
    const first = kind === 'or' ? this.#group('and') : this.#term();
    if (!this.#acceptConnective(kind)) return first;
    const items = [first];
    do items.push(kind === 'or' ? this.#group('and') : this.#term());
    while (this.#acceptConnective(kind));
    return this.#joined(kind, items);
  }

  /** Joins nodes into one, without the invalid ones; returns null if none is left. */
  #joined(kind: 'or' | 'and', nodes: readonly (ConditionSyntax | null)[]): ConditionSyntax | null {
    const items = nodes.filter((node) => node !== null);
    const [first] = items;
    if (first === undefined || items.length === 1) return first ?? null;
    return { kind, items, place: joined(this.#outside(first), this.#outside(items[items.length - 1]!)) };
  }

  /** Accepts `and` or `or`, or reports and accepts its equivalent in another language. */
  #acceptConnective(kind: 'or' | 'and'): boolean {
    if (!this.#isWord(kind)) {
      if (this.#connectiveMeant() !== kind) return false;
      this.#report(`'${this.#token.text}' is not an operator that joins terms`, this.#token.place, `write '${kind}'`);
    }
    this.#accept();
    return true;
  }

  #connectiveMeant(): 'or' | 'and' | undefined {
    return this.#token.kind === 'word' ? connectiveMeantBy(this.#token.text) : undefined;
  }

  /** Parses a term; reports it and returns null if it is invalid. */
  #term(): ConditionSyntax | null {
    const depth = this.#depth;
    if (++this.#depth > MAX_NESTING) {
      this.#report(`parentheses and 'not' nest deeper than ${MAX_NESTING}`, this.#token.place);
      throw new Abandoned();
    }
    try {
      if (this.#isWord('not') || this.#acceptNot()) return this.#not();
      return this.#isSymbol('(') ? this.#parenthesized() : this.#simple();
    } catch (error) {
      if (!(error instanceof Unexpected)) throw error;
      this.#add(error.problem);
      this.#skipTerm();
      return null;
    } finally {
      this.#depth = depth;
      this.#openBrackets = 0;
    }
  }

  /** Reports and accepts a `!` or `NOT` that stands for `not`. */
  #acceptNot(): boolean {
    const token = this.#token;
    if (token.kind !== 'word') return false;
    const { text, source, start } = token;
    if (text.startsWith('!')) {
      const place = { source, range: { start, end: start + 1 } };
      this.#report("'!' is not an operator that negates terms", place, "write 'not'");
      if (text !== '!') {
        const { name, argument, end } = token;
        const negated = new Token('word', text.slice(1), name.slice(1), argument, source, start + 1, end);
        this.#tokens.splice(this.#at + 1, 0, negated);
      }
      return true;
    }
    const next = this.#next();
    const startsTerm = isValue(next) ? !isOperator(next) && !CONNECTIVES.has(next.text) : next.text === '(';
    if (text === 'not' || text.toLowerCase() !== 'not' || !startsTerm) return false;
    this.#report(`'${text}' is not an operator that negates terms`, token.place, "write 'not'");
    return true;
  }

  #not(): ConditionSyntax | null {
    const start = this.#accept();
    const item = this.#term();
    return item === null ? null : { kind: 'not', item, place: joined(start.place, this.#outside(item)) };
  }

  #parenthesized(): ConditionSyntax | null {
    const open = this.#accept();
    const inner = this.#whole(open);
    if (this.#token.kind === 'end') this.#fail("missing ')' for this '('", open.place);
    const close = this.#accept();
    if (inner !== null) this.#parentheses.set(inner, span(open, close));
    return inner;
  }

  /** Returns the position of a node including its parentheses. */
  #outside(node: ConditionSyntax): Place {
    return this.#parentheses.get(node) ?? node.place;
  }

  #simple(): ConditionSyntax {
    const first = this.#token;
    if (this.#isWord('exists')) {
      const next = this.#next();
      if (isValue(next) && !isOperator(next)) {
        this.#accept();
        const operand = this.#value();
        return test('exists', operand, [], 'value', span(first, next));
      }
    }
    if (!isValue(first) || (first.kind === 'word' && CONNECTIVES.has(first.text))) {
      this.#fail("expected a condition: 'attribute operator value', a macro, 'not' or '('");
    }
    const left = this.#value();
    this.#checkJoiningSign(left);
    if (isOperator(this.#token)) return this.#test(first, left);
    if (this.#isWord('not') && isOperator(this.#next())) return this.#negatedTest(first, left);
    if (this.#token.kind === 'word') this.#checkOperator(left);
    if (left.kind === 'string') this.#fail(`expected an operator after the text '${left.text}'`);
    return { kind: 'macro', name: left.text, place: left.place };
  }

  /** Fails at a word that contains the operator of another language, as in `PE&&sf.proc.name`. */
  #checkJoiningSign(word: Operand): void {
    const sign = word.kind === 'word' ? JOINING_SIGN.exec(word.text) : null;
    if (sign === null) return;
    const start = word.start + sign.index;
    const place = { source: word.source, range: { start, end: start + sign[0].length } };
    this.#fail(
      `'${sign[0]}' is not an operator that joins terms`,
      place,
      `write '${connectiveMeantBy(sign[0])}' between spaces`,
    );
  }

  /** Reports and accepts a `not` after the left value, as in `sf.proc.name not in (a)`; it belongs before the test. */
  #negatedTest(first: Token, left: Operand): ConditionSyntax {
    const word = this.#accept();
    const written = this.#token.text;
    const hint = `write 'not ${left.text} ${written} …'`;
    this.#report(`'not' belongs before the whole test, not before '${written}'`, word.place, hint);
    const item = this.#test(first, left);
    return { kind: 'not', item, place: item.place };
  }

  /** Fails if the next word is not an operator. */
  #checkOperator(left: Operand): void {
    const { text } = this.#token;
    const advice = adviceForOperator(text, left.text);
    if (advice !== undefined) {
      this.#fail(`the operator '${text}' is not part of this dialect`, this.#token.place, advice);
    }
    // A name with a dot cannot be a macro, so it must be followed by an operator.
    if (!left.text.includes('.') || CONNECTIVES.has(text) || connectiveMeantBy(text) !== undefined) return;
    if (text.includes('@')) {
      const hint = `operators have no '@': did you mean '${text.slice(0, text.indexOf('@'))}'?`;
      this.#fail(`unknown operator '${text}'`, this.#token.place, hint);
    }
    if (text.toLowerCase() === 'not') {
      const hint = `write 'not ${left.text} ${this.#next().text.toLowerCase()} …'`;
      this.#fail(`'${text}' is not an operator that negates a test`, this.#token.place, hint);
    }
    const nearest = nearestName(text, OPERATOR_WORDS);
    const next = this.#next();
    if (nearest === undefined && !isValue(next) && next.text !== '(' && next.text !== '[') {
      this.#fail(`expected an operator after '${left.text}'`);
    }
    const hint = nearest === undefined ? `known operators: ${ALL_OPERATORS}` : `did you mean '${nearest}'?`;
    this.#fail(`unknown operator '${text}'`, this.#token.place, hint);
  }

  /**
   * Parses the part after the left value: an operator and its right side.
   *
   * @param first the token of the left value
   */
  #test(first: Token, left: Operand): TestSyntax {
    const operator = this.#accept();
    if (operator.text === 'exists') return test('exists', left, [], 'value', span(first, operator));
    this.#checkSign(operator, left);
    if (LIST_WORDS.has(operator.text)) {
      const form = this.#isSymbol('(') || this.#isSymbol('[') ? 'list' : 'name';
      const right = this.#list(operator);
      return test(operator.text as WrittenOperator, left, right, form, span(first, this.#previous()));
    }
    const name = (operator.text === '==' ? '=' : operator.text) as WrittenOperator;
    if (this.#isSymbol('[')) {
      const right = this.#bracketed('[', ']');
      return test(name, left, right, 'list', span(first, this.#previous()));
    }
    if (this.#isSymbol('(')) {
      const right = this.#parenthesizedList(operator, left);
      return test(name, left, right, 'list', span(first, this.#previous()));
    }
    const right = this.#rightValue(operator);
    if (isOperator(this.#token)) this.#checkJoiningSign(right);
    return test(name, left, [right], 'value', span(first, this.#previous()));
  }

  /**
   * Fails if an operator is followed by another operator character, as in `=>` and `=~`. Adds notes on what the
   * original does not support.
   */
  #checkSign(operator: Token, left: Operand): void {
    const token = this.#token;
    const adjacent = operator.kind === 'symbol' && token.start === operator.end && token.source === operator.source;
    const isSign = token.kind === 'symbol' ? BINARY_SYMBOLS.has(token.text) : this.#isWord('~');
    // `=<` and `=>` without a right side compare the direction of an event.
    const next = this.#next();
    const isOperand = isValue(next) && !CONNECTIVES.has(next.text);
    if (adjacent && isSign && (operator.text !== '=' || isOperand)) {
      const sign = operator.text + token.text;
      const place = span(operator, token);
      this.#fail(`the operator '${sign}' is not part of this dialect`, place, adviceForOperator(sign, left.text));
    }
    if (operator.text !== '==') return;
    this.#notes.push({ message: "'==' is read as '='; the original accepts only '='", ...operator.place });
  }

  /** Parses a list in parentheses after an operator that does not support lists. */
  #parenthesizedList(operator: Token, left: Operand): Operand[] {
    const open = this.#token;
    const items = this.#bracketed('(', ')');
    const message = `expected a value after '${operator.text}', not a list in parentheses`;
    const hint = adviceForList(operator.text, left, items);
    this.#report(message, span(open, this.#previous()), hint);
    return items;
  }

  #rightValue(operator: Token): Operand {
    const token = this.#token;
    if (token.kind === 'symbol' && (token.text === '<' || token.text === '>')) {
      this.#accept();
      const { text, source, start, end } = token;
      return new Token('string', text, text, null, source, start, end) as Operand;
    }
    const message = `expected a value after '${operator.text}'`;
    if (token.kind === 'word' && CONNECTIVES.has(token.text)) {
      this.#fail(message, token.place, `put '${token.text}' in quotes if it is the value`);
    }
    if (!isValue(token)) this.#fail(message);
    return this.#value();
  }

  #list(operator: Token): Operand[] {
    if (this.#isSymbol('(')) return this.#bracketed('(', ')');
    if (this.#isSymbol('[')) return this.#bracketed('[', ']');
    const example = `'${operator.text} (a, b)'`;
    if (!isValue(this.#token) || this.#token.text.startsWith('{')) {
      this.#fail(`expected a list after '${operator.text}': ${example}`);
    }
    const name = this.#value();
    if (this.#isSymbol(','))
      this.#fail(`the list after '${operator.text}' must be in parentheses: ${example}`, name.place);
    return [name];
  }

  /** Parses the items between brackets; nested lists are flattened. */
  #bracketed(open: string, close: string): Operand[] {
    const items: Operand[] = [];
    this.#collectBracketed(open, close, items);
    return items;
  }

  #collectBracketed(open: string, close: string, items: Operand[]): void {
    const start = this.#accept();
    this.#openBrackets++;
    while (!this.#isSymbol(close)) {
      if (isValue(this.#token)) items.push(this.#value());
      else if (this.#isSymbol('[')) {
        if (++this.#depth > MAX_NESTING) this.#fail(`lists nest deeper than ${MAX_NESTING}`);
        this.#collectBracketed('[', ']', items);
        this.#depth--;
      } else if (this.#token.kind === 'end') this.#fail(`missing '${close}' for this '${open}'`, start.place);
      else this.#fail(`expected an item of the list or '${close}'`);
      if (this.#isSymbol(',')) this.#accept();
      else if (this.#token.kind === 'end') this.#fail(`missing '${close}' for this '${open}'`, start.place);
      else if (!this.#isSymbol(close)) this.#fail(`expected ',' or '${close}'`, this.#token.place, SEPARATE_ITEMS);
    }
    this.#openBrackets--;
    this.#accept();
  }

  /** Reports a token that cannot continue or end the condition. */
  #reportUnexpected(open: Token | null): void {
    const token = this.#token;
    const expected = open === null ? FOLLOWS : "expected 'and', 'or' or ')'";
    if (open === null && this.#isSymbol(')')) this.#report("no matching '(' for this ')'", token.place);
    else this.#report(expected, token.place, this.#hintForUnexpected(token));
  }

  #hintForUnexpected(token: Token): string | undefined {
    if (token.kind === 'string') return undefined;
    if (this.#isSymbol(',')) return "put lists in parentheses: 'in (a, b)'";
    if (isOperator(token)) return `write 'and' or 'or' between two tests`;
    if (token.kind !== 'word') return undefined;
    const nearest = nearestName(token.text, BETWEEN_WORDS);
    if (nearest !== undefined) return `did you mean '${nearest}'?`;
    if (this.#isWord('not') || isOperator(this.#next())) return `write 'and' or 'or' before '${token.text}'`;
    return this.#previous().text === ')' ? undefined : QUOTE_BLANKS;
  }

  /** Skips to the next `and` or `or`, or to the end of the surrounding parentheses. */
  #skipTerm(): void {
    let open = this.#openBrackets;
    for (;;) {
      if (this.#token.kind === 'end') return;
      const joins = this.#isWord('and') || this.#isWord('or') || this.#connectiveMeant() !== undefined;
      if (open === 0 && (joins || this.#isSymbol(')'))) return;
      if (this.#isSymbol('(') || this.#isSymbol('[')) open++;
      else if (open > 0 && (this.#isSymbol(')') || this.#isSymbol(']'))) open--;
      this.#accept();
    }
  }

  /** Returns the word or string at the current token. */
  #value(): Operand {
    return this.#accept() as Operand;
  }

  #accept(): Token {
    const token = this.#token;
    // After the last token, `end`, there is no other; it is never consumed.
    this.#token = this.#tokens[++this.#at]!;
    return token;
  }

  /** The previous token; at the start, the current one. */
  #previous(): Token {
    return this.#tokens[this.#at - 1] ?? this.#token;
  }

  /** The next token; at the end, the current one. */
  #next(): Token {
    return this.#tokens[this.#at + 1] ?? this.#token;
  }

  #isWord(text: string): boolean {
    return this.#token.kind === 'word' && this.#token.text === text;
  }

  #isSymbol(text: string): boolean {
    return this.#token.kind === 'symbol' && this.#token.text === text;
  }

  /** Reports an error and abandons the term. */
  #fail(message: string, place: Place = this.#token.place, hint?: string): never {
    throw new Unexpected(problemAt(message, place, hint));
  }

  /** Reports an error and continues with the term. */
  #report(message: string, place: Place, hint?: string): void {
    this.#add(problemAt(message, place, hint));
  }

  #add(problem: SyntaxProblem): void {
    const last = this.#problems[this.#problems.length - 1];
    // An error at the end is reported once. It is not reported if the tokens end early because of another error.
    const { kind, start } = this.#token;
    if (kind === 'end' && (this.#cutOff !== null || last?.range.start === start)) throw new Abandoned();
    if (last?.source === problem.source && last.range.start === problem.range.start) return;
    this.#problems.push(problem);
    if (this.#problems.length >= MAX_PROBLEMS) throw new Abandoned();
  }
}

function problemAt(message: string, place: Place, hint: string | undefined): SyntaxProblem {
  return { message, ...place, ...(hint === undefined ? {} : { hint }) };
}

const FOLLOWS = "expected 'and', 'or' or the end of the condition";
const QUOTE_BLANKS = 'put texts with spaces in quotes';
const SEPARATE_ITEMS = 'separate items by commas, and put texts with spaces in quotes';

const OPERATOR_WORDS: readonly string[] = [...BINARY_WORDS, ...LIST_WORDS, 'exists'];
const BETWEEN_WORDS: readonly string[] = [...BINARY_WORDS, ...LIST_WORDS, 'and', 'or'];
const ALL_OPERATORS = [...BINARY_SYMBOLS]
  .filter((sign) => sign !== '==')
  .concat(OPERATOR_WORDS)
  .join(', ');
/** Operators of other languages inside a word. */
const JOINING_SIGN = /&&|\|\|/;

/** How to compare with a list in parentheses after an operator. */
function adviceForList(operator: string, left: Operand, items: readonly Operand[]): string {
  const [only] = items;
  if (only !== undefined && items.length === 1) return `write '${operator} ${only.text}'`;
  if (operator === '=' || operator === '==') return "write 'in (a, b)'";
  if (operator === '!=') return `write 'not ${left.text} in (a, b)'`;
  if (operator === 'contains') return "write 'pmatch (a, b)'";
  return `put lists in brackets: '${operator} [a, b]'`;
}

function isValue(token: Token): boolean {
  return token.kind === 'word' || token.kind === 'string';
}

function isOperator(token: Token): boolean {
  if (token.kind === 'symbol') return BINARY_SYMBOLS.has(token.text);
  return (
    token.kind === 'word' && (BINARY_WORDS.has(token.text) || LIST_WORDS.has(token.text) || token.text === 'exists')
  );
}

function test(
  operator: WrittenOperator,
  left: Operand,
  right: readonly Operand[],
  form: TestSyntax['form'],
  place: Place,
): TestSyntax {
  return { kind: 'test', operator, left, right, form, place };
}

/**
 * Returns the range from the start of one token to the end of another; the range of the first if they are in different
 * files.
 */
function span(first: Token, last: Token): Place {
  if (first.source !== last.source) return first.place;
  return { source: first.source, range: { start: first.start, end: last.end } };
}

/** Like {@link span}, for positions. */
function joined(first: Place, last: Place): Place {
  if (first.source !== last.source) return first;
  return { source: first.source, range: { start: first.range.start, end: last.range.end } };
}
