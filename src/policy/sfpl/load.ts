/** Loading policies: from paths to the model, with everything that is wrong on the way. */
import { type Diagnostic, Diagnostics, type SourceText } from '../../diagnostics/diagnostic.js';
import type { ConditionNode, Filter, Policy, Rule } from '../model/policy.js';
import { collectItems, emptyDefinitions } from './collect.js';
import { type ConditionPiece, parseConditionPieces } from './condition-parser.js';
import type { Definitions, RuleDefinition } from './definitions.js';
import { type PolicyFileSystem, readPolicyFiles } from './policy-files.js';
import { ConditionReport } from './report.js';
import { ConditionResolver } from './resolve.js';
import type { ConditionSyntax } from './syntax.js';
import { readYaml, type YamlLibrary } from './yaml-reader.js';

export interface LoadedPolicies {
  /** The rules and filters that are well-formed, in load order. */
  readonly policy: Policy;
  readonly diagnostics: readonly Diagnostic[];
  /** The files, in load order. */
  readonly sources: readonly SourceText[];
}

/** Loads the policies under some paths, files or folders. Never throws; what can't be read is an error among the rest. */
export async function loadPolicies(paths: readonly string[], files: PolicyFileSystem): Promise<LoadedPolicies> {
  const diagnostics = new Diagnostics();
  const sources = readPolicyFiles(paths, files, diagnostics);
  return compile(sources, diagnostics, await import('yaml'));
}

/** Loads policies from texts. */
export async function loadPolicyTexts(sources: readonly SourceText[]): Promise<LoadedPolicies> {
  return compile(sources, new Diagnostics(), await import('yaml'));
}

function compile(sources: readonly SourceText[], diagnostics: Diagnostics, yaml: YamlLibrary): LoadedPolicies {
  const definitions = emptyDefinitions();
  for (const [file, source] of sources.entries()) {
    const result = readYaml(yaml, source);
    if (result.document === null) {
      diagnostics.error('yaml-syntax', result.problem.message, source, result.problem.range);
      continue;
    }
    for (const stray of result.document.strays) {
      const message = 'a rule, filter, macro or list is expected here; this is left out';
      diagnostics.error('unknown-item', message, source, stray);
    }
    collectItems(result.document.items, file, definitions, diagnostics);
  }
  parseConditions(definitions, diagnostics);
  const policy = resolveAll(definitions, diagnostics);
  return { policy, diagnostics: inOrder(diagnostics.items, sources), sources };
}

function parseConditions(definitions: Definitions, diagnostics: Diagnostics): void {
  const labels = {
    rule: 'the rule is',
    filter: 'the filter is',
    macro: 'terms with the macro are never true and it is',
  };
  for (const definition of [...definitions.macros.all(), ...definitions.filters, ...definitions.rules]) {
    definition.syntax = parse(definition.pieces, `${labels[definition.kind]} left out`, diagnostics);
  }
}

function parse(pieces: readonly ConditionPiece[], effect: string, diagnostics: Diagnostics): ConditionSyntax | null {
  const { condition, problem } = parseConditionPieces(pieces);
  if (problem !== null) {
    diagnostics.error('policy-syntax', `${problem.message}; ${effect}`, problem.source, problem.range, problem.hint);
  }
  return condition;
}

function resolveAll(definitions: Definitions, diagnostics: Diagnostics): Policy {
  const report = new ConditionReport(diagnostics);
  const resolver = new ConditionResolver(definitions, report);
  const filters: Filter[] = [];
  for (const { name, enabled, place, syntax, file } of definitions.filters) {
    if (syntax !== null) filters.push({ name, enabled, place, condition: resolver.resolve(syntax, file) });
  }
  const rules: Rule[] = [];
  for (const definition of definitions.rules) {
    if (definition.syntax === null) continue;
    const condition = resolver.resolve(definition.syntax, definition.file);
    rules.push(ruleOf(definition, condition));
  }
  return { rules, filters };
}

function ruleOf(definition: RuleDefinition, condition: ConditionNode): Rule {
  const { name, description, priority, severity, tags, prefilter, enabled, actions, output, place } = definition;
  return { name, description, condition, priority, severity, tags, prefilter, enabled, actions, output, place };
}

/** Diagnostics by file in load order and by place; those of no text first. */
function inOrder(diagnostics: readonly Diagnostic[], sources: readonly SourceText[]): Diagnostic[] {
  const numbers = new Map(sources.map((source, i) => [source, i]));
  const file = ({ source }: Diagnostic): number => (source === null ? -1 : (numbers.get(source) ?? -1));
  return diagnostics.toSorted((a, b) => file(a) - file(b) || (a.range?.start ?? -1) - (b.range?.start ?? -1));
}
