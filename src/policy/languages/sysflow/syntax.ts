/** A condition as written: the syntax tree before names are resolved. */
import type { SourceText } from '../../../diagnostics/diagnostic.js';
import type { Place, WrittenOperator } from '../../model/policy.js';

/** Where an operand stands; the place is made when asked, since most are never asked for it. */
interface Located {
  readonly source: SourceText;
  readonly start: number;
  readonly end: number;
  readonly place: Place;
}

/** A bare word: an attribute, a literal, a list or a macro, by where it stands and what exists. */
export interface WordOperand extends Located {
  readonly kind: 'word';
  /** The whole word. */
  readonly text: string;
  /** The word without its argument. */
  readonly name: string;
  /** What stands in brackets behind the name, or null. */
  readonly argument: string | null;
}

/** A quoted text: always a literal. */
export interface StringOperand extends Located {
  readonly kind: 'string';
  readonly text: string;
}

export type Operand = WordOperand | StringOperand;

export interface TestSyntax {
  readonly kind: 'test';
  readonly operator: WrittenOperator;
  readonly left: Operand;
  /** One for a binary operator, several where a list stands after it, any number for `in` and `pmatch`. */
  readonly right: readonly Operand[];
  /** What the right side is: a value (or nothing), a list in brackets, or the bare name of a list after `in`, `pmatch`. */
  readonly form: 'value' | 'list' | 'name';
  readonly place: Place;
}

export interface GroupSyntax {
  readonly kind: 'and' | 'or';
  readonly items: readonly ConditionSyntax[];
  readonly place: Place;
}

export interface NotSyntax {
  readonly kind: 'not';
  readonly item: ConditionSyntax;
  readonly place: Place;
}

/** The use of a macro. */
export interface MacroSyntax {
  readonly kind: 'macro';
  readonly name: string;
  readonly place: Place;
}

export type ConditionSyntax = TestSyntax | GroupSyntax | NotSyntax | MacroSyntax;
