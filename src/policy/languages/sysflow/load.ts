/** Loading policies: from texts to the model, with everything that is wrong on the way. */
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

/** Loads texts in the dialect; see `RuleLanguage.load`. */
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

/** The items of a file: of its YAML, or where it is none, as the original's grammar has them. */
async function readItems(source: SourceText, diagnostics: Diagnostics): Promise<readonly RawItem[]> {
  const tolerant = readTolerantly(source);
  const verdict = judgePlainYaml(source, tolerant);
  if (verdict.kind === 'yaml') return verdict.items;
  if (verdict.kind === 'not-yaml') return takeTolerant(source, tolerant, verdict, diagnostics);
  const { document, problem } = readYaml(await import('yaml'), source);
  if (document === null) return takeTolerant(source, tolerant, problem, diagnostics);
  for (const stray of document.strays) {
    const message = 'a rule, filter, macro or list is expected here; this is left out';
    diagnostics.error('unknown-item', message, source, stray);
  }
  if (document.items.length === 0 && document.strays.length === 0) reportEmpty(source, diagnostics);
  return document.items;
}

/** Reports a file that is YAML and holds nothing; blanks and comments alone are fine. */
function reportEmpty(source: SourceText, diagnostics: Diagnostics): void {
  const lines = source.text.split('\n');
  const index = lines.findIndex((line) => !/^\s*(#|$)/.test(line));
  if (index === -1) return;
  const before = lines.slice(0, index).reduce((sum, line) => sum + line.length + 1, 0);
  const first = before + lines[index]!.search(/\S/);
  const range = { start: first, end: first + 1 };
  diagnostics.warning('unknown-item', 'no rule, filter, macro or list is in this file', source, range);
}

function takeTolerant(
  source: SourceText,
  { items, strays }: TolerantDocument,
  problem: YamlProblem,
  diagnostics: Diagnostics,
): readonly RawItem[] {
  if (items.length === 0) {
    const message = `this is no YAML (${problem.message}), and no rule, filter, macro or list is in it`;
    diagnostics.error('yaml-syntax', message, source, problem.range);
    return items;
  }
  const message = `this is no YAML (${problem.message}); the file is read with the original grammar`;
  diagnostics.note('not-yaml', message, source, problem.range);
  for (const stray of strays) diagnostics.error('policy-syntax', stray.message, source, stray.range);
  return items;
}

/** Parses a condition; where it is not well-formed, reports that and what comes of it, and gives null. */
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
 * Parses and resolves one condition after the other, so that of what was parsed only macros stay.
 *
 * @returns the policy, and how many rules are left out of it since their conditions are not well-formed
 */
function resolveAll(
  definitions: Definitions,
  resolver: ConditionResolver,
  report: ConditionReport,
): Policy & { readonly leftOut: number } {
  for (const macro of definitions.macros.all()) {
    macro.syntax = parse(macro, 'terms with the macro are never true and it is left out', definitions, report);
  }
  const filters: Filter[] = [];
  for (const filter of definitions.filters) {
    const syntax = parse(filter, 'the filter is left out', definitions, report);
    const { name, enabled, place, file } = filter;
    if (syntax !== null) filters.push({ name, enabled, place, condition: resolver.resolve(syntax, file) });
  }
  const rules: Rule[] = [];
  const inForce = new Set<RuleDefinition>();
  let leftOut = 0;
  for (const rule of definitions.rules) {
    const syntax = parse(rule, 'the rule is left out', definitions, report);
    if (syntax === null) {
      leftOut++;
      continue;
    }
    const { file, skipIfUnknown } = rule;
    const resolve = (): ConditionNode => resolver.resolve(syntax, file);
    const condition = skipIfUnknown ? report.leniently(resolve) : resolve();
    if (skipIfUnknown && hasUnknownAttribute(condition)) continue;
    rules.push(ruleOf(rule, condition));
    if (rule.enabled) inForce.add(rule);
  }
  reportRepeatedRules(definitions.rules, inForce, report);
  return { rules, filters, leftOut };
}

/**
 * Reports rules of a name that another rule has.
 *
 * @param inForce those that are well-formed and enabled
 */
function reportRepeatedRules(
  rules: readonly RuleDefinition[],
  inForce: ReadonlySet<RuleDefinition>,
  report: ConditionReport,
): void {
  const byName = new Map<string, RuleDefinition>();
  for (const rule of rules) {
    const { name, place } = rule;
    const earlier = byName.get(name);
    const fires = inForce.has(rule);
    // Of several rules before, the last one that fires counts.
    if (earlier === undefined || fires || !inForce.has(earlier)) byName.set(name, rule);
    if (earlier === undefined) continue;
    const { path } = earlier.place.source;
    const where = earlier.file === rule.file ? 'is defined twice in this file' : `is also defined in ${path}`;
    report.warning('duplicate-name', `rule '${name}' ${where}; ${whichFire(inForce.has(earlier), fires)}`, place);
  }
}

function whichFire(earlier: boolean, later: boolean): string {
  if (earlier && later) return 'both fire';
  if (later) return 'only this one fires';
  return earlier ? 'only the earlier one fires' : 'neither fires';
}

/** Resolves what no rule and no filter uses, and what is well-formed of the rest, for its problems. */
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
