/** Loading policies, whatever language they are written in: from paths or texts to the model. */
import { type Diagnostic, Diagnostics, type SourceText } from '../diagnostics/diagnostic.js';
import { type PolicyFileSystem, readPolicyFiles } from './files/policy-files.js';
import { tidyDiagnostics } from './files/tidy.js';
import type { BrokenParts, LoadedRules, LoadOptions, RuleLanguage } from './languages/language.js';
import { LANGUAGES } from './languages/table.js';
import type { Filter, Policy, Rule } from './model/policy.js';

export interface LoadedPolicies {
  /** The rules and filters that are well-formed, in load order. */
  readonly policy: Policy;
  /** What people are shown: of one file no more than they read, in order. */
  readonly diagnostics: readonly Diagnostic[];
  /** All that was found, for totals. */
  readonly all: readonly Diagnostic[];
  /** What cannot work. */
  readonly broken: BrokenParts;
  /** The files, in load order. */
  readonly sources: readonly SourceText[];
  /** How many macros and lists the files define. */
  readonly macros: number;
  readonly lists: number;
}

/**
 * Loads the policies under some paths, files or folders. Never throws; what can't be read is an error among the rest.
 *
 * @param languages the languages that they may be written in; the last one claims every text
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
    diagnostics: tidyDiagnostics(found, sources),
    all: found,
    broken: {
      rules: loaded.reduce((sum, { broken }) => sum + broken.rules, 0),
      terms: loaded.reduce((sum, { broken }) => sum + broken.terms, 0),
    },
    sources,
    macros: loaded.reduce((sum, { macros }) => sum + macros, 0),
    lists: loaded.reduce((sum, { lists }) => sum + lists, 0),
  };
}

/** The rules and filters of several languages as one policy, in the order of their files. */
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
