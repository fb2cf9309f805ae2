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
 * value     = word | string ;                   "<" and ">" too, on the right (evt.dir = <)
 * macro     = word ;
 * ```
 *
 * Behind a mistake the parser goes on with the next term, so that several mistakes of a condition are reported together.
 *
 * `not` binds to one term, `and` before `or`. The original knows neither `==`, `exists A`, `[…]` after a binary
 * operator, a list without parentheses, an empty list, nor a comma at the end, and skips `[…]` inside `in (…)`.
 */
import type { SourceText } from '../../../diagnostics/diagnostic.js';
import { nearestName } from '../../../diagnostics/nearest.js';
import type { Place, WrittenOperator } from '../../model/policy.js';
import { findCommentsInWords } from './comment-in-word.js';
import type { RawScalar } from './document.js';
import { adviceForOperator, connectiveMeantBy } from './foreign-operators.js';
import { type EscapedQuotes, type SyntaxProblem, Token, tokenize } from './lexer.js';
import type { ConditionSyntax, Operand, TestSyntax } from './syntax.js';

/** How deep parentheses and `not` may nest. */
export const MAX_NESTING = 200;

const BINARY_SYMBOLS: ReadonlySet<string> = new Set(['=', '==', '!=', '<', '<=', '>', '>=']);
const BINARY_WORDS: ReadonlySet<string> = new Set(['contains', 'icontains', 'startswith', 'endswith']);
const LIST_WORDS: ReadonlySet<string> = new Set(['in', 'pmatch']);
const CONNECTIVES: ReadonlySet<string> = new Set(['and', 'or', 'not']);
/** How many mistakes of a condition are reported. */
const MAX_PROBLEMS = 20;

export interface ParsedCondition {
  /** The tree; of a condition that is not well-formed the terms that are, or null where none is. */
  readonly condition: ConditionSyntax | null;
  /** What is wrong, in the order of the text; none where the condition is well-formed. */
  readonly problems: readonly SyntaxProblem[];
  /** What is well-formed and hardly meant. */
  readonly warnings: readonly SyntaxProblem[];
  /** What the original does not take. */
  readonly notes: readonly SyntaxProblem[];
}

/** A condition, or a part of one, and the file it stands in. */
export interface ConditionPiece {
  readonly source: SourceText;
  readonly scalar: RawScalar;
}

/**
 * Parses a condition that stands in several pieces, one after the other (`append`). Where it is not well-formed, says what
 * was expected and where.
 *
 * A string that ends with a backslash is one in the original, so `\"` counts as an escaped quote only where the
 * condition is not well-formed otherwise.
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
    // The end of the piece before.
    tokens.pop();
    for (const token of piece.tokens) tokens.push(token);
    if (piece.problem !== null) return { ...new ConditionParser(tokens, piece.problem).run(), warnings };
  }
  return { ...new ConditionParser(tokens, null).run(), warnings };
}

/** Where the first mistake of a condition stands: the number of its piece, and the offset in its file. */
function firstOffset({ problems }: ParsedCondition, pieces: readonly ConditionPiece[]): number {
  const [first] = problems;
  if (first === undefined) return Number.POSITIVE_INFINITY;
  const piece = pieces.findIndex(({ source }) => source === first.source);
  return piece * 2 ** 32 + first.range.start;
}

/** Thrown inside a term that is not well-formed, and caught where terms are joined. */
class Unexpected {
  readonly problem: SyntaxProblem;
  constructor(problem: SyntaxProblem) {
    this.problem = problem;
  }
}

/** Thrown where the rest of a condition tells nothing more. */
class Abandoned {}

class ConditionParser {
  readonly #tokens: Token[];
  /** Why the tokens end before the text does; null where they do not. */
  readonly #cutOff: SyntaxProblem | null;
  readonly #problems: SyntaxProblem[] = [];
  readonly #notes: SyntaxProblem[] = [];
  /** The places of nodes in parentheses, these included; the nodes' own places leave them out. */
  readonly #parentheses = new Map<ConditionSyntax, Place>();
  #at = 0;
  /** The token that stands at `#at`. */
  #token: Token;
  #depth = 0;
  /** How many brackets of lists are open. */
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
   * A condition up to the end or the closing parenthesis. What fits nowhere is reported and skipped.
   *
   * @param open the parenthesis that is open; null for the condition as a whole
   */
  #whole(open: Token | null): ConditionSyntax | null {
    const parts = [this.#group('or')];
    while (this.#token.kind !== 'end' && (open === null || !this.#isSymbol(')'))) {
      this.#reportUnexpected(open);
      if (this.#isSymbol(')')) this.#take();
      this.#skipTerm();
      if (this.#takeConnective('and') || this.#takeConnective('or')) parts.push(this.#group('or'));
    }
    return this.#joined('and', parts);
  }

  /** A condition, or what `and` joins in one; of what is not well-formed, the rest. */
  #group(kind: 'or' | 'and'): ConditionSyntax | null {
    const first = kind === 'or' ? this.#group('and') : this.#term();
    if (!this.#takeConnective(kind)) return first;
    const items = [first];
    do items.push(kind === 'or' ? this.#group('and') : this.#term());
    while (this.#takeConnective(kind));
    return this.#joined(kind, items);
  }

  /** Nodes as one, without those that are not well-formed; null where none is left. */
  #joined(kind: 'or' | 'and', nodes: readonly (ConditionSyntax | null)[]): ConditionSyntax | null {
    const items = nodes.filter((node) => node !== null);
    const [first] = items;
    if (first === undefined || items.length === 1) return first ?? null;
    return { kind, items, place: joined(this.#outside(first), this.#outside(items[items.length - 1]!)) };
  }

  /** Takes a word that joins terms, or what another language has for it, with a report. */
  #takeConnective(kind: 'or' | 'and'): boolean {
    if (!this.#isWord(kind)) {
      if (this.#connectiveMeant() !== kind) return false;
      this.#report(`'${this.#token.text}' does not join terms here`, this.#token.place, `write '${kind}'`);
    }
    this.#take();
    return true;
  }

  #connectiveMeant(): 'or' | 'and' | undefined {
    return this.#token.kind === 'word' ? connectiveMeantBy(this.#token.text) : undefined;
  }

  /** A term; null where it is not well-formed, which is reported. */
  #term(): ConditionSyntax | null {
    const depth = this.#depth;
    if (++this.#depth > MAX_NESTING) {
      this.#report(`parentheses and 'not' nest deeper than ${MAX_NESTING}`, this.#token.place);
      throw new Abandoned();
    }
    try {
      if (this.#isWord('not') || this.#takesNot()) return this.#not();
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

  /** Whether a `!` or a `NOT` stands here that is meant as `not`, which is reported. */
  #takesNot(): boolean {
    const token = this.#token;
    if (token.kind !== 'word') return false;
    const { text, source, start } = token;
    if (text.startsWith('!')) {
      const place = { source, range: { start, end: start + 1 } };
      this.#report("'!' negates no terms here", place, "write 'not'");
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
    this.#report(`'${text}' negates no terms here`, token.place, "write 'not'");
    return true;
  }

  #not(): ConditionSyntax | null {
    const start = this.#take();
    const item = this.#term();
    return item === null ? null : { kind: 'not', item, place: joined(start.place, this.#outside(item)) };
  }

  #parenthesized(): ConditionSyntax | null {
    const open = this.#take();
    const inner = this.#whole(open);
    if (this.#token.kind === 'end') this.#fail("')' is missing for this '('", open.place);
    const close = this.#take();
    if (inner !== null) this.#parentheses.set(inner, span(open, close));
    return inner;
  }

  /** The place of a node with the parentheses around it. */
  #outside(node: ConditionSyntax): Place {
    return this.#parentheses.get(node) ?? node.place;
  }

  #simple(): ConditionSyntax {
    const first = this.#token;
    if (this.#isWord('exists')) {
      const next = this.#next();
      if (isValue(next) && !isOperator(next)) {
        this.#take();
        const operand = this.#value();
        return test('exists', operand, [], 'value', span(first, next));
      }
    }
    if (!isValue(first) || (first.kind === 'word' && CONNECTIVES.has(first.text))) {
      this.#fail("a condition is expected: 'attribute operator value', a macro, 'not' or '('");
    }
    const left = this.#value();
    this.#checkJoiningSign(left);
    if (isOperator(this.#token)) return this.#test(first, left);
    if (this.#isWord('not') && isOperator(this.#next())) return this.#negatedTest(first, left);
    if (this.#token.kind === 'word') this.#checkOperator(left);
    if (left.kind === 'string') this.#fail(`an operator is expected after the text '${left.text}'`);
    return { kind: 'macro', name: left.text, place: left.place };
  }

  /** Fails at a word that another word is joined with by the sign of another language, as in `PE&&sf.proc.name`. */
  #checkJoiningSign(word: Operand): void {
    const sign = word.kind === 'word' ? JOINING_SIGN.exec(word.text) : null;
    if (sign === null) return;
    const start = word.start + sign.index;
    const place = { source: word.source, range: { start, end: start + sign[0].length } };
    this.#fail(`'${sign[0]}' does not join terms here`, place, `write '${connectiveMeantBy(sign[0])}' between blanks`);
  }

  /** What stands behind the left value where `not` does: it belongs before the test. */
  #negatedTest(first: Token, left: Operand): ConditionSyntax {
    const word = this.#take();
    const written = this.#token.text;
    const hint = `write 'not ${left.text} ${written} …'`;
    this.#report(`'not' belongs before the whole test, not before '${written}'`, word.place, hint);
    const item = this.#test(first, left);
    return { kind: 'not', item, place: item.place };
  }

  /** Fails at a word that stands where an operator should, and is none. */
  #checkOperator(left: Operand): void {
    const { text } = this.#token;
    const advice = adviceForOperator(text, left.text);
    if (advice !== undefined) {
      this.#fail(`the operator '${text}' is not part of this dialect`, this.#token.place, advice);
    }
    // Behind a name with a dot, which no macro has, only an operator may stand.
    if (!left.text.includes('.') || CONNECTIVES.has(text) || connectiveMeantBy(text) !== undefined) return;
    if (text.includes('@')) {
      const hint = `operators take no '@': did you mean '${text.slice(0, text.indexOf('@'))}'?`;
      this.#fail(`there is no operator '${text}'`, this.#token.place, hint);
    }
    if (text.toLowerCase() === 'not') {
      const hint = `write 'not ${left.text} ${this.#next().text.toLowerCase()} …'`;
      this.#fail(`'${text}' does not negate a test here`, this.#token.place, hint);
    }
    const nearest = nearestName(text, OPERATOR_WORDS);
    const next = this.#next();
    if (nearest === undefined && !isValue(next) && next.text !== '(' && next.text !== '[') {
      this.#fail(`an operator is expected after '${left.text}'`);
    }
    const hint = nearest === undefined ? `operators are ${ALL_OPERATORS}` : `did you mean '${nearest}'?`;
    this.#fail(`there is no operator '${text}'`, this.#token.place, hint);
  }

  /**
   * What stands behind the left value: an operator and its right side.
   *
   * @param first the token of the left value
   */
  #test(first: Token, left: Operand): TestSyntax {
    const operator = this.#take();
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

  /** Fails where an operator goes on with another sign, as in `=>` and `=~`; notes what the original does not take. */
  #checkSign(operator: Token, left: Operand): void {
    const token = this.#token;
    const adjacent = operator.kind === 'symbol' && token.start === operator.end && token.source === operator.source;
    const isSign = token.kind === 'symbol' ? BINARY_SYMBOLS.has(token.text) : this.#isWord('~');
    // `=<` and `=>` with nothing behind them compare the direction of an event.
    const next = this.#next();
    const isOperand = isValue(next) && !CONNECTIVES.has(next.text);
    if (adjacent && isSign && (operator.text !== '=' || isOperand)) {
      const sign = operator.text + token.text;
      const place = span(operator, token);
      this.#fail(`the operator '${sign}' is not part of this dialect`, place, adviceForOperator(sign, left.text));
    }
    if (operator.text !== '==') return;
    this.#notes.push({ message: "'==' is read as '='; the original takes '=' alone", ...operator.place });
  }

  /** A list in parentheses behind an operator that takes none there. */
  #parenthesizedList(operator: Token, left: Operand): Operand[] {
    const open = this.#token;
    const items = this.#bracketed('(', ')');
    const message = `a value is expected after '${operator.text}', not a list in parentheses`;
    const hint = adviceForList(operator.text, left, items);
    this.#report(message, span(open, this.#previous()), hint);
    return items;
  }

  #rightValue(operator: Token): Operand {
    const token = this.#token;
    if (token.kind === 'symbol' && (token.text === '<' || token.text === '>')) {
      this.#take();
      const { text, source, start, end } = token;
      return new Token('string', text, text, null, source, start, end) as Operand;
    }
    const message = `a value is expected after '${operator.text}'`;
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
      this.#fail(`a list is expected after '${operator.text}': ${example}`);
    }
    const name = this.#value();
    if (this.#isSymbol(','))
      this.#fail(`the list after '${operator.text}' belongs in parentheses: ${example}`, name.place);
    return [name];
  }

  /** Items between brackets; brackets inside are laid flat. */
  #bracketed(open: string, close: string): Operand[] {
    const items: Operand[] = [];
    this.#collectBracketed(open, close, items);
    return items;
  }

  #collectBracketed(open: string, close: string, items: Operand[]): void {
    const start = this.#take();
    this.#openBrackets++;
    while (!this.#isSymbol(close)) {
      if (isValue(this.#token)) items.push(this.#value());
      else if (this.#isSymbol('[')) {
        if (++this.#depth > MAX_NESTING) this.#fail(`lists nest deeper than ${MAX_NESTING}`);
        this.#collectBracketed('[', ']', items);
        this.#depth--;
      } else if (this.#token.kind === 'end') this.#fail(`'${close}' is missing for this '${open}'`, start.place);
      else this.#fail(`an item of the list or '${close}' is expected`);
      if (this.#isSymbol(',')) this.#take();
      else if (this.#token.kind === 'end') this.#fail(`'${close}' is missing for this '${open}'`, start.place);
      else if (!this.#isSymbol(close)) this.#fail(`',' or '${close}' is expected`, this.#token.place, SEPARATE_ITEMS);
    }
    this.#openBrackets--;
    this.#take();
  }

  /** Reports what stands where a condition should go on or end. */
  #reportUnexpected(open: Token | null): void {
    const token = this.#token;
    const expected = open === null ? FOLLOWS : "'and', 'or' or ')' is expected";
    if (open === null && this.#isSymbol(')')) this.#report("no '(' is open for this ')'", token.place);
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

  /** Skips up to what joins this term with the next, or to the end of the parentheses around it. */
  #skipTerm(): void {
    let open = this.#openBrackets;
    for (;;) {
      if (this.#token.kind === 'end') return;
      const joins = this.#isWord('and') || this.#isWord('or') || this.#connectiveMeant() !== undefined;
      if (open === 0 && (joins || this.#isSymbol(')'))) return;
      if (this.#isSymbol('(') || this.#isSymbol('[')) open++;
      else if (open > 0 && (this.#isSymbol(')') || this.#isSymbol(']'))) open--;
      this.#take();
    }
  }

  /** The word or string that stands here. */
  #value(): Operand {
    return this.#take() as Operand;
  }

  #take(): Token {
    const token = this.#token;
    // Behind the last token, the end, there is none; and nobody takes that.
    this.#token = this.#tokens[++this.#at]!;
    return token;
  }

  /** The token before this one; at the start, this one. */
  #previous(): Token {
    return this.#tokens[this.#at - 1] ?? this.#token;
  }

  /** The token behind this one; at the end, this one. */
  #next(): Token {
    return this.#tokens[this.#at + 1] ?? this.#token;
  }

  #isWord(text: string): boolean {
    return this.#token.kind === 'word' && this.#token.text === text;
  }

  #isSymbol(text: string): boolean {
    return this.#token.kind === 'symbol' && this.#token.text === text;
  }

  /** Reports a mistake and goes on behind the term. */
  #fail(message: string, place: Place = this.#token.place, hint?: string): never {
    throw new Unexpected(problemAt(message, place, hint));
  }

  /** Reports a mistake behind which the term goes on. */
  #report(message: string, place: Place, hint?: string): void {
    this.#add(problemAt(message, place, hint));
  }

  #add(problem: SyntaxProblem): void {
    const last = this.#problems[this.#problems.length - 1];
    // What is missing at the end is reported once, and not at all where the text goes on and could not be read.
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

const FOLLOWS = "'and', 'or' or the end of the condition is expected";
const QUOTE_BLANKS = 'put texts with blanks in quotes';
const SEPARATE_ITEMS = 'separate items by commas, and put texts with blanks in quotes';

const OPERATOR_WORDS: readonly string[] = [...BINARY_WORDS, ...LIST_WORDS, 'exists'];
const BETWEEN_WORDS: readonly string[] = [...BINARY_WORDS, ...LIST_WORDS, 'and', 'or'];
const ALL_OPERATORS = [...BINARY_SYMBOLS]
  .filter((sign) => sign !== '==')
  .concat(OPERATOR_WORDS)
  .join(', ');
/** A sign of other languages inside a word. */
const JOINING_SIGN = /&&|\|\|/;

/** How to compare with a list that stands in parentheses behind an operator. */
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

/** From the start of one token to the end of another; the first alone where they stand in different files. */
function span(first: Token, last: Token): Place {
  if (first.source !== last.source) return first.place;
  return { source: first.source, range: { start: first.start, end: last.end } };
}

/** The same of places. */
function joined(first: Place, last: Place): Place {
  if (first.source !== last.source) return first;
  return { source: first.source, range: { start: first.range.start, end: last.range.end } };
}
