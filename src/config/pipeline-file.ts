/**
 * The pipeline file: `{"pipeline": [{"processor": …, "in": …, "out": …, …}], "drivers": [{"driver": …, "out": …}]}`.
 *
 * All errors are reported together with their positions. The keys are the options of components.
 */
import type { AnyComponent, OutputFile, TransportDescription } from '../components/component.js';
import { type ComponentTable, outTypeOf, ownOptions, type ProcessorStanza } from '../components/component-table.js';
import type { Setting, StanzaSchema } from '../components/options.js';
import type { AnyProcessor } from '../components/processor.js';
import { VAULT_OPTIONS } from '../components/vault-options.js';
import { Diagnostics, type SourceRange, type SourceText } from '../diagnostics/diagnostic.js';
import { nearestName } from '../diagnostics/nearest.js';
import { withArticle } from './article.js';
import { type ChannelEnd, readChannels } from './channels.js';
import type { Overrides } from './environment.js';
import { type JsonMember, type JsonNode, parseJson } from './json.js';
import { locate } from './locate.js';
import { outputProblem } from './output-file.js';
import { pluginNames } from './plugin-settings.js';
import { readSecrets } from './secrets.js';
import { applies, type OptionValues, readOptions, readValues } from './settings.js';

interface Stanza {
  readonly source: SourceText;
  /** The position for messages about the whole stanza: the name of its processor or driver. */
  readonly range: SourceRange;
  readonly in: readonly ChannelEnd[];
  readonly out: readonly ChannelEnd[];
}

/** One stage of a pipeline. */
export interface StageStanza extends Stanza {
  readonly component: AnyProcessor;
  /** The values of all keys of the stanza. */
  readonly options: OptionValues;
  /** The components in its slots, by key. */
  readonly slots: Readonly<Record<string, AnyComponent>>;
  /** The files that its transport writes to. */
  readonly outputs: readonly OutputFile[];
}

/** A driver of a pipeline file. */
export interface DriverStanza extends Stanza {
  /** Position of its path; {@link Stanza.range} without one. */
  readonly pathRange: SourceRange;
  readonly options: OptionValues & { readonly driver: string; readonly path: string | null };
}

/** A pipeline file after checking each stanza; `wiring.ts` checks the connections between stanzas. */
export interface PipelineFile {
  readonly source: SourceText;
  readonly stages: readonly StageStanza[];
  readonly drivers: readonly DriverStanza[];
  /** Names of channels in stanzas that are invalid or excluded: their readers and writers are unknown. */
  readonly unclear: ReadonlySet<string>;
}

export interface PipelineFileContext {
  readonly components: ComponentTable;
  readonly overrides: Overrides;
  /** If not null, only drivers of this name are used. */
  readonly driver: string | null;
}

/** Reads a pipeline file; null if it is no JSON object with a pipeline. */
export async function readPipelineFile(
  source: SourceText,
  context: PipelineFileContext,
  diagnostics: Diagnostics,
): Promise<PipelineFile | null> {
  const root = parseJson(source, diagnostics);
  return root === null ? null : new FileReader(source, context, diagnostics).file(root);
}

/** `$schema` is for editors; `plugin-settings.ts` has processed `plugins` before. */
const TOP_KEYS = ['pipeline', 'drivers', 'plugins', '$schema'];
/** Keys of stanzas that identify and connect them. */
const STRUCTURE_KEYS = ['processor', 'driver', 'in', 'out'];

class FileReader {
  readonly #source: SourceText;
  readonly #components: ComponentTable;
  readonly #overrides: Overrides;
  readonly #driverName: string | null;
  readonly #diagnostics: Diagnostics;
  readonly #unclear = new Set<string>();

  constructor(source: SourceText, { components, overrides, driver }: PipelineFileContext, diagnostics: Diagnostics) {
    this.#source = source;
    this.#components = components;
    this.#overrides = overrides;
    this.#driverName = driver;
    this.#diagnostics = diagnostics;
  }

  async file(root: JsonNode): Promise<PipelineFile | null> {
    if (root.kind !== 'object') {
      this.#error('invalid-value', "a pipeline file must be an object with a key 'pipeline'", root.range);
      return null;
    }
    const members = this.#members(root.members);
    for (const { key, keyRange } of members.values()) {
      if (!TOP_KEYS.includes(key)) this.#unknownKey(key, keyRange, TOP_KEYS, 'the pipeline file');
    }
    const pipeline = members.get('pipeline');
    if (pipeline === undefined) {
      this.#error('missing-key', "the key 'pipeline' is missing", {
        start: root.range.start,
        end: root.range.start + 1,
      });
      return null;
    }
    const stages: StageStanza[] = [];
    for (const node of this.#stanzas(pipeline)) {
      const stage = await this.#stage(node);
      if (stage !== null) stages.push(stage);
    }
    const plugins = members.get('plugins');
    if (plugins !== undefined && pluginNames(plugins.value) === null) {
      this.#error('invalid-value', "'plugins' must be an array of paths and names of packages", plugins.value.range);
    }
    const drivers = members.get('drivers');
    const driverNodes = drivers === undefined ? [] : this.#stanzas(drivers);
    return {
      source: this.#source,
      stages,
      drivers: driverNodes.map((node) => this.#driver(node)).filter((stanza) => stanza !== null),
      unclear: this.#unclear,
    };
  }

  #stanzas({ key, value }: JsonMember): (JsonNode & { kind: 'object' })[] {
    if (value.kind !== 'array') {
      this.#error('invalid-value', `'${key}' must be an array of stanzas`, value.range);
      return [];
    }
    if (value.items.length === 0) this.#error('invalid-value', `'${key}' is empty`, value.range);
    return value.items.filter((item) => {
      if (item.kind !== 'object') this.#error('invalid-value', 'a stanza must be an object', item.range);
      return item.kind === 'object';
    }) as (JsonNode & { kind: 'object' })[];
  }

  async #stage(node: JsonNode & { kind: 'object' }): Promise<StageStanza | null> {
    const members = this.#members(node.members);
    const processor = this.#processor(node, members);
    if (processor === null) {
      this.#noteChannels(members);
      return null;
    }
    const { component, schema } = processor;
    const range = members.get('processor')!.value.range;
    const settings = this.#settings(members, schema, `the processor '${component.name}'`);
    for (const [key, setting] of this.#overrides.get(component.name) ?? []) settings.set(key, setting);
    await this.#addSecrets(schema, settings);
    const options = this.#located(schema, readValues(schema, settings, this.#diagnostics));
    for (const { code, message } of component.verify?.(options, new Set(settings.keys())) ?? []) {
      this.#error(code, message, range);
    }
    const slots = this.#slots(component, options);
    const ends = this.#ends(members, component.name, outTypeOf(component, slots), range);
    const stanza = { source: this.#source, range, ...ends };
    return { ...stanza, component, options, slots, outputs: this.#outputs(slots, options, settings, range) };
  }

  /** Returns the components that the slots of a processor name. */
  #slots({ slots = {} }: AnyProcessor, options: OptionValues): Record<string, AnyComponent> {
    const named = Object.entries(slots).map(([key, { kind }]) => {
      return [key, this.#components.find(kind, options[key] as string)!] as const;
    });
    return Object.fromEntries(named);
  }

  /**
   * Returns the files that the stage writes to, and reports those that cannot be written, before the pipeline reads
   * records.
   */
  #outputs(
    slots: Readonly<Record<string, AnyComponent>>,
    options: OptionValues,
    settings: ReadonlyMap<string, Setting>,
    range: SourceRange,
  ): OutputFile[] {
    const transports = Object.values(slots).filter((one): one is TransportDescription => one.kind === 'transport');
    return transports.flatMap((transport) => {
      const outputs = transport.outputs?.(ownOptions(transport, options)) ?? [];
      for (const { path, key } of outputs) {
        const problem = path === null ? null : outputProblem(path);
        if (problem === null) continue;
        const place = settings.get(`${transport.name}.${key}`) ?? { source: this.#source, range };
        this.#diagnostics.error('file-unwritable', `'${path}': ${problem}`, place.source, place.range);
      }
      return outputs;
    });
  }

  /** Resolves the paths in options relative to the file if needed. */
  #located(schema: StanzaSchema, options: OptionValues): OptionValues {
    const located = Object.entries(schema).flatMap(([key, option]) => {
      const values = options[key] as readonly Setting[] | null;
      if (option.type !== 'texts' || option.paths !== true || values === null) return [];
      return [[key, values.map((one) => ({ ...one, text: locate(one.text, this.#source.path) }))] as const];
    });
    return { ...options, ...Object.fromEntries(located) };
  }

  /** Adds secrets from the vault for the applicable secret keys that are not set. */
  async #addSecrets(schema: StanzaSchema, settings: Map<string, Setting>): Promise<void> {
    const wanted = Object.entries(schema)
      .filter(([key, option]) => option.secret === true && !settings.has(key) && applies(option, schema, settings))
      .map(([key]) => key);
    if (wanted.length === 0) return;
    // Discard diagnostics here: the keys are reported with the other options.
    const vault = readOptions(VAULT_OPTIONS, settings, new Diagnostics());
    if (!vault['vault.secrets']) return;
    const found = await readSecrets(
      wanted,
      { path: vault['vault.path'], encoding: vault['vault.encoding'] },
      this.#diagnostics,
    );
    for (const [key, setting] of found) settings.set(key, setting);
  }

  #driver(node: JsonNode & { kind: 'object' }): DriverStanza | null {
    const wanted = this.#driverName;
    const { driverSchema } = this.#components;
    const members = this.#members(node.members);
    const name = members.get('driver');
    if (wanted !== null && name?.value.kind === 'string' && name.value.value !== wanted) {
      this.#noteChannels(members);
      return null;
    }
    const range = name?.value.range ?? { start: node.range.start, end: node.range.start + 1 };
    if (name === undefined) this.#error('missing-key', "the key 'driver' is missing", range);
    const out = this.#channels(members, 'out', range);
    if (members.has('in')) this.#unused(members.get('in')!, 'a driver has no input');
    const settings = this.#settings(members, driverSchema, 'a driver');
    if (name !== undefined) this.#setSetting(settings, name);
    return {
      source: this.#source,
      range,
      pathRange: members.get('path')?.value.range ?? range,
      in: [],
      out,
      options: readValues(driverSchema, settings, this.#diagnostics) as unknown as DriverStanza['options'],
    };
  }

  #processor(node: JsonNode, members: ReadonlyMap<string, JsonMember>): ProcessorStanza | null {
    const member = members.get('processor');
    if (member === undefined) {
      const range = { start: node.range.start, end: node.range.start + 1 };
      this.#error('missing-key', "the key 'processor' is missing", range);
      return null;
    }
    const { value } = member;
    const name = value.kind === 'string' ? value.value.toLowerCase() : '';
    const { processors } = this.#components;
    const names = [...processors.keys()];
    const known = names.find((one) => one.toLowerCase() === name);
    if (known !== undefined) return processors.get(known)!;
    const near = nearestName(name, names);
    const hint = near === undefined ? `the processors are ${names.join(', ')}` : `did you mean '${near}'?`;
    const written = value.kind === 'string' ? ` '${value.value}'` : '';
    this.#diagnostics.error('unknown-name', `unknown processor${written}`, this.#source, value.range, hint);
    return null;
  }

  #ends(
    members: ReadonlyMap<string, JsonMember>,
    name: string,
    out: string | null,
    range: SourceRange,
  ): { in: readonly ChannelEnd[]; out: readonly ChannelEnd[] } {
    const input = this.#channels(members, 'in', range);
    if (out !== null) return { in: input, out: this.#channels(members, 'out', range) };
    if (members.has('out')) this.#unused(members.get('out')!, `${withArticle(name)} has no output`);
    return { in: input, out: [] };
  }

  #channels(members: ReadonlyMap<string, JsonMember>, key: 'in' | 'out', range: SourceRange): ChannelEnd[] {
    const member = members.get(key);
    if (member !== undefined)
      return readChannels(key, member.value, this.#components.channelTypes, this.#source, this.#diagnostics);
    this.#error('missing-key', `the key '${key}' is missing`, range);
    return [];
  }

  /** Records the channels of an invalid stanza, so that they are not reported as unconnected. */
  #noteChannels(members: ReadonlyMap<string, JsonMember>): void {
    for (const key of ['in', 'out']) {
      const member = members.get(key);
      if (member === undefined) continue;
      for (const { name } of readChannels(
        key,
        member.value,
        this.#components.channelTypes,
        this.#source,
        this.#diagnostics,
      ))
        this.#unclear.add(name);
    }
  }

  /** The members by key, comments left out; the last value of a duplicate key is used, as in the original. */
  #members(list: readonly JsonMember[]): Map<string, JsonMember> {
    const members = new Map<string, JsonMember>();
    for (const member of list) {
      if (member.key === '_comment') continue;
      if (members.has(member.key)) {
        const message = `duplicate key '${member.key}'; this value is used`;
        this.#diagnostics.warning('duplicate-key', message, this.#source, member.keyRange);
      }
      members.set(member.key, member);
    }
    return members;
  }

  #settings(members: ReadonlyMap<string, JsonMember>, schema: StanzaSchema, what: string): Map<string, Setting> {
    const settings = new Map<string, Setting>();
    for (const member of members.values()) {
      if (STRUCTURE_KEYS.includes(member.key)) continue;
      if (Object.hasOwn(schema, member.key)) this.#setSetting(settings, member);
      else this.#unknownKey(member.key, member.keyRange, [...Object.keys(schema), ...STRUCTURE_KEYS], what);
    }
    return settings;
  }

  #setSetting(settings: Map<string, Setting>, { key, value }: JsonMember): void {
    const text = scalarText(value);
    if (text !== null) settings.set(key, this.#setting(text, value));
    else this.#error('invalid-value', `'${key}' must be a string, a number, true or false`, value.range);
  }

  #setting(text: string, value: JsonNode): Setting {
    const setting = { text, source: this.#source, range: value.range };
    if (value.kind !== 'array') return setting;
    return { ...setting, items: value.items.map((item) => this.#setting(scalarText(item)!, item)) };
  }

  #unknownKey(key: string, range: SourceRange, names: readonly string[], what: string): void {
    // Keys of a component that is not supported yet are not reported: the component itself is.
    if (this.#components.isPlanned(key)) return;
    const near = nearestName(key, names);
    const hint = near === undefined ? undefined : `did you mean '${near}'?`;
    this.#diagnostics.warning('unknown-key', `unknown key '${key}' of ${what}`, this.#source, range, hint);
  }

  #unused({ keyRange }: JsonMember, message: string): void {
    this.#diagnostics.warning('unknown-key', message, this.#source, keyRange);
  }

  #error(code: 'invalid-value' | 'missing-key', message: string, range: SourceRange): void {
    this.#diagnostics.error(code, message, this.#source, range);
  }
}

/** Returns a scalar as text; an array of scalars is joined with commas. Null for other values. */
function scalarText(node: JsonNode): string | null {
  switch (node.kind) {
    case 'string':
      return node.value;
    case 'number':
      return node.text;
    case 'boolean':
      return String(node.value);
    case 'array': {
      const items = node.items.map(scalarText);
      return items.includes(null) ? null : items.join(',');
    }
    default:
      return null;
  }
}
