import { reasonOf } from '../../components/plugins/plugin.js';
import type { SourceText } from '../../diagnostics/diagnostic.js';
import type { LoadedRules, RuleLanguage } from '../../policy/languages/language.js';
import { type Guard, within } from './guard.js';

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
  { name, problems }: Guard,
): Promise<LoadedRules> {
  let failure = 'returned no rules';
  try {
    let loaded: LoadedRules | undefined;
    const loading = Promise.resolve(work()).then((value) => {
      loaded = value;
    });
    const { settle } = problems.limits;
    if (!(await within(loading, settle))) failure = `did not settle within ${settle / 1000} s`;
    else if (isLoaded(loaded)) return loaded;
  } catch (error) {
    failure = `failed: ${reasonOf(error)}`;
  }
  const message = `${name}: load ${failure}`;
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
