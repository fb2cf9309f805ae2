/**
 * The model that all rule languages compile to and that the engine runs: rules and filters with resolved conditions.
 *
 * A language reads texts, resolves macros, lists and attributes, reports problems, and returns a {@link Policy}. Every
 * node has its position in the text, so that `explain` can show it.
 */
import type { SourceRange, SourceText } from '../../diagnostics/diagnostic.js';
import type { Field } from '../../fields/field.js';

/** A position in a policy text. */
export interface Place {
  readonly source: SourceText;
  readonly range: SourceRange;
}

/** An attribute, possibly with an argument: `sf.pod.services[0.clusterip]`, `proc.aname[2]`. */
export interface FieldValue {
  readonly kind: 'field';
  readonly field: Field;
  /** A JSON path into a field of type `json`; null for the whole value. */
  readonly path: string | null;
  /** An index into a list field (`proc.aname[2]`); null for any element. */
  readonly index: number | null;
  readonly place: Place;
}

/** A literal, quotes removed. */
export interface LiteralValue {
  readonly kind: 'literal';
  readonly text: string;
  readonly place: Place;
}

export type Value = FieldValue | LiteralValue;

/** Operators of the dialect. `!=` is `not (=)` and `<`, `<=`, `>`, `>=` compare 64-bit integers. */
export type WrittenOperator =
  | '='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | 'in'
  | 'startswith'
  | 'endswith'
  | 'contains'
  | 'icontains'
  | 'pmatch'
  | 'exists';

/** All operators of the model. `within` is what `=` and `in` become if an address is compared with networks. */
export type Operator = WrittenOperator | 'within';

/**
 * A test of a value. `right` has one value for binary operators, any number of literals for `in` and `pmatch`, none for
 * `exists`.
 */
export interface TestNode {
  readonly kind: 'test';
  readonly operator: Operator;
  readonly left: Value;
  readonly right: readonly Value[];
  readonly place: Place;
}

/** Holds if all items hold; true if there are no items. */
export interface AndNode {
  readonly kind: 'and';
  readonly items: readonly ConditionNode[];
  readonly place: Place;
}

/** Holds if any item holds; false if there are no items. */
export interface OrNode {
  readonly kind: 'or';
  readonly items: readonly ConditionNode[];
  readonly place: Place;
}

export interface NotNode {
  readonly kind: 'not';
  readonly item: ConditionNode;
  readonly place: Place;
}

/** A constant. It can replace a term that could not be resolved; `reason` is then the message of its diagnostic. */
export interface ConstNode {
  readonly kind: 'const';
  readonly value: boolean;
  /** The reason if it replaces an unresolved term; null for a constant that was written as such. */
  readonly reason: string | null;
  readonly place: Place;
}

/** A use of a macro. Equivalent to its body; kept for `explain`. */
export interface MacroNode {
  readonly kind: 'macro';
  readonly name: string;
  readonly body: ConditionNode;
  readonly place: Place;
}

export type ConditionNode = TestNode | AndNode | OrNode | NotNode | ConstNode | MacroNode;

/** The numbers that outputs show. */
export const Priority = { low: 1, medium: 2, high: 3 } as const;
export type Priority = (typeof Priority)[keyof typeof Priority];

export interface Rule {
  readonly name: string;
  readonly description: string;
  readonly condition: ConditionNode;
  readonly priority: Priority;
  /** The priority as written: `critical`, `high`, …; null if there is none. */
  readonly severity: string | null;
  readonly tags: readonly string[];
  /** Record types (`PE`, `FF`, …) that the rule applies to; empty for all. */
  readonly prefilter: readonly string[];
  readonly enabled: boolean;
  /** Names of actions to run on a match, in order. */
  readonly actions: readonly string[];
  /** Output template as written, or null. */
  readonly output: string | null;
  readonly place: Place;
}

/** A record that matches an enabled filter is dropped before the rules are evaluated. */
export interface Filter {
  readonly name: string;
  readonly condition: ConditionNode;
  readonly enabled: boolean;
  readonly place: Place;
}

/** Rules and filters in load order. */
export interface Policy {
  readonly rules: readonly Rule[];
  readonly filters: readonly Filter[];
}
