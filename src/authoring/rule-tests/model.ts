/** Rule tests as read from a file. */
import type { SourceText } from '../../diagnostics/diagnostic.js';
import type { FieldValue, Place } from '../../policy/model/policy.js';
import type { TraceRecord } from '../../sysflow/trace-record.js';

export interface RuleTestFile {
  readonly source: SourceText;
  readonly tests: readonly RuleTest[];
}

/** The rules under test: paths, or policy texts. */
export type PolicyReference =
  | { readonly kind: 'paths'; readonly paths: readonly string[] }
  | { readonly kind: 'text'; readonly text: SourceText };

export interface RuleTest {
  /** Its position among the tests of its file. */
  readonly index: number;
  readonly name: string;
  readonly place: Place;
  readonly policy: PolicyReference;
  /** Paths of traces, or records. */
  readonly input:
    | { readonly kind: 'traces'; readonly paths: readonly string[] }
    | { readonly kind: 'records'; readonly records: readonly TraceRecord[] };
  /** The only rules to evaluate; null for all. */
  readonly rules: readonly { readonly name: string; readonly place: Place }[] | null;
  /** What is expected; null if the test does not say, which only `--update` allows. */
  readonly expectations: readonly Expectation[] | null;
}

/** The expectation of a rule. */
export interface Expectation {
  readonly rule: string;
  /** How many alerts; null if any number will do. */
  readonly count: number | null;
  /** Alerts that must occur, each matching a different raised alert. */
  readonly alerts: readonly ExpectedAlert[];
  /** Whether no other alerts may occur. */
  readonly complete: boolean;
  readonly place: Place;
}

/** An alert, given by some of its attributes. */
export interface ExpectedAlert {
  readonly values: readonly ExpectedValue[];
}

export interface ExpectedValue {
  /** The attribute as written. */
  readonly attribute: string;
  readonly field: FieldValue;
  /** The value, or one element of a list attribute; an array contains all elements of a list attribute. */
  readonly value: string | readonly string[];
}

/** An alert that a rule raised in a test. */
export interface RaisedAlert {
  /** The record as a line of text. */
  readonly line: string;
  /** Values of the attributes that the test names for the rule, by attribute as written. */
  readonly values: ReadonlyMap<string, readonly string[]>;
}

export type RaisedAlerts = ReadonlyMap<string, readonly RaisedAlert[]>;
