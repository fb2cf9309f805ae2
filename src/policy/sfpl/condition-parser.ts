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
 * `not` binds to one term, `and` before `or`. The original knows neither `==`, `exists A`, `[…]` after a binary
 * operator, a list without parentheses, an empty list, nor a comma at the end, and skips `[…]` inside `in (…)`.
 */
import type { SourceText } from '../../diagnostics/diagnostic.js';
import { nearestName } from '../../diagnostics/nearest.js';
import type { Place, WrittenOperator } from '../model/policy.js';
import { findCommentsInWords } from './comment-in-word.js';
import type { RawScalar } from './document.js';
import { type SyntaxProblem, Token, tokenize } from './lexer.js';
import type { ConditionSyntax, Operand, TestSyntax } from './syntax.js';

/** How deep parentheses and `not` may nest. */
export const MAX_NESTING = 200;

const BINARY_SYMBOLS: ReadonlySet<string> = new Set(['=', '==', '!=', '<', '<=', '>', '>=']);
const BINARY_WORDS: ReadonlySet<string> = new Set(['contains', 'icontains', 'startswith', 'endswith']);
const LIST_WORDS: ReadonlySet<string> = new Set(['in', 'pmatch']);
const CONNECTIVES: ReadonlySet<string> = new Set(['and', 'or', 'not']);
/** Operators of Falco's language that this dialect has not. */
const FOREIGN_OPERATORS: ReadonlySet<string> = new Set([
  'glob',
  'iglob',
  'regex',
  'intersects',
  'bcontains',
  'bstartswith',
  'istartswith',
  'iendswith',
]);

type Parsed =
  | { readonly condition: ConditionSyntax; readonly problem: null }
  | { readonly condition: null; readonly problem: SyntaxProblem };

/** The tree, or what is wrong; and either way what is well-formed and hardly meant. */
export type ParsedCondition = Parsed & { readonly warnings: readonly SyntaxProblem[] };

/** A condition, or a part of one, and the file it stands in. */
export interface ConditionPiece {
  readonly source: SourceText;
  readonly scalar: RawScalar;
}

/**
 * Parses a condition that stands in several pieces, one after the other (`append`). Where it is not well-formed, says what
 * was expected and where.
 */
export function parseConditionPieces(pieces: readonly ConditionPiece[]): ParsedCondition {
  const warnings: SyntaxProblem[] = [];
  const tokens: Token[] = [];
  for (const { source, scalar } of pieces) {
    const piece = tokenize(source, scalar);
    for (const warning of findCommentsInWords(scalar, piece.tokens)) warnings.push(warning);
    if (piece.problem !== null) return { condition: null, problem: piece.problem, warnings };
    // The end of the piece before.
    tokens.pop();
    for (const token of piece.tokens) tokens.push(token);
  }
  const { condition, problem } = new ConditionParser(tokens).run();
  return problem === null ? { condition, problem, warnings } : { condition: null, problem, warnings };
}

/** Thrown inside the parser and caught at its door. */
class Unexpected {
  readonly problem: SyntaxProblem;
  constructor(problem: SyntaxProblem) {
    this.problem = problem;
  }
}

class ConditionParser {
  readonly #tokens: readonly Token[];
  /** The places of nodes in parentheses, these included; the nodes' own places leave them out. */
  readonly #parentheses = new Map<ConditionSyntax, Place>();
  #at = 0;
  /** The token that stands at `#at`. */
  #token: Token;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
    this.#token = tokens[0]!;
  }

  run(): Parsed {
    try {
      const condition = this.#group('or');
      if (this.#token.kind !== 'end') {
        this.#fail(FOLLOWS, this.#token, this.#token.kind === 'word' ? hintFor(this.#token.text) : undefined);
      }
      return { condition, problem: null };
    } catch (error) {
      if (error instanceof Unexpected) return { condition: null, problem: error.problem };
      throw error;
    }
  }

  /** A condition, or what `and` joins in one. */
  #group(kind: 'or' | 'and'): ConditionSyntax {
    const first = kind === 'or' ? this.#group('and') : this.#term();
    if (!this.#isWord(kind)) return first;
    const items = [first];
    while (this.#isWord(kind)) {
      this.#take();
      items.push(kind === 'or' ? this.#group('and') : this.#term());
    }
    return { kind, items, place: joined(this.#outside(first), this.#outside(items[items.length - 1]!)) };
  }

  #term(): ConditionSyntax {
    if (++this.#depth > MAX_NESTING) this.#fail(`parentheses and 'not' nest deeper than ${MAX_NESTING}`);
    const term = this.#isWord('not') ? this.#not() : this.#isSymbol('(') ? this.#parenthesized() : this.#simple();
    this.#depth--;
    return term;
  }

  #not(): ConditionSyntax {
    const start = this.#take();
    const item = this.#term();
    return { kind: 'not', item, place: joined(start.place, this.#outside(item)) };
  }

  #parenthesized(): ConditionSyntax {
    const open = this.#take();
    const inner = this.#group('or');
    if (this.#token.kind === 'end') this.#fail("')' is missing for this '('", open);
    if (!this.#isSymbol(')')) this.#fail("'and', 'or' or ')' is expected", this.#token, hintFor(this.#token.text));
    this.#parentheses.set(inner, span(open, this.#take()));
    return inner;
  }

  /** The place of a node with the parentheses around it. */
  #outside(node: ConditionSyntax): Place {
    return this.#parentheses.get(node) ?? node.place;
  }

  #simple(): ConditionSyntax {
    const first = this.#token;
    if (this.#isWord('exists')) {
      const next = this.#tokens[this.#at + 1];
      if (next !== undefined && isValue(next) && !isOperator(next)) {
        this.#take();
        const operand = this.#value();
        return test('exists', operand, [], 'value', span(first, next));
      }
    }
    if (!isValue(first) || (first.kind === 'word' && CONNECTIVES.has(first.text))) {
      this.#fail("a condition is expected: 'attribute operator value', a macro, 'not' or '('");
    }
    const left = this.#value();
    const operator = this.#token;
    if (isOperator(operator)) return this.#test(first, left);
    if (operator.kind === 'word' && FOREIGN_OPERATORS.has(operator.text)) {
      this.#fail(`the operator '${operator.text}' is not part of this dialect`);
    }
    if (left.kind === 'string') this.#fail(`an operator is expected after the text '${left.text}'`);
    return { kind: 'macro', name: left.text, place: left.place };
  }

  /**
   * What stands behind the left value: an operator and its right side.
   *
   * @param first the token of the left value
   */
  #test(first: Token, left: Operand): TestSyntax {
    const operator = this.#take();
    if (operator.text === 'exists') return test('exists', left, [], 'value', span(first, operator));
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
    const right = this.#rightValue(operator);
    return test(name, left, [right], 'value', span(first, this.#previous()));
  }

  #rightValue(operator: Token): Operand {
    const token = this.#token;
    if (token.kind === 'symbol' && (token.text === '<' || token.text === '>')) {
      this.#take();
      const { text, source, start, end } = token;
      return new Token('string', text, text, null, source, start, end) as Operand;
    }
    if (token.kind === 'word' && CONNECTIVES.has(token.text)) {
      this.#fail(
        `a value is expected after '${operator.text}'`,
        token,
        `put '${token.text}' in quotes if it is the value`,
      );
    }
    if (!isValue(token)) {
      const list = token.text === '(' ? "a list after '=' stands in brackets: '[a, b]'" : undefined;
      this.#fail(`a value is expected after '${operator.text}'`, token, list);
    }
    return this.#value();
  }

  #list(operator: Token): Operand[] {
    if (this.#isSymbol('(')) return this.#bracketed('(', ')');
    if (this.#isSymbol('[')) return this.#bracketed('[', ']');
    if (!isValue(this.#token)) this.#fail(`a list is expected after '${operator.text}': '(a, b)'`);
    return [this.#value()];
  }

  /** Items between brackets; brackets inside are laid flat. */
  #bracketed(open: string, close: string): Operand[] {
    const items: Operand[] = [];
    this.#collectBracketed(open, close, items);
    return items;
  }

  #collectBracketed(open: string, close: string, items: Operand[]): void {
    const start = this.#take();
    while (!this.#isSymbol(close)) {
      if (isValue(this.#token)) items.push(this.#value());
      else if (this.#isSymbol('[')) {
        if (++this.#depth > MAX_NESTING) this.#fail(`lists nest deeper than ${MAX_NESTING}`);
        this.#collectBracketed('[', ']', items);
        this.#depth--;
      } else if (this.#token.kind === 'end') this.#fail(`'${close}' is missing for this '${open}'`, start);
      else this.#fail(`an item of the list or '${close}' is expected`);
      if (this.#isSymbol(',')) this.#take();
      else if (this.#token.kind === 'end') this.#fail(`'${close}' is missing for this '${open}'`, start);
      else if (!this.#isSymbol(close)) this.#fail(`',' or '${close}' is expected`, this.#token, QUOTE_BLANKS);
    }
    this.#take();
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

  /** The token before this one. */
  #previous(): Token {
    return this.#tokens[this.#at - 1]!;
  }

  #isWord(text: string): boolean {
    return this.#token.kind === 'word' && this.#token.text === text;
  }

  #isSymbol(text: string): boolean {
    return this.#token.kind === 'symbol' && this.#token.text === text;
  }

  #fail(message: string, token: Token = this.#token, hint?: string): never {
    throw new Unexpected({ message, ...token.place, ...(hint === undefined ? {} : { hint }) });
  }
}

const FOLLOWS = "'and', 'or' or the end of the condition is expected";
const QUOTE_BLANKS = 'put texts with blanks in quotes';

const BETWEEN_WORDS: readonly string[] = [...BINARY_WORDS, ...LIST_WORDS, 'and', 'or'];

/** What may be meant by a word behind a value or a term. */
function hintFor(word: string): string {
  const nearest = nearestName(word, BETWEEN_WORDS);
  return nearest === undefined ? QUOTE_BLANKS : `did you mean '${nearest}'?`;
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
