import type { SourceText } from '../../diagnostics/diagnostic.js';
import type { LoadedRules, RuleLanguage } from '../../policy/languages/language.js';
import type { Guard } from './guard.js';

/** Wraps a language plugin and catches its failures. */
export function isolateLanguage(plugin: RuleLanguage, guard: Guard): Partial<RuleLanguage> {
  return {
    claims: (source) => guard.call('claims', () => plugin.claims(source)) === true,
    load: (sources, options) => load(() => plugin.load(sources, options), sources, guard),
    describe: () => plugin.describe(),
  };
}

/** Loads texts. If that fails, they have no rules, and the first of them gets an error. */
async function load(
  work: () => Promise<LoadedRules>,
  sources: readonly SourceText[],
  guard: Guard,
): Promise<LoadedRules> {
  const result = await guard.attempt(work);
  if (result.problem === null && isLoaded(result.value)) return result.value;
  const message = `${guard.name}: load ${result.problem ?? 'returned no rules'}`;
  const problem = {
    code: 'invalid-plugin',
    severity: 'error',
    message,
    source: sources[0] ?? null,
    range: null,
  } as const;
  return {
    policy: { rules: [], filters: [] },
    diagnostics: [problem],
    unresolved: { rules: 0, terms: 0 },
    macros: 0,
    lists: 0,
  };
}

function isLoaded(value: LoadedRules | undefined): value is LoadedRules {
  const { policy, diagnostics, unresolved } = value ?? {};
  const hasRules = Array.isArray(policy?.rules) && Array.isArray(policy.filters);
  return hasRules && Array.isArray(diagnostics) && typeof unresolved === 'object' && unresolved !== null;
}
