/**
 * The shape of an operator of the policy language. Every operator is one file with one definition; `table.ts` lists
 * them all.
 *
 * - `interpret` evaluates the operator directly. The interpreter uses it, and tests compare the compiled engine with
 *   it.
 * - `compile` specializes the operator for fixed operands.
 * - `describe` describes the test in words, for `explain`.
 *
 * If a value has several texts or integers, the operator holds if it holds for any of them.
 */
import type { Operator } from '../../model/policy.js';

/**
 * The part of a text that the operands are compared with. Operands with the same kind share one index over all rules.
 */
export type TextIndexKind = 'whole' | 'prefix' | 'suffix' | 'substring' | 'folded-substring' | 'network';

/** Compares a text with operands. It holds if any operand matches. */
export interface TextOperator {
  readonly kind: 'text';
  readonly name: Operator;
  /** Whether the result is negated: it holds if no operand matches. */
  readonly negated: boolean;
  readonly index: TextIndexKind;
  interpret(text: string, operand: string): boolean;
  /** Returns a function that compares a text with one fixed operand. */
  compile(operand: string): (text: string) => boolean;
  describe(operands: string): string;
}

/** Compares two 64-bit integers. */
export interface OrderOperator {
  readonly kind: 'order';
  readonly name: Operator;
  interpret(left: bigint, right: bigint): boolean;
  /** Returns the first and last integer for which the operator holds, given the right side. */
  compile(right: bigint): { readonly first: bigint; readonly last: bigint };
  describe(operands: string): string;
}

/** Tests whether a value is present. */
export interface PresenceOperator {
  readonly kind: 'presence';
  readonly name: Operator;
  interpret(present: boolean): boolean;
  describe(): string;
}

export type OperatorDefinition = TextOperator | OrderOperator | PresenceOperator;
