/** The syntax tree of a condition, before names are resolved. */
import type { SourceText } from '../../../diagnostics/diagnostic.js';
import type { Place, WrittenOperator } from '../../model/policy.js';

/** The position of an operand. It is created on demand, since most are never needed. */
interface Located {
  readonly source: SourceText;
  readonly start: number;
  readonly end: number;
  readonly place: Place;
}

/** A bare word: an attribute, a literal, a list or a macro, depending on its context and on existing definitions. */
export interface WordOperand extends Located {
  readonly kind: 'word';
  /** The whole word. */
  readonly text: string;
  /** The word without its argument. */
  readonly name: string;
  /** The part in brackets after the name, or null. */
  readonly argument: string | null;
}

/** A quoted text, which is always a literal. */
export interface StringOperand extends Located {
  readonly kind: 'string';
  readonly text: string;
}

export type Operand = WordOperand | StringOperand;

export interface TestSyntax {
  readonly kind: 'test';
  readonly operator: WrittenOperator;
  readonly left: Operand;
  /** One for a binary operator, several if a list follows it, any number for `in` and `pmatch`. */
  readonly right: readonly Operand[];
  /**
   * The form of the right side: a value (or nothing), a list in brackets, or the bare name of a list after `in` or
   * `pmatch`.
   */
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

/** A use of a macro. */
export interface MacroSyntax {
  readonly kind: 'macro';
  readonly name: string;
  readonly place: Place;
}

export type ConditionSyntax = TestSyntax | GroupSyntax | NotSyntax | MacroSyntax;
