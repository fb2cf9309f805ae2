/** Plugins: components loaded from files, and the file of each. */
import type { AnyComponent } from '../component.js';

/** The version of the plugin interface, which a plugin declares as its `apiVersion`. */
export const API_VERSION = 1;

/** The versions that this program supports. */
export const SUPPORTED_API_VERSIONS: readonly number[] = [API_VERSION];

/** A loaded component and the file whose default export contains it. */
export interface Plugin {
  readonly component: AnyComponent;
  readonly file: string;
}

const fileOf = new WeakMap<object, string>();
const loadedFiles = new Set<string>();

/** Records the file from which a component was loaded. */
export function setPluginFile(component: AnyComponent, file: string): void {
  fileOf.set(component, file);
  loadedFiles.add(file);
}

/** Returns the file from which a component was loaded; undefined for a built-in component. */
export function pluginFileOf(component: object): string | undefined {
  return fileOf.get(component);
}

/** Returns the files of all plugins loaded so far. */
export function pluginFiles(): ReadonlySet<string> {
  return loadedFiles;
}

/**
 * Formats the name of a component for messages: `transport 'udp' (plugins/udp.mjs)`; without a file for a built-in
 * component.
 */
export function nameWithFile(component: AnyComponent): string {
  const file = pluginFileOf(component);
  const name = `${component.kind} '${component.name}'`;
  return file === undefined ? name : `${name} (${file})`;
}

/** Formats the reason for a failure in a plugin from any thrown value, shortened to fit a log line. */
export function reasonOf(error: unknown): string {
  try {
    const text = error instanceof Error ? error.message || error.name : String(error);
    return text.length > 500 ? `${text.slice(0, 500)}…` : text;
  } catch {
    return 'an error without a readable text';
  }
}
