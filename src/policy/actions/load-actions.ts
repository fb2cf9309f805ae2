import { ComponentTable } from '../../components/component-table.js';
import { loadPlugins } from '../../components/plugins/load-plugins.js';
import type { Diagnostics } from '../../diagnostics/diagnostic.js';
import type { ActionComponent } from './action.js';

/**
 * Loads the actions of a folder, and adds those that the program has besides: of two with one name that of the folder counts.
 *
 * @param diagnostics gets what is wrong with those of the folder
 */
export async function loadActions(
  folder: string,
  diagnostics: Diagnostics,
  others: readonly ActionComponent[] = [],
): Promise<ReadonlyMap<string, ActionComponent>> {
  const options = { builtIn: new ComponentTable([], []), kind: 'action' } as const;
  const plugins = await loadPlugins({ folders: [folder] }, options, diagnostics);
  const own = plugins.map(({ component }) => component as ActionComponent);
  for (const { component, file } of plugins) {
    if (!others.some(({ name }) => name === component.name)) continue;
    const message = `action '${component.name}' is also among the other plugins; this one is used`;
    diagnostics.warning('duplicate-name', message, { path: file, text: '' }, null);
  }
  return new Map([...others, ...own].map((action) => [action.name, action]));
}
