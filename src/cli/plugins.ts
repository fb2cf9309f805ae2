import { existsSync } from 'node:fs';
import { BUILT_IN } from '../components/builtins.js';
import type { Plugin } from '../components/plugins/plugin.js';
import { pluginSettings } from '../config/plugin-settings.js';
import type { Diagnostics, SourceText } from '../diagnostics/diagnostic.js';
import { FLAGS } from './flags.js';
import { resourcePath } from './resources.js';
import { type RunRequest, textFlag } from './run-request.js';

/** The flags that name folders of plugins, and what the default ones are called beside the program. */
const FOLDERS = { driverdir: 'drivers', plugdir: 'plugins' } as const;

/**
 * Loads the plugins of `-driverdir` and `-plugdir`, and those that the pipeline file names. The loader itself is loaded only where
 * there is something to load.
 *
 * @param file the pipeline file; null where it cannot be read
 */
export async function loadRunPlugins(
  request: RunRequest,
  file: SourceText | null,
  diagnostics: Diagnostics,
): Promise<readonly Plugin[]> {
  const folders = Object.entries(FOLDERS)
    .map(([flag, name]) => pluginFolder(request, flag, name))
    .filter((folder) => existsSync(folder));
  const named = file === null ? [] : pluginSettings(file);
  if (folders.length === 0 && named.length === 0) return [];
  const { loadPlugins } = await import('../components/plugins/load-plugins.js');
  return loadPlugins({ folders, named }, { builtIn: BUILT_IN }, diagnostics);
}

/** The folder of a flag. The default one lies beside the program, wherever that is started. */
function pluginFolder(request: RunRequest, flag: string, name: string): string {
  const standard = FLAGS.find((one) => one.name === flag)!.default;
  const folder = textFlag(request, flag) ?? standard;
  return folder === standard ? resourcePath(name) : folder;
}
