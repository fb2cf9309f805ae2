/**
 * Overrides from environment variables: `<PROCESSOR>_<KEY>`, with `_` for the dots of the key and without regard to
 * case. They win over the pipeline file and apply to every stanza of the processor.
 */
import type { Diagnostics, SourceText } from '../diagnostics/diagnostic.js';
import { nearestName } from '../diagnostics/nearest.js';
import type { StanzaSchema } from './schema.js';
import type { Setting } from './settings.js';
import { PROCESSOR_SCHEMAS, type ProcessorName } from './stanzas.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Settings by processor and key. */
export type Overrides = Readonly<Record<ProcessorName, ReadonlyMap<string, Setting>>>;

/** Variables of published compose files that the original never read. */
const SYSLOG_ALIASES: ReadonlyMap<string, string> = new Map([
  ['host', 'syslog.host'],
  ['port', 'syslog.port'],
  ['proto', 'syslog.proto'],
  ['source', 'syslog.source'],
]);

/** Picks the overrides out of the environment. */
export function readEnvironment(environment: Environment, diagnostics: Diagnostics): Overrides {
  const overrides = { sysflowreader: new Map(), policyengine: new Map(), exporter: new Map() } satisfies Record<
    ProcessorName,
    Map<string, Setting>
  >;
  const aliased: [key: string, setting: Setting, name: string][] = [];
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined) continue;
    if (value === '') {
      reportEmpty(name, diagnostics);
      continue;
    }
    if (name === 'CLUSTER_ID') overrides.exporter.set('cluster.id', settingOf(name, value));
    const [processor, key] = splitName(name);
    if (!Object.hasOwn(PROCESSOR_SCHEMAS, processor) || key === '') continue;
    const schema: StanzaSchema = PROCESSOR_SCHEMAS[processor as ProcessorName];
    const exact = Object.keys(schema).find((one) => one.toLowerCase() === key);
    if (exact !== undefined) {
      overrides[processor as ProcessorName].set(exact, settingOf(name, value));
    } else if (processor === 'exporter' && SYSLOG_ALIASES.has(key)) {
      aliased.push([SYSLOG_ALIASES.get(key)!, settingOf(name, value), name]);
    } else if (processor === 'exporter' && key === 'type') {
      report(name, "has no effect; 'export' says where records go", diagnostics);
    } else {
      const near = nearestName(key, Object.keys(schema));
      const hint =
        near === undefined ? undefined : `did you mean '${name.slice(0, processor.length + 1)}${variable(near)}'?`;
      const message = `'${name}' is taken for no key of ${processor}`;
      diagnostics.warning('unknown-key', message, sourceOf(name), null, hint);
    }
  }
  for (const [key, setting, name] of aliased) {
    if (overrides.exporter.has(key)) continue;
    overrides.exporter.set(key, setting);
    report(name, `is taken for '${key}'`, diagnostics);
  }
  return overrides;
}

/** `exporter` and `es.bulk.numworkers` of `EXPORTER_ES_BULK_NUMWORKERS`. */
function splitName(name: string): [processor: string, key: string] {
  const at = name.indexOf('_');
  if (at === -1) return ['', ''];
  return [
    name.slice(0, at).toLowerCase(),
    name
      .slice(at + 1)
      .replaceAll('_', '.')
      .toLowerCase(),
  ];
}

function variable(key: string): string {
  return key.replaceAll('.', '_').toUpperCase();
}

function report(name: string, what: string, diagnostics: Diagnostics): void {
  diagnostics.note('deprecated-key', `'${name}' ${what}`, sourceOf(name), null);
}

/** Reports a variable that would set a key, but is empty: deployments leave variables empty that they do not use. */
function reportEmpty(name: string, diagnostics: Diagnostics): void {
  const [processor, key] = splitName(name);
  if (name !== 'CLUSTER_ID' && (!Object.hasOwn(PROCESSOR_SCHEMAS, processor) || key === '')) return;
  diagnostics.warning('invalid-value', `'${name}' is empty and sets nothing`, sourceOf(name), null);
}

/** One variable as a text of its own, named in messages. */
function sourceOf(name: string): SourceText {
  return { path: `environment variable ${name}`, text: '' };
}

function settingOf(name: string, value: string): Setting {
  return { text: value, source: sourceOf(name), range: null };
}
