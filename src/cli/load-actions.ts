import { Diagnostics } from '../diagnostics/diagnostic.js';
import { formatDiagnostic } from '../diagnostics/format.js';
import type { Action } from '../policy/actions/action.js';
import { checkActions } from '../policy/actions/check-actions.js';
import { loadActions } from '../policy/actions/load-actions.js';
import type { Policy } from '../policy/model/policy.js';
import type { CommandIo } from './command.js';

/** The actions a command works with. */
export interface CommandActions {
  readonly actions: ReadonlyMap<string, Action>;
  /** Whether one of them is wrong; the others run all the same. */
  readonly hasErrors: boolean;
}

/** Loads the actions of a folder and prints what is wrong with them, and which ones rules name that are not there. */
export async function loadCommandActions(policy: Policy, folder: string, io: CommandIo): Promise<CommandActions> {
  const diagnostics = new Diagnostics();
  const actions = await loadActions(folder, diagnostics);
  checkActions(policy, actions, diagnostics);
  for (const item of diagnostics.items) {
    io.err(`${formatDiagnostic(item, { color: io.color, excerpt: io.color })}\n`);
  }
  return { actions, hasErrors: diagnostics.hasErrors };
}
