/** Plugins: components that are loaded from files, and where each comes from. */
import type { AnyComponent } from '../component.js';

/** The version of the interface for which a plugin is written: its `apiVersion`. */
export const API_VERSION = 1;

/** The versions that this program supports. */
export const SUPPORTED_API_VERSIONS: readonly number[] = [API_VERSION];

/** A component that was loaded, with the file whose default export has it. */
export interface Plugin {
  readonly component: AnyComponent;
  readonly file: string;
}

const fileOf = new WeakMap<object, string>();
const loadedFiles = new Set<string>();

/** Notes from which file a component was loaded. */
export function setPluginFile(component: AnyComponent, file: string): void {
  fileOf.set(component, file);
  loadedFiles.add(file);
}

/** The file from which a component was loaded; undefined for one that is built in. */
export function pluginFileOf(component: object): string | undefined {
  return fileOf.get(component);
}

/** The files of all plugins that were loaded so far. */
export function pluginFiles(): ReadonlySet<string> {
  return loadedFiles;
}

/** How messages name a component: `transport 'udp' (plugins/udp.mjs)`; without a file where it is built in. */
export function nameWithFile(component: AnyComponent): string {
  const file = pluginFileOf(component);
  const name = `${component.kind} '${component.name}'`;
  return file === undefined ? name : `${name} (${file})`;
}

/** Why code of a plugin failed, from whatever it threw; no longer than a line of a log should be. */
export function reasonOf(error: unknown): string {
  try {
    const text = error instanceof Error ? error.message || error.name : String(error);
    return text.length > 500 ? `${text.slice(0, 500)}…` : text;
  } catch {
    return 'something that is no text';
  }
}
