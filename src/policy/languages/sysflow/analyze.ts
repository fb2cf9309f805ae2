/** Finds what is well-formed and hardly meant: rules that never or always fire, definitions that nothing uses. */
import type { RecordKind } from '../../../sysflow/record-types.js';
import { RECORD_TYPE_CODES } from '../../../sysflow/record-types.js';
import type { ConditionNode, Filter, Place, Rule } from '../../model/policy.js';
import type { Definitions } from './definitions.js';
import { RULE_KINDS } from './record-values.js';
import type { ConditionReport } from './report.js';
import type { ConditionResolver } from './resolve.js';
import { SatisfiabilityChecker } from './satisfiability.js';

/** Reports rules and filters that no record or every record matches. */
export function reportConstantRules(rules: readonly Rule[], filters: readonly Filter[], report: ConditionReport): void {
  const checker = new SatisfiabilityChecker();
  for (const filter of filters) {
    if (!filter.enabled) continue;
    const { name, condition, place } = filter;
    const verdict = judge(condition, RULE_KINDS, checker);
    if (verdict === true) report.warning('always-true', `filter '${name}' drops every record`, place);
    else if (verdict !== undefined)
      report.warning('never-true', `filter '${name}' drops nothing: ${verdict.why}`, verdict.place);
  }
  for (const rule of rules) {
    if (rule.enabled) reportRule(rule, checker, report);
  }
}

function reportRule(
  { name, condition, prefilter, place }: Rule,
  checker: SatisfiabilityChecker,
  report: ConditionReport,
): void {
  const kinds = RULE_KINDS.filter((kind) => prefilter.length === 0 || prefilter.includes(RECORD_TYPE_CODES[kind]!));
  // A prefilter without a type that records have is reported where it stands.
  if (kinds.length === 0) return;
  const verdict = judge(condition, kinds, checker);
  const records = prefilter.length === 0 ? '' : ` of type ${prefilter.join(', ')}`;
  if (verdict === true) report.warning('always-true', `rule '${name}' fires on every record${records}`, place);
  else if (verdict !== undefined) {
    const where = prefilter.length === 0 ? '' : ` on records${records}`;
    report.warning('never-true', `rule '${name}' can never fire${where}: ${verdict.why}`, verdict.place);
  }
}

interface NeverTrue {
  readonly why: string;
  readonly place: Place;
}

/** True where the condition always holds, why where it never does, else undefined. */
function judge(
  condition: ConditionNode,
  kinds: readonly RecordKind[],
  checker: SatisfiabilityChecker,
): true | NeverTrue | undefined {
  const values = kinds.map((kind) => checker.constantValue(condition, kind));
  if (values.every((value) => value === true)) return true;
  return values.every((value) => value === false) ? explain(condition, kinds, checker) : undefined;
}

/** Which part of a condition makes it never hold. */
function explain(condition: ConditionNode, kinds: readonly RecordKind[], checker: SatisfiabilityChecker): NeverTrue {
  const { place } = condition;
  if (condition.kind === 'const') return { why: condition.reason ?? 'it is constant', place };
  const items = condition.kind === 'and' ? condition.items : [];
  const never = items.find((item) => kinds.every((kind) => checker.constantValue(item, kind) === false));
  if (never !== undefined) {
    const inner = explain(never, kinds, checker);
    // The place stays in the rule itself; a macro may stand in another file.
    return { why: inner.why, place: never.place };
  }
  if (condition.kind === 'macro') return { why: explain(condition.body, kinds, checker).why, place };
  if (items.length === 0) return { why: `'${excerpt(place)}' is never true`, place };
  const separately = kinds.every((kind) => items.some((item) => checker.constantValue(item, kind) === false));
  const why = separately ? 'on each type of record one of its terms is never true' : 'its terms contradict each other';
  return { why, place };
}

/** The text of a place on one line, shortened. */
function excerpt({ source, range }: Place): string {
  const text = source.text.slice(range.start, range.end).replace(/\s+/g, ' ');
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** What may be names in a condition. */
const WORDS = /[^\s()[\]"'=<>,!]+/g;

/** Reports macros and lists that no rule, filter, macro or list uses, not even one that is not well-formed. */
export function reportUnused(definitions: Definitions, resolver: ConditionResolver, report: ConditionReport): void {
  const written = new Set(
    definitions.unparseable.flatMap(({ pieces }) => pieces.flatMap(({ scalar }) => scalar.text.match(WORDS) ?? [])),
  );
  for (const table of [definitions.macros, definitions.lists]) {
    for (const definition of table.all()) {
      const { kind, name, file, place } = definition;
      // What a later definition in the same file replaces is reported as defined twice.
      if (table.find(name, file) !== definition || resolver.isUsed(definition) || written.has(name)) continue;
      report.warning('unused-definition', `nothing uses the ${kind} '${name}'`, place);
    }
  }
}
