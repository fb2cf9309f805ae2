/**
 * Overrides from environment variables named `<PROCESSOR>_<KEY>`, case-insensitive. Write `_` for a dot or `-` in a
 * key, and for `-` or `.` in the name of a processor. Overrides take precedence over the pipeline file and apply to
 * every stanza of the processor.
 */
import type { ComponentTable } from '../components/component-table.js';
import type { Setting } from '../components/options.js';
import type { Diagnostics, SourceText } from '../diagnostics/diagnostic.js';
import { nearestName } from '../diagnostics/nearest.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Settings by processor and key. */
export type Overrides = ReadonlyMap<string, ReadonlyMap<string, Setting>>;

/** Extracts the overrides from the environment. */
export function readEnvironment(
  environment: Environment,
  { processors }: ComponentTable,
  diagnostics: Diagnostics,
): Overrides {
  const overrides = new Map([...processors.keys()].map((name) => [name, new Map<string, Setting>()]));
  const others = otherVariables(processors);
  const aliased: [processor: string, key: string, setting: Setting, name: string][] = [];
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined) continue;
    const [word, key] = splitName(name, processors);
    const other = others.get(name);
    const stanza = key === '' ? undefined : processors.get(word);
    if (stanza === undefined && other === undefined) continue;
    if (value === '') {
      diagnostics.warning('invalid-value', `'${name}' is empty, so it is ignored`, sourceOf(name), null);
      continue;
    }
    if (other !== undefined) {
      aliased.push([...other, settingOf(name, value), name]);
      continue;
    }
    const { schema, component } = stanza!;
    const exact = Object.keys(schema).find((one) => variableText(one) === variableText(key));
    const ignored = component.ignoredVariables?.[key];
    if (exact !== undefined) overrides.get(word)!.set(exact, settingOf(name, value));
    else if (ignored !== undefined) report(name, `has no effect; ${ignored}`, diagnostics);
    else {
      const near = nearestName(key, Object.keys(schema));
      const hint =
        near === undefined
          ? undefined
          : `did you mean '${name.slice(0, word.length + 1)}${variableText(near).toUpperCase()}'?`;
      const message = `'${name}' matches no key of ${word}`;
      diagnostics.warning('unknown-key', message, sourceOf(name), null, hint);
    }
  }
  for (const [processor, key, setting, name] of aliased) {
    const own = overrides.get(processor)!;
    if (own.has(key)) continue;
    own.set(key, setting);
    if (splitName(name, processors)[0] === processor) report(name, `is used as '${key}'`, diagnostics);
  }
  return overrides;
}

/** Returns the additional variables that options declare, each with the processor and the key that it sets. */
function otherVariables(processors: ComponentTable['processors']): Map<string, [processor: string, key: string]> {
  const variables = new Map<string, [string, string]>();
  for (const [processor, { schema }] of processors) {
    for (const [key, option] of Object.entries(schema)) {
      for (const name of option.variables ?? []) variables.set(name, [processor, key]);
    }
  }
  return variables;
}

/**
 * Splits `EXPORTER_ES_BULK_NUMWORKERS` into `exporter` and `es.bulk.numworkers`; the longest matching name of a
 * processor is used.
 */
function splitName(name: string, processors: ComponentTable['processors']): [processor: string, key: string] {
  const text = variableText(name);
  const matching = [...processors.keys()].filter((processor) => text.startsWith(`${variableText(processor)}_`));
  const longest = matching.sort((a, b) => b.length - a.length)[0];
  if (longest === undefined) return ['', ''];
  return [longest, text.slice(longest.length + 1).replaceAll('_', '.')];
}

/** Converts a name or key to its spelling in variables, in lower case. */
function variableText(name: string): string {
  return name.replaceAll(/[.-]/g, '_').toLowerCase();
}

function report(name: string, what: string, diagnostics: Diagnostics): void {
  diagnostics.note('deprecated-key', `'${name}' ${what}`, sourceOf(name), null);
}

/** Makes a source from one variable, named in messages. */
function sourceOf(name: string): SourceText {
  return { path: `environment variable ${name}`, text: '' };
}

function settingOf(name: string, value: string): Setting {
  return { text: value, source: sourceOf(name), range: null };
}
