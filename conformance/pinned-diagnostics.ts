import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Diagnostic } from '../src/diagnostics/diagnostic.js';
import { nodeFileSystem } from '../src/policy/files/node-file-system.js';
import { loadPolicies } from '../src/policy/load-policies.js';
import type { Outcome } from './check.js';

/** Expected results of loading a policy of the original: number of rules, and of diagnostics by severity and code. */
interface PinnedPolicy {
  /** Path in `policies/`. */
  readonly path: string;
  readonly rules: number;
  readonly diagnostics: string;
}

/** Each of these diagnostics was reviewed once: it is correct and helpful. */
export const PINNED_POLICIES: readonly PinnedPolicy[] = [
  { path: 'distribution/filter.yaml', rules: 21, diagnostics: '' },
  { path: 'runtimeintegrity/globals.yaml', rules: 0, diagnostics: '' },
  { path: 'runtimeintegrity/path.yaml', rules: 1, diagnostics: '' },
  {
    path: 'runtimeintegrity/runtimeintegrity.yaml',
    rules: 26,
    diagnostics:
      'error type-mismatch 1, error unknown-attribute 2, note not-yaml 1, warning attribute-alias 5, warning duplicate-name 1, warning never-true 5, warning suspicious-literal 9, warning unused-definition 35',
  },
  {
    path: 'runtimeintegrity/ttps.yaml',
    rules: 52,
    diagnostics:
      'error type-mismatch 1, error unknown-attribute 8, note not-yaml 1, warning attribute-alias 5, warning never-true 2, warning suspicious-literal 12, warning unused-definition 36',
  },
  {
    path: 'runtimeintegrity',
    rules: 79,
    diagnostics:
      'error type-mismatch 2, error unknown-attribute 10, note duplicate-name 1, note not-yaml 2, warning attribute-alias 10, warning duplicate-name 25, warning never-true 6, warning suspicious-literal 22, warning unused-definition 71',
  },
  {
    path: 'tests/falco.yaml',
    rules: 61,
    diagnostics:
      'error unknown-attribute 29, note suspicious-literal 15, warning never-true 38, warning suspicious-literal 59, warning unsupported-event 8, warning unused-definition 20',
  },
  { path: 'tests/unit_test_contains.yaml', rules: 2, diagnostics: '' },
  { path: 'tests/unit_test_eq.yaml', rules: 1, diagnostics: '' },
  { path: 'tests/unit_test_fileflow.yaml', rules: 1, diagnostics: 'note not-yaml 1, warning attribute-alias 1' },
  { path: 'tests/unit_test_ge.yaml', rules: 1, diagnostics: '' },
  { path: 'tests/unit_test_gt.yaml', rules: 1, diagnostics: '' },
  { path: 'tests/unit_test_in.yaml', rules: 1, diagnostics: '' },
  { path: 'tests/unit_test_le.yaml', rules: 1, diagnostics: '' },
  { path: 'tests/unit_test_logic.yaml', rules: 2, diagnostics: 'note not-yaml 1' },
  { path: 'tests/unit_test_lt.yaml', rules: 1, diagnostics: '' },
  { path: 'tests/unit_test_macro.yaml', rules: 1, diagnostics: 'error unknown-attribute 1, warning never-true 1' },
  { path: 'tests/unit_test_networkflow.yaml', rules: 1, diagnostics: 'note not-yaml 1' },
  { path: 'tests/unit_test_pmatch.yaml', rules: 1, diagnostics: '' },
  { path: 'tests/unit_test_sfmap.yaml', rules: 1, diagnostics: '' },
  { path: 'tests/unit_test_simple.yaml', rules: 6, diagnostics: 'note not-yaml 1' },
  { path: 'tests/unit_test_startswith.yaml', rules: 1, diagnostics: '' },
  { path: 'tests/unit_test_unary.yaml', rules: 1, diagnostics: '' },
  { path: 'probes/probes-a.yaml', rules: 158, diagnostics: 'warning always-true 1, warning never-true 1' },
  { path: 'probes/probes-b.yaml', rules: 159, diagnostics: 'warning always-true 1, warning suspicious-literal 2' },
];

/** Returns the pinned policies that exist. */
export function pinnedPolicies(folder: string): readonly PinnedPolicy[] {
  return PINNED_POLICIES.filter(({ path }) => existsSync(join(folder, 'policies', path)));
}

/** Loads a policy and compares its diagnostics with the pinned ones. */
export async function checkPinnedPolicy(folder: string, pinned: PinnedPolicy): Promise<Outcome> {
  const { path } = pinned;
  const loaded = await loadPolicies([join(folder, 'policies', path)], nodeFileSystem, { analyze: true });
  const rules = loaded.policy.rules.length;
  const diagnostics = tally(loaded.diagnostics);
  const failures: string[] = [];
  if (rules !== pinned.rules) failures.push(`${path}: ${rules} rules load, and ${pinned.rules} did`);
  if (diagnostics !== pinned.diagnostics) {
    failures.push(`${path}: the diagnostics are '${diagnostics}', and were '${pinned.diagnostics}'`);
  }
  const failure = failures.length === 0 ? null : failures.join('\n');
  return { trace: path, name: 'diagnostics', policy: null, skipped: null, failure, lines: 0, differences: [] };
}

/** Formats `SEVERITY CODE COUNT, …`, sorted by name. */
function tally(diagnostics: readonly Diagnostic[]): string {
  const counts = new Map<string, number>();
  for (const { severity, code } of diagnostics) {
    const key = `${severity} ${code}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts]
    .map(([key, count]) => `${key} ${count}`)
    .sort()
    .join(', ');
}
