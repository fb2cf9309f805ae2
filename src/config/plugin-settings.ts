/**
 * Finds the plugins that a pipeline file names. They are loaded before the rest of the file is read, since it may use
 * them.
 */
import type { Setting } from '../components/options.js';
import { Diagnostics, type SourceText } from '../diagnostics/diagnostic.js';
import { type JsonNode, parseJson } from './json.js';
import { locate } from './locate.js';

/** The values of the key `plugins` with their places; none if it is missing or wrong, which reading the file reports. */
export function pluginSettings(source: SourceText): Setting[] {
  // Avoids parsing most files twice, since few name plugins. The key may contain escape sequences.
  if (!/"plugins"|\\u/.test(source.text)) return [];
  const root = parseJson(source, new Diagnostics());
  if (root?.kind !== 'object') return [];
  const member = root.members.findLast(({ key }) => key === 'plugins');
  const names = member === undefined ? null : pluginNames(member.value);
  return (names ?? []).map(({ value, range }) => ({ text: value, source, range }));
}

/** The folders that readers name under `handlerlibpath`, relative to the working directory, or else to the pipeline file. */
export function handlerFolders(source: SourceText): string[] {
  if (!/"handlerlibpath"|\\u/.test(source.text)) return [];
  const root = parseJson(source, new Diagnostics());
  const pipeline = root?.kind === 'object' ? root.members.findLast(({ key }) => key === 'pipeline')?.value : undefined;
  const stanzas = pipeline?.kind === 'array' ? pipeline.items : [];
  return stanzas.flatMap((stanza) => {
    const members = stanza.kind === 'object' ? stanza.members : [];
    const folder = members.findLast(({ key }) => key === 'handlerlibpath')?.value;
    return folder?.kind === 'string' && folder.value !== '' ? [locate(folder.value, source.path)] : [];
  });
}

/** The items of an array of texts; null if it is none. */
export function pluginNames(node: JsonNode): (JsonNode & { kind: 'string' })[] | null {
  if (node.kind !== 'array') return null;
  const names = node.items.filter((item) => item.kind === 'string' && item.value.trim() !== '');
  return names.length === node.items.length ? (names as (JsonNode & { kind: 'string' })[]) : null;
}
