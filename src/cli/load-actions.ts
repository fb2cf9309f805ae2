import { Diagnostics } from '../diagnostics/diagnostic.js';
import type { Action } from '../policy/actions/action.js';
import { actionsOf } from '../policy/actions/actions-of.js';
import type { Policy } from '../policy/model/policy.js';
import type { CommandIo } from './command-io.js';

/** Actions for a command. */
export interface CommandActions {
  readonly actions: ReadonlyMap<string, Action>;
  /** Whether an action has an error; the other actions still run. */
  readonly hasErrors: boolean;
}

/** Loads the actions that rules name and prints diagnostics; see `actionsOf`. */
export async function loadCommandActions(policy: Policy, folder: string, io: CommandIo): Promise<CommandActions> {
  const diagnostics = new Diagnostics();
  const actions = await actionsOf(policy, folder, diagnostics);
  for (const item of diagnostics.items) io.report(item);
  return { actions, hasErrors: diagnostics.hasErrors };
}
