import { dirname, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pluginFiles, reasonOf } from '../components/plugins/plugin.js';
import type { Pipeline } from '../pipeline/pipeline.js';

/** The folder of the program; its own modules can be below a plugin's folder. */
const PROGRAM = dirname(fileURLToPath(import.meta.url)) + sep;

/** Time that plugins may keep the process alive after a run, milliseconds. */
const EXIT_AFTER = 5000;

/** Time limit for draining the pipeline after such an error, milliseconds. */
const DRAIN_LIMIT = 30_000;

/**
 * Handles an uncaught error of a plugin: logs it and drains the pipeline, after which the exit
 * status is 3.
 *
 * @returns whether it originates in a plugin
 */
export function handlePluginError(error: unknown, pipeline: Pick<Pipeline, 'fail' | 'stop'>): boolean {
  const file = pluginFileIn(error);
  if (file === null) return false;
  pipeline.fail(`${file}: an error that nothing caught: ${reasonOf(error)}; draining`);
  pipeline.stop();
  setTimeout(() => process.exit(3), DRAIN_LIMIT).unref();
  return true;
}

/** The file of a plugin in which an error arose, with its line and column; null if it arose elsewhere. */
function pluginFileIn(error: unknown): string | null {
  const files = [...pluginFiles()];
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  for (const [, url, place] of stack.matchAll(/(file:\/\/[^\s)]+?)(:\d+:\d+)/g)) {
    const file = fileURLToPath(url!);
    if (file.startsWith(PROGRAM)) continue;
    if (files.some((plugin) => file.startsWith(dirname(resolve(plugin)) + sep))) return `${file}${place}`;
  }
  // A thrown value that is not an Error has no stack; only plugins throw such values.
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  return files.length > 0 && (stack === '' || code === 'ERR_UNHANDLED_REJECTION') ? 'a plugin' : null;
}

/**
 * Ends the process if a plugin keeps it alive after the run, for example with a timer or an open server. Keeps the exit
 * status of the run.
 */
export function exitDespitePlugins(log: (message: string) => void): void {
  // An unreferenced timer fires only if something else keeps the process alive.
  setTimeout(() => {
    log(`a plugin keeps the program running ${EXIT_AFTER / 1000} s after the end; it ends now`);
    process.exit();
  }, EXIT_AFTER).unref();
}
