import { BUILT_IN } from '../../../src/components/builtins.js';
import type { ComponentTable } from '../../../src/components/component-table.js';
import { loadPipelineText } from '../../../src/config/load.js';
import type { PipelineTree } from '../../../src/config/wiring.js';
import { Diagnostics } from '../../../src/diagnostics/diagnostic.js';
import { formatDiagnostic } from '../../../src/diagnostics/format.js';

export interface Loaded {
  readonly tree: PipelineTree | null;
  /** The diagnostics, as users see them. */
  readonly problems: readonly string[];
}

/** Loads a text as `p.json`. */
export async function load(
  text: string,
  environment: Record<string, string> = {},
  driver: string | null = null,
  components: ComponentTable = BUILT_IN,
): Promise<Loaded> {
  const diagnostics = new Diagnostics();
  const tree = await loadPipelineText({ path: 'p.json', text }, { components, environment, driver }, diagnostics);
  const problems = diagnostics.items.map((item) => formatDiagnostic(item, { color: false, excerpt: false }));
  return { tree, problems };
}

export const READER = '{"processor": "sysflowreader", "in": "sysflow sysflowchan", "out": "flat flattenerchan"}';
export const ENGINE =
  '{"processor": "policyengine", "mode": "enrich", "in": "flat flattenerchan", "out": "evt eventchan"}';
export const EXPORTER = '{"processor": "exporter", "in": "evt eventchan"}';

/** A pipeline file, a stanza a line: the first stands in line 2. */
export function pipeline(...stanzas: readonly string[]): string {
  return `{"pipeline": [\n${stanzas.join(',\n')}]}`;
}

/** The options of the stage at a depth below the first driver, following the first receivers. */
export function optionsAt(loaded: Loaded, depth: number): Record<string, unknown> {
  let nodes = loaded.tree!.drivers[0]!.receivers;
  for (let i = 0; i < depth; i++) nodes = nodes[0]!.receivers;
  return nodes[0]!.stage.options as unknown as Record<string, unknown>;
}
