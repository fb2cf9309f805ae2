import { countBySeverity } from '../diagnostics/diagnostic.js';
import { nodeFileSystem } from '../policy/files/node-file-system.js';
import { loadPolicies } from '../policy/load-policies.js';
import type { Policy } from '../policy/model/policy.js';
import { counted } from '../telemetry/counted.js';
import type { CommandIo } from './command-io.js';

/** The rules a command works with. */
export interface CommandPolicy {
  readonly policy: Policy;
  /** Whether something in them is wrong; what loads runs all the same. */
  readonly hasErrors: boolean;
}

/** Loads policies and prints what is wrong in them; of warnings, which `validate` shows, only how many there are. */
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
