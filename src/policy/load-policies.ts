/** Loads policies in any rule language, from paths or texts, into the model. */
import { type Diagnostic, Diagnostics, type SourceText } from '../diagnostics/diagnostic.js';
import { limitDiagnostics } from './files/limit-diagnostics.js';
import { type PolicyFileSystem, readPolicyFiles } from './files/policy-files.js';
import type { LoadedRules, LoadOptions, RuleLanguage, UnresolvedCounts } from './languages/language.js';
import { LANGUAGES } from './languages/table.js';
import type { Filter, Policy, Rule } from './model/policy.js';

export interface LoadedPolicies {
  /** The rules and filters that are well-formed, in load order. */
  readonly policy: Policy;
  /** The diagnostics to show, sorted, with a limited number per file. */
  readonly diagnostics: readonly Diagnostic[];
  /** All diagnostics, for totals. */
  readonly all: readonly Diagnostic[];
  /** Counts of rules and terms that cannot work. */
  readonly unresolved: UnresolvedCounts;
  /** The files, in load order. */
  readonly sources: readonly SourceText[];
  /** Number of macros and lists that the files define. */
  readonly macros: number;
  readonly lists: number;
}

/**
 * Loads the policies under some paths, files or folders. Never throws; a file that cannot be read is reported as an
 * error.
 *
 * @param languages the rule languages to try; the last one claims every text
 */
export async function loadPolicies(
  paths: readonly string[],
  files: PolicyFileSystem,
  options: LoadOptions = {},
  languages: readonly RuleLanguage[] = LANGUAGES,
): Promise<LoadedPolicies> {
  const diagnostics = new Diagnostics();
  const sources = readPolicyFiles(paths, files, diagnostics, languages);
  return loadSources(sources, options, languages, diagnostics);
}

/** Like {@link loadPolicies}, from texts. */
export async function loadPolicyTexts(
  sources: readonly SourceText[],
  options: LoadOptions = {},
  languages: readonly RuleLanguage[] = LANGUAGES,
): Promise<LoadedPolicies> {
  return loadSources(sources, options, languages, new Diagnostics());
}

async function loadSources(
  sources: readonly SourceText[],
  options: LoadOptions,
  languages: readonly RuleLanguage[],
  diagnostics: Diagnostics,
): Promise<LoadedPolicies> {
  const claimed = new Map<RuleLanguage, SourceText[]>();
  for (const source of sources) {
    const language = languages.find((one) => one.claims(source))!;
    const others = claimed.get(language);
    if (others === undefined) claimed.set(language, [source]);
    else others.push(source);
  }
  const loaded: LoadedRules[] = [];
  const loadSysflow: LoadOptions['loadSysflow'] = (texts) => languages.at(-1)!.load(texts, options);
  for (const [language, texts] of claimed) loaded.push(await language.load(texts, { ...options, loadSysflow }));
  const found = [...diagnostics.items, ...loaded.flatMap((rules) => rules.diagnostics)];
  return {
    policy: inLoadOrder(
      loaded.map(({ policy }) => policy),
      sources,
    ),
    diagnostics: limitDiagnostics(found, sources),
    all: found,
    unresolved: {
      rules: loaded.reduce((sum, { unresolved }) => sum + unresolved.rules, 0),
      terms: loaded.reduce((sum, { unresolved }) => sum + unresolved.terms, 0),
    },
    sources,
    macros: loaded.reduce((sum, { macros }) => sum + macros, 0),
    lists: loaded.reduce((sum, { lists }) => sum + lists, 0),
  };
}

/** Merges the rules and filters of several languages into one policy, in the order of their files. */
function inLoadOrder(policies: readonly Policy[], sources: readonly SourceText[]): Policy {
  if (policies.length === 1) return policies[0]!;
  const numbers = new Map(sources.map((source, i) => [source, i]));
  const byFile = (a: Rule | Filter, b: Rule | Filter): number =>
    (numbers.get(a.place.source) ?? 0) - (numbers.get(b.place.source) ?? 0);
  return {
    rules: policies.flatMap(({ rules }) => rules).sort(byFile),
    filters: policies.flatMap(({ filters }) => filters).sort(byFile),
  };
}
