import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Diagnostics } from '../../diagnostics/diagnostic.js';
import type { Action } from './action.js';

/**
 * Loads all actions of a folder, its `.mjs` and `.js` files in name order. A folder that does not exist has none.
 *
 * What cannot be loaded is reported and left out. Of two actions with one name the later counts.
 */
export async function loadActions(directory: string, diagnostics: Diagnostics): Promise<ReadonlyMap<string, Action>> {
  const actions = new Map<string, Action>();
  for (const file of await moduleFiles(directory, diagnostics)) {
    const action = await loadAction(file, diagnostics);
    if (action === null) continue;
    if (actions.has(action.name)) {
      diagnostics.warning('duplicate-name', `action '${action.name}' is defined again in ${file}`, null, null);
    }
    actions.set(action.name, action);
  }
  return actions;
}

async function moduleFiles(directory: string, diagnostics: Diagnostics): Promise<string[]> {
  try {
    const names = await readdir(directory);
    return names
      .filter((name) => /\.m?js$/.test(name))
      .sort()
      .map((name) => join(directory, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      diagnostics.error('file-unreadable', `cannot read the folder of actions: ${messageOf(error)}`, null, null);
    }
    return [];
  }
}

async function loadAction(file: string, diagnostics: Diagnostics): Promise<Action | null> {
  let exported: unknown;
  try {
    const module = (await import(pathToFileURL(resolve(file)).href)) as { default?: unknown };
    exported = module.default;
  } catch (error) {
    diagnostics.error('invalid-action', `cannot load the action ${file}: ${messageOf(error)}`, null, null);
    return null;
  }
  if (isAction(exported)) return exported;
  const expected = 'an object with a name and a function run(record, rule, context)';
  diagnostics.error('invalid-action', `the default export of ${file} is not ${expected}`, null, null);
  return null;
}

function isAction(value: unknown): value is Action {
  if (typeof value !== 'object' || value === null) return false;
  const { name, run } = value as Partial<Action>;
  return typeof name === 'string' && name !== '' && typeof run === 'function';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
