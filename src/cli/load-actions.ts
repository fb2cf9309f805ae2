import { Diagnostics } from '../diagnostics/diagnostic.js';
import type { Action } from '../policy/actions/action.js';
import { actionsOf } from '../policy/actions/actions-of.js';
import type { Policy } from '../policy/model/policy.js';
import type { CommandIo } from './command-io.js';

/** The actions a command works with. */
export interface CommandActions {
  readonly actions: ReadonlyMap<string, Action>;
  /** Whether one of them is wrong; the others run all the same. */
  readonly hasErrors: boolean;
}

/** Loads the actions that rules may name, and prints what is wrong with them; see `actionsOf`. */
export async function loadCommandActions(policy: Policy, folder: string, io: CommandIo): Promise<CommandActions> {
  const diagnostics = new Diagnostics();
  const actions = await actionsOf(policy, folder, diagnostics);
  for (const item of diagnostics.items) io.report(item);
  return { actions, hasErrors: diagnostics.hasErrors };
}
