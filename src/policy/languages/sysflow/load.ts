/** Loads policies: converts texts to the model and reports all problems. */
import { Diagnostics, type SourceText } from '../../../diagnostics/diagnostic.js';
import type { ConditionNode, Filter, Policy, Rule } from '../../model/policy.js';
import type { LoadedRules, LoadOptions } from '../language.js';
import { collectItems, emptyDefinitions } from './collect.js';
import { type ConditionPiece, parseConditionPieces } from './condition-parser.js';
import type { Definitions, RuleDefinition } from './definitions.js';
import type { RawItem } from './document.js';
import { judgePlainYaml } from './plain-yaml.js';
import { ConditionReport } from './report.js';
import { ConditionResolver } from './resolve.js';
import { Suggester } from './suggester.js';
import type { ConditionSyntax } from './syntax.js';
import { readTolerantly, type TolerantDocument } from './tolerant-reader.js';
import { countUnresolved, hasUnknownAttribute } from './unresolved-terms.js';
import { readYaml, type YamlProblem } from './yaml-reader.js';

/** Loads texts in the SysFlow dialect; see `RuleLanguage.load`. */
export async function loadRules(sources: readonly SourceText[], options: LoadOptions): Promise<LoadedRules> {
  const diagnostics = new Diagnostics();
  const definitions = emptyDefinitions();
  const suggester = new Suggester();
  for (const [file, source] of sources.entries()) {
    collectItems(await readItems(source, diagnostics), file, definitions, diagnostics, suggester);
  }
  const report = new ConditionReport(diagnostics, suggester);
  const resolver = new ConditionResolver(definitions, report);
  const { leftOut, ...policy } = resolveAll(definitions, resolver, report);
  checkRest(definitions, resolver);
  if (options.analyze === true) {
    const { reportConstantRules, reportUnused } = await import('./analyze.js');
    reportConstantRules(policy.rules, policy.filters, report);
    reportUnused(definitions, resolver, report);
  }
  const { macros, lists } = definitions;
  const { rules, terms } = countUnresolved(policy);
  return {
    policy,
    diagnostics: diagnostics.items,
    unresolved: { rules: rules + leftOut, terms },
    macros: macros.size,
    lists: lists.size,
  };
}

/** Reads the items of a file as YAML or, if it is not valid YAML, by the original's grammar. */
async function readItems(source: SourceText, diagnostics: Diagnostics): Promise<readonly RawItem[]> {
  const tolerant = readTolerantly(source);
  const verdict = judgePlainYaml(source, tolerant);
  if (verdict.kind === 'yaml') return verdict.items;
  if (verdict.kind === 'not-yaml') return useTolerantResult(source, tolerant, verdict, diagnostics);
  const { document, problem } = readYaml(await import('yaml'), source);
  if (document === null) return useTolerantResult(source, tolerant, problem, diagnostics);
  for (const stray of document.strays) {
    const message = 'expected a rule, filter, macro or list; this is ignored';
    diagnostics.error('unknown-item', message, source, stray);
  }
  if (document.items.length === 0 && document.strays.length === 0) reportEmpty(source, diagnostics);
  return document.items;
}

/** Reports a valid YAML file without items. Files with only whitespace and comments are accepted. */
function reportEmpty(source: SourceText, diagnostics: Diagnostics): void {
  const lines = source.text.split('\n');
  const index = lines.findIndex((line) => !/^\s*(#|$)/.test(line));
  if (index === -1) return;
  const before = lines.slice(0, index).reduce((sum, line) => sum + line.length + 1, 0);
  const first = before + lines[index]!.search(/\S/);
  const range = { start: first, end: first + 1 };
  diagnostics.warning('unknown-item', 'this file contains no rule, filter, macro or list', source, range);
}

function useTolerantResult(
  source: SourceText,
  { items, strays }: TolerantDocument,
  problem: YamlProblem,
  diagnostics: Diagnostics,
): readonly RawItem[] {
  if (items.length === 0) {
    const message = `not valid YAML (${problem.message}), and it contains no rule, filter, macro or list`;
    diagnostics.error('yaml-syntax', message, source, problem.range);
    return items;
  }
  const message = `not valid YAML (${problem.message}); the file is read with the original's grammar`;
  diagnostics.note('not-yaml', message, source, problem.range);
  for (const stray of strays) diagnostics.error('policy-syntax', stray.message, source, stray.range);
  return items;
}

/** Parses a condition. If it is invalid, reports its errors and consequences and returns null. */
function parse(
  { pieces, file }: { readonly pieces: readonly ConditionPiece[]; readonly file: number },
  effect: string,
  { unparseable }: Definitions,
  report: ConditionReport,
): ConditionSyntax | null {
  const { condition, problems, warnings, notes } = parseConditionPieces(pieces);
  for (const warning of warnings) report.warning('comment-in-word', warning.message, warning, warning.hint);
  for (const note of notes) report.note('policy-syntax', note.message, note);
  if (problems.length === 0) return condition;
  for (const problem of problems) report.error('policy-syntax', `${problem.message}; ${effect}`, problem, problem.hint);
  unparseable.push({ pieces, condition, file });
  return null;
}

/**
 * Parses and resolves the conditions one by one, so that only the syntax trees of macros stay in memory.
 *
 * @returns the policy, and the number of rules left out because their conditions are invalid
 */
function resolveAll(
  definitions: Definitions,
  resolver: ConditionResolver,
  report: ConditionReport,
): Policy & { readonly leftOut: number } {
  for (const macro of definitions.macros.all()) {
    macro.syntax = parse(macro, 'the macro is ignored and terms that use it are never true', definitions, report);
  }
  const filters: Filter[] = [];
  for (const filter of definitions.filters) {
    const syntax = parse(filter, 'the filter is ignored', definitions, report);
    const { name, enabled, place, file } = filter;
    if (syntax !== null) filters.push({ name, enabled, place, condition: resolver.resolve(syntax, file) });
  }
  const rules: Rule[] = [];
  const effective = new Set<RuleDefinition>();
  let leftOut = 0;
  for (const rule of definitions.rules) {
    const syntax = parse(rule, 'the rule is ignored', definitions, report);
    if (syntax === null) {
      leftOut++;
      continue;
    }
    const { file, skipIfUnknown } = rule;
    const resolve = (): ConditionNode => resolver.resolve(syntax, file);
    const condition = skipIfUnknown ? report.leniently(resolve) : resolve();
    if (skipIfUnknown && hasUnknownAttribute(condition)) continue;
    rules.push(ruleOf(rule, condition));
    if (rule.enabled) effective.add(rule);
  }
  reportRepeatedRules(definitions.rules, effective, report);
  return { rules, filters, leftOut };
}

/**
 * Reports rules with the same name.
 *
 * @param effective the rules that are valid and enabled
 */
function reportRepeatedRules(
  rules: readonly RuleDefinition[],
  effective: ReadonlySet<RuleDefinition>,
  report: ConditionReport,
): void {
  const byName = new Map<string, RuleDefinition>();
  for (const rule of rules) {
    const { name, place } = rule;
    const earlier = byName.get(name);
    const fires = effective.has(rule);
    // Compare with the last one of the earlier rules that can fire.
    if (earlier === undefined || fires || !effective.has(earlier)) byName.set(name, rule);
    if (earlier === undefined) continue;
    const { path } = earlier.place.source;
    const where = earlier.file === rule.file ? 'is defined twice in this file' : `is also defined in ${path}`;
    report.warning('duplicate-name', `rule '${name}' ${where}; ${whichFire(effective.has(earlier), fires)}`, place);
  }
}

function whichFire(earlier: boolean, later: boolean): string {
  if (earlier && later) return 'both fire';
  if (later) return 'only this one fires';
  return earlier ? 'only the earlier one fires' : 'neither fires';
}

/** Resolves unused definitions and the valid parts of unparseable conditions, to report their problems. */
function checkRest(definitions: Definitions, resolver: ConditionResolver): void {
  for (const macro of definitions.macros.all()) {
    if (macro.syntax !== null && !resolver.isUsed(macro)) resolver.resolve(macro.syntax, macro.file);
  }
  for (const { condition, file } of definitions.unparseable) {
    if (condition !== null) resolver.resolve(condition, file);
  }
  for (const list of definitions.lists.all()) {
    if (!resolver.isUsed(list)) resolver.checkList(list);
  }
}

function ruleOf(definition: RuleDefinition, condition: ConditionNode): Rule {
  const { name, description, priority, severity, tags, prefilter, enabled, actions, output, place } = definition;
  return { name, description, condition, priority, severity, tags, prefilter, enabled, actions, output, place };
}
