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
  /** The only rules that are looked at; null for all. */
  readonly rules: readonly { readonly name: string; readonly place: Place }[] | null;
  /** What is expected; null if the test does not say, which only `--update` allows. */
  readonly expectations: readonly Expectation[] | null;
}

/** What is expected of a rule. */
export interface Expectation {
  readonly rule: string;
  /** How many alerts; null if any number will do. */
  readonly count: number | null;
  /** Alerts that are among them, each another one. */
  readonly alerts: readonly ExpectedAlert[];
  /** Whether those are meant to be all. */
  readonly complete: boolean;
  readonly place: Place;
}

/** An alert by some of its attributes. */
export interface ExpectedAlert {
  readonly values: readonly ExpectedValue[];
}

export interface ExpectedValue {
  /** The attribute as written. */
  readonly attribute: string;
  readonly field: FieldValue;
  /** The text, of a list attribute one element; or all elements of a list attribute. */
  readonly value: string | readonly string[];
}

/** An alert that a rule raised in a test. */
export interface RaisedAlert {
  /** The record as a line for people. */
  readonly line: string;
  /** The values of the attributes that the test names for the rule, by attribute as written. */
  readonly values: ReadonlyMap<string, readonly string[]>;
}

export type RaisedAlerts = ReadonlyMap<string, readonly RaisedAlert[]>;
