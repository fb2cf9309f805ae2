import type { Diagnostics, SourceRange, SourceText } from '../diagnostics/diagnostic.js';
import { nearestName } from '../diagnostics/nearest.js';
import type { JsonNode } from './json.js';

/** One end of a channel: `"NAME TYPE"` under `in` or `out`. */
export interface ChannelEnd {
  readonly name: string;
  /** Empty if the type is unknown, which was reported. */
  readonly type: string;
  readonly source: SourceText;
  readonly range: SourceRange;
}

/** A channel type of the original that is not supported. */
export const PLANNED_CHANNEL = 'otelchan';

/** Parses the value of `in` or `out`: one channel, or an array of channels. */
export function readChannels(
  key: string,
  node: JsonNode,
  types: readonly string[],
  source: SourceText,
  diagnostics: Diagnostics,
): ChannelEnd[] {
  const nodes = node.kind === 'array' ? node.items : [node];
  if (nodes.length === 0) diagnostics.error('invalid-value', `'${key}' names no channel`, source, node.range);
  const ends: ChannelEnd[] = [];
  for (const one of nodes) {
    const end = readChannel(key, one, [...types, PLANNED_CHANNEL], source, diagnostics);
    if (end === null) continue;
    if (ends.some(({ name }) => name === end.name)) {
      diagnostics.error('pipeline-wiring', `'${key}' names the channel '${end.name}' twice`, source, one.range);
    } else ends.push(end);
  }
  return ends;
}

function readChannel(
  key: string,
  node: JsonNode,
  types: readonly string[],
  source: SourceText,
  diagnostics: Diagnostics,
): ChannelEnd | null {
  const words = node.kind === 'string' ? node.value.trim().split(/\s+/) : [];
  if (words.length !== 2) {
    const message = `'${key}' takes 'NAME TYPE', the name of a channel and its type`;
    diagnostics.error('invalid-value', message, source, node.range);
    return null;
  }
  const [name, type] = words as [string, string];
  if (types.includes(type)) return { name, type, source, range: node.range };
  const near = nearestName(type, types);
  const hint = near === undefined ? `the types are ${types.join(', ')}` : `did you mean '${near}'?`;
  diagnostics.error('unknown-name', `unknown channel type '${type}'`, source, node.range, hint);
  return { name, type: '', source, range: node.range };
}
