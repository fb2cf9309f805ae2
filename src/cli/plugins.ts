import { existsSync } from 'node:fs';
import { BUILT_IN } from '../components/builtins.js';
import type { ComponentTable } from '../components/component-table.js';
import { handlerFolders, pluginSettings } from '../config/plugin-settings.js';
import { resourcePath } from '../config/resources.js';
import type { Diagnostics, SourceText } from '../diagnostics/diagnostic.js';
import type { PluginProblems } from '../pipeline/isolation/problems.js';
import type { Logger } from '../telemetry/logger.js';
import { FLAGS } from './flags.js';
import { type RunRequest, textFlag } from './run-request.js';

/** Flags for folders of plugins, and the names of the default folders beside the program. */
const FOLDERS = { driverdir: 'drivers', plugdir: 'plugins' } as const;

/** Components available to a run. */
export interface RunComponents {
  readonly components: ComponentTable;
  /** Errors of plugins; null if no plugins are loaded. */
  readonly problems: PluginProblems | null;
}

/**
 * Loads the plugins in `-driverdir` and `-plugdir`, and those that the pipeline file names. Imports the loader only if
 * there are plugins. Isolates plugins so that their errors do not affect the run.
 *
 * @param file the pipeline file; null if it cannot be read
 */
export async function loadRunPlugins(
  request: RunRequest,
  file: SourceText | null,
  logger: Logger,
  diagnostics: Diagnostics,
): Promise<RunComponents> {
  const folders = Object.entries(FOLDERS)
    .map(([flag, name]) => pluginFolder(request, flag, name))
    .concat(file === null ? [] : handlerFolders(file), resourcePath('handlers'))
    .filter((folder) => existsSync(folder));
  const named = file === null ? [] : pluginSettings(file);
  if (folders.length === 0 && named.length === 0) return { components: BUILT_IN, problems: null };
  const [{ loadPlugins }, { isolate }, { PluginProblems }] = await Promise.all([
    import('../components/plugins/load-plugins.js'),
    import('../pipeline/isolation/isolate.js'),
    import('../pipeline/isolation/problems.js'),
  ]);
  const plugins = await loadPlugins({ folders, named }, { builtIn: BUILT_IN }, diagnostics);
  const problems = new PluginProblems({ now: Date.now, log: (level, message) => logger.log(level, message) });
  return { components: BUILT_IN.with(plugins.map((plugin) => isolate(plugin, problems))), problems };
}

/** Returns the folder of a flag. The default folder is beside the program, independently of the working directory. */
function pluginFolder(request: RunRequest, flag: string, name: string): string {
  const standard = FLAGS.find((one) => one.name === flag)!.default;
  const folder = textFlag(request, flag) ?? standard;
  return folder === standard ? resourcePath(name) : folder;
}
