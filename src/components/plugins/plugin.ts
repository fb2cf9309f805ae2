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

const files = new WeakMap<AnyComponent, string>();

/** Notes from which file a component was loaded. */
export function setPluginFile(component: AnyComponent, file: string): void {
  files.set(component, file);
}

/** The file from which a component was loaded; undefined for one that is built in. */
export function pluginFileOf(component: AnyComponent): string | undefined {
  return files.get(component);
}

/** How messages name a component: `transport 'udp' (plugins/udp.mjs)`; without a file where it is built in. */
export function nameWithFile(component: AnyComponent): string {
  const file = pluginFileOf(component);
  const name = `${component.kind} '${component.name}'`;
  return file === undefined ? name : `${name} (${file})`;
}
