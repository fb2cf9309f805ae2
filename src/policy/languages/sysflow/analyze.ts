/** Reports what is valid but probably a mistake: rules that never or always fire, and unused definitions. */
import type { RecordKind } from '../../../sysflow/record-types.js';
import { RECORD_TYPE_CODES } from '../../../sysflow/record-types.js';
import type { ConditionNode, Filter, Place, Rule } from '../../model/policy.js';
import type { Definitions } from './definitions.js';
import { RULE_KINDS } from './record-values.js';
import type { ConditionReport } from './report.js';
import type { ConditionResolver } from './resolve.js';
import { SatisfiabilityChecker } from './satisfiability.js';

/** Reports rules and filters that match no record or every record. */
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
  // A prefilter with unknown record types only is reported elsewhere.
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

/** Returns true if the condition always holds, the reason if it never holds, otherwise undefined. */
function judge(
  condition: ConditionNode,
  kinds: readonly RecordKind[],
  checker: SatisfiabilityChecker,
): true | NeverTrue | undefined {
  const values = kinds.map((kind) => checker.constantValue(condition, kind));
  if (values.every((value) => value === true)) return true;
  return values.every((value) => value === false) ? explain(condition, kinds, checker) : undefined;
}

/** Finds the part of a condition because of which it never holds. */
function explain(condition: ConditionNode, kinds: readonly RecordKind[], checker: SatisfiabilityChecker): NeverTrue {
  const { place } = condition;
  if (condition.kind === 'const') return { why: condition.reason ?? 'it is constant', place };
  const items = condition.kind === 'and' ? condition.items : [];
  const never = items.find((item) => kinds.every((kind) => checker.constantValue(item, kind) === false));
  if (never !== undefined) {
    const inner = explain(never, kinds, checker);
    // Use the position in the rule itself; the macro may be in another file.
    return { why: inner.why, place: never.place };
  }
  if (condition.kind === 'macro') return { why: explain(condition.body, kinds, checker).why, place };
  if (items.length === 0) return { why: `'${excerpt(place)}' is never true`, place };
  const separately = kinds.every((kind) => items.some((item) => checker.constantValue(item, kind) === false));
  const why = separately ? 'on each type of record one of its terms is never true' : 'its terms contradict each other';
  return { why, place };
}

/** Returns the text of a range on one line, shortened. */
function excerpt({ source, range }: Place): string {
  const text = source.text.slice(range.start, range.end).replace(/\s+/g, ' ');
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** Words of a condition that may be names. */
const WORDS = /[^\s()[\]"'=<>,!]+/g;

/** Reports macros and lists that no rule, filter, macro or list uses. Uses in unparseable conditions count as well. */
export function reportUnused(definitions: Definitions, resolver: ConditionResolver, report: ConditionReport): void {
  const written = new Set(
    definitions.unparseable.flatMap(({ pieces }) => pieces.flatMap(({ scalar }) => scalar.text.match(WORDS) ?? [])),
  );
  for (const table of [definitions.macros, definitions.lists]) {
    for (const definition of table.all()) {
      const { kind, name, file, place } = definition;
      // A definition that a later one in the same file replaces is reported as a duplicate.
      if (table.find(name, file) !== definition || resolver.isUsed(definition) || written.has(name)) continue;
      report.warning('unused-definition', `nothing uses the ${kind} '${name}'`, place);
    }
  }
}
