/** Measures how close a record comes to a rule that it does not match, and which terms prevent the match. */

import { printable } from '../diagnostics/format.js';
import { describeTest } from '../policy/engine/explain.js';
import { evaluateCondition, evaluateTest } from '../policy/engine/interpreter.js';
import type { ConditionNode, Filter, Place, Policy, Rule, TestNode } from '../policy/model/policy.js';
import type { FlatRecord } from '../records/flat-record.js';

/** A term with the wrong outcome. Texts contain no control characters. */
export interface WrongTerm {
  /** The term: `sf.proc.name 'cat' is one of 'sh', 'bash'`; the rule requires the opposite of `holds`. */
  readonly text: string;
  /** Whether it holds for the record: true if it must not hold, false if it must. */
  readonly holds: boolean;
  readonly place: Place;
}

/**
 * Weights of terms. An exclusion in the rule has the lowest weight, then a different value. A different kind of record
 * has the highest weight, so that the nearest miss is an event of the kind that the rule describes.
 */
const EXCLUSION_WEIGHT = 1;
const VALUE_WEIGHT = 2;
const KIND_WEIGHT = 4;
const PREFILTER_WEIGHT = 6;
/** The weight of a term that no record can change. */
const NEVER = 1_000_000;

/** How much of a rule's condition would have to be otherwise for a record to match it; 0 if it matches. */
export function distanceTo(rule: Rule, record: FlatRecord): number {
  return (passesPrefilter(rule, record) ? 0 : PREFILTER_WEIGHT) + distance(rule.condition, record, true);
}

/** Returns the terms that prevent a match; of alternatives, those of the nearest one. */
export function wrongTerms(rule: Rule, record: FlatRecord): WrongTerm[] {
  const terms: WrongTerm[] = [];
  if (!passesPrefilter(rule, record)) {
    const types = rule.prefilter.map((type) => `'${printable(type)}'`).join(', ');
    terms.push({ text: `record type '${record.type}' is one of ${types}`, holds: false, place: rule.place });
  }
  collectWrong(rule.condition, record, true, terms);
  return terms;
}

/** Returns the filter that drops a record before rules are evaluated, if any. */
export function droppingFilter(policy: Policy, record: FlatRecord): Filter | undefined {
  return policy.filters.find((filter) => filter.enabled && evaluateCondition(filter.condition, record));
}

function passesPrefilter(rule: Rule, record: FlatRecord): boolean {
  return rule.prefilter.length === 0 || rule.prefilter.includes(record.type);
}

/** Returns the total weight of the terms to change so that a condition has the outcome `wanted`. */
function distance(node: ConditionNode, record: FlatRecord, wanted: boolean): number {
  switch (node.kind) {
    case 'test':
      return evaluateTest(node, record) === wanted ? 0 : weightOf(node, wanted);
    case 'const':
      return node.value === wanted ? 0 : NEVER;
    case 'macro':
      return distance(node.body, record, wanted);
    case 'not':
      return distance(node.item, record, !wanted);
    default: {
      if ((node.kind === 'and') === wanted) {
        let sum = 0;
        for (const item of node.items) sum += distance(item, record, wanted);
        return sum;
      }
      let least = NEVER;
      for (const item of node.items) {
        least = Math.min(least, distance(item, record, wanted));
        if (least === 0) break;
      }
      return least;
    }
  }
}

function weightOf({ left, operator }: TestNode, wanted: boolean): number {
  if (left.kind === 'field' && left.field.dependsOn === 'signature') return KIND_WEIGHT;
  return (operator === '!=') === wanted ? EXCLUSION_WEIGHT : VALUE_WEIGHT;
}

function collectWrong(node: ConditionNode, record: FlatRecord, wanted: boolean, terms: WrongTerm[]): void {
  switch (node.kind) {
    case 'test':
      if (evaluateTest(node, record) !== wanted) {
        terms.push({ text: describeTest(node, record), holds: !wanted, place: node.place });
      }
      break;
    case 'const':
      if (node.value !== wanted) {
        terms.push({ text: printable(node.reason ?? String(node.value)), holds: node.value, place: node.place });
      }
      break;
    case 'macro':
      collectWrong(node.body, record, wanted, terms);
      break;
    case 'not':
      collectWrong(node.item, record, !wanted, terms);
      break;
    default:
      if ((node.kind === 'and') === wanted) for (const item of node.items) collectWrong(item, record, wanted, terms);
      else collectNearest(node.items, record, wanted, terms);
  }
}

/** Of alternatives, the terms of the first one that is nearest; none if one is as wanted. */
function collectNearest(
  items: readonly ConditionNode[],
  record: FlatRecord,
  wanted: boolean,
  terms: WrongTerm[],
): void {
  let nearest: ConditionNode | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const item of items) {
    const away = distance(item, record, wanted);
    if (away < least) [nearest, least] = [item, away];
  }
  if (nearest !== null && least > 0) collectWrong(nearest, record, wanted, terms);
}

/** A record that nearly matches a rule. */
export interface NearMiss<T> {
  readonly distance: number;
  readonly terms: readonly WrongTerm[];
  /** The kept form of the record. */
  readonly kept: T;
}

/**
 * Collects the records nearest to a rule, up to a limit; of records with the same wrong terms, only the first.
 *
 * Records are views of batches that are reused, so `keep` copies what is needed when a record is added.
 */
export class NearestMisses<T> {
  readonly rule: Rule;
  readonly #size: number;
  readonly #keep: (record: FlatRecord) => T;
  readonly #drop: (kept: T) => void;
  readonly #misses: (NearMiss<T> & { readonly reasons: string })[] = [];

  /** @param drop called with the stored form of a record that is no longer among the nearest */
  constructor(rule: Rule, size: number, keep: (record: FlatRecord) => T, drop: (kept: T) => void = () => {}) {
    this.rule = rule;
    this.#size = size;
    this.#keep = keep;
    this.#drop = drop;
  }

  /** Adds a record that does not match the rule. */
  add(record: FlatRecord): void {
    const away = distanceTo(this.rule, record);
    const misses = this.#misses;
    if (away === 0 || (misses.length >= this.#size && away >= (misses.at(-1)?.distance ?? 0))) return;
    const terms = wrongTerms(this.rule, record);
    const reasons = terms.map(({ text }) => text).join('\n');
    if (misses.some((miss) => miss.reasons === reasons)) return;
    let at = misses.length;
    while (at > 0 && misses[at - 1]!.distance > away) at--;
    misses.splice(at, 0, { distance: away, terms, kept: this.#keep(record), reasons });
    if (misses.length > this.#size) this.#drop(misses.pop()!.kept);
  }

  /** Returns the misses, nearest first. */
  get list(): readonly NearMiss<T>[] {
    return this.#misses;
  }
}
