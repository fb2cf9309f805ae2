import { countBySeverity } from '../diagnostics/diagnostic.js';
import { nodeFileSystem } from '../policy/files/node-file-system.js';
import { loadPolicies } from '../policy/load-policies.js';
import type { Policy } from '../policy/model/policy.js';
import { counted } from '../telemetry/counted.js';
import type { CommandIo } from './command-io.js';

/** Rules for a command. */
export interface CommandPolicy {
  readonly policy: Policy;
  /** Whether there are errors; valid rules still run. */
  readonly hasErrors: boolean;
}

/** Loads policies and prints errors. Prints only the number of warnings; `validate` lists them. */
export async function loadCommandPolicy(paths: readonly string[], io: CommandIo): Promise<CommandPolicy> {
  const { policy, all, diagnostics } = await loadPolicies(paths, nodeFileSystem);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  for (const error of errors) io.report(error);
  const warnings = countBySeverity(all).warning;
  if (warnings > 0) {
    io.err(`${counted(warnings, 'warning')} in the rules: see sfprocessor validate\n`);
  }
  if (policy.rules.length === 0 && errors.length === 0) {
    io.err(`no rules in ${paths.join(', ')}\n`);
  }
  return { policy, hasErrors: errors.length > 0 };
}
