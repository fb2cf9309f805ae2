/**
 * What an operator of the policy language is. Every operator is one file that gives one definition of a shape below;
 * `table.ts` lists them all.
 *
 * - `interpret` says plainly whether it holds. The interpreter uses it, and it is the oracle of the compiled engine.
 * - `compile` turns fixed operands into something fast.
 * - `describe` says in words, for `explain`, what is asked of a value.
 *
 * A value with several texts or integers satisfies an operator where any of them does.
 */
import type { Operator } from '../../model/policy.js';

/** Which part of a text the operands are looked for in; operands of one kind share one index over all rules. */
export type TextIndexKind = 'whole' | 'prefix' | 'suffix' | 'substring' | 'folded-substring' | 'network';

/** Compares a text with one operand; with several, it holds where any of them fits. */
export interface TextOperator {
  readonly kind: 'text';
  readonly name: Operator;
  /** Whether the opposite is asked: no text fits any operand. */
  readonly negated: boolean;
  readonly index: TextIndexKind;
  interpret(text: string, operand: string): boolean;
  /** A predicate for one fixed operand. */
  compile(operand: string): (text: string) => boolean;
  describe(operands: string): string;
}

/** Compares two 64-bit integers. */
export interface OrderOperator {
  readonly kind: 'order';
  readonly name: Operator;
  interpret(left: bigint, right: bigint): boolean;
  /** The integers for which it holds against a fixed right side, from first to last. */
  compile(right: bigint): { readonly first: bigint; readonly last: bigint };
  describe(operands: string): string;
}

/** Asks whether a value is there. */
export interface PresenceOperator {
  readonly kind: 'presence';
  readonly name: Operator;
  interpret(present: boolean): boolean;
  describe(): string;
}

export type OperatorDefinition = TextOperator | OrderOperator | PresenceOperator;
