/** Converts items to definitions: adds their names, joins appended parts, and leaves out invalid items. */
import type { Diagnostics } from '../../../diagnostics/diagnostic.js';
import type { Place } from '../../model/policy.js';
import type { ConditionPiece } from './condition-parser.js';
import {
  type Definitions,
  type ListDefinition,
  type ListItem,
  type MacroDefinition,
  NameTable,
  type RuleDefinition,
} from './definitions.js';
import type { RawItem, RawScalar } from './document.js';
import { checkEngineVersion } from './engine-version.js';
import { HEADINGS, ItemValues } from './item-values.js';
import { FOREIGN_ITEMS, ITEMS, type ItemKind, type KindDescription } from './keys.js';
import type { Suggester } from './suggester.js';
import { trimQuotes } from './trim-quotes.js';

export function emptyDefinitions(): Definitions {
  return {
    rules: [],
    rulesByName: new Map(),
    filters: [],
    macros: new NameTable(),
    lists: new NameTable(),
    unparseable: [],
  };
}

/**
 * Adds the items of a file to the definitions. Invalid items are reported and left out.
 *
 * @param file index of the file in load order
 */
export function collectItems(
  items: readonly RawItem[],
  file: number,
  definitions: Definitions,
  diagnostics: Diagnostics,
  suggester: Suggester,
): void {
  const collector = new ItemCollector(file, definitions);
  for (const item of items) {
    const description = describe(item);
    if (description === undefined) reportUnknownItem(item, diagnostics, suggester);
    else collector.collect(description, new ItemValues(item, description, diagnostics, suggester), diagnostics);
  }
  collector.reportRepeated(diagnostics);
}

function describe(item: RawItem): KindDescription | undefined {
  return ITEMS.find(({ heading }) => item.entries.some(({ key }) => key === heading));
}

function reportUnknownItem(item: RawItem, diagnostics: Diagnostics, suggester: Suggester): void {
  const { source } = item;
  const first = item.entries[0];
  if (first === undefined) {
    diagnostics.warning('unknown-item', 'an item without keys', source, item.range);
    return;
  }
  if (FOREIGN_ITEMS.has(first.key)) {
    const message = `'${first.key}' has no effect: it belongs to the Falco language`;
    diagnostics.warning('unsupported-key', message, source, first.keyRange);
    return;
  }
  if (item.entries.some(({ key }) => key === 'detection')) {
    const message = 'Sigma rules are not supported; this one is ignored';
    diagnostics.error('unknown-item', message, source, first.keyRange);
    return;
  }
  const customRules = item.entries.find(({ key }) => key === 'customRules');
  if (customRules !== undefined) {
    const message =
      "this is a values file of Falco's Helm chart: the rules under 'customRules' are texts and are ignored";
    const hint = 'copy each text to a separate policy file';
    diagnostics.error('unknown-item', message, source, customRules.keyRange, hint);
    return;
  }
  if (item.entries.some(({ key }) => key === 'tests')) {
    const message = 'this is a file of rule tests, not of rules';
    diagnostics.error('unknown-item', message, source, first.keyRange, "run it with 'sfprocessor test'");
    return;
  }
  const hint = suggester.hint(first.key, HEADINGS);
  const message = `an item that starts with '${first.key}' is not a rule, filter, macro or list; it is ignored`;
  diagnostics.error('unknown-item', message, source, first.keyRange, hint);
}

interface Common {
  readonly name: string;
  readonly place: Place;
  readonly file: number;
}

class ItemCollector {
  readonly #file: number;
  readonly #definitions: Definitions;
  /** Macros and lists with an identical definition in an earlier file, by the path of that file. */
  readonly #repeated = new Map<string, (MacroDefinition | ListDefinition)[]>();

  /** The tags of the rules that were appended to. Searching the tag list for each one would take quadratic time. */
  readonly #tagsOf = new Map<RuleDefinition, Set<string>>();

  constructor(file: number, definitions: Definitions) {
    this.#file = file;
    this.#definitions = definitions;
  }

  collect(description: KindDescription, values: ItemValues, diagnostics: Diagnostics): void {
    if (description.kind === 'required_engine_version') {
      checkEngineVersion(values.source, values.heading, diagnostics);
      return;
    }
    const name = values.name();
    if (name === null) return;
    const common = { name, place: { source: values.source, range: values.nameRange }, file: this.#file };
    if (description.kind === 'list') this.#list(common, values);
    else {
      const scalar = values.condition(`${description.heading} '${name}'`, this.#earlier(description.kind, name));
      if (scalar === null) return;
      const pieces = [{ source: values.source, scalar }];
      if (description.kind === 'rule') this.#rule(common, values, pieces);
      else if (description.kind === 'macro') this.#macro(common, values, pieces);
      else {
        const enabled = values.boolean('enabled', true);
        this.#definitions.filters.push({ ...common, kind: 'filter', pieces, enabled });
      }
    }
  }

  /** Returns the position of an earlier rule or macro with that name. */
  #earlier(kind: ItemKind, name: string): Place | undefined {
    if (kind === 'rule') return this.#definitions.rulesByName.get(name)?.place;
    return kind === 'macro' ? this.#definitions.macros.find(name, this.#file)?.place : undefined;
  }

  #rule(common: Common, values: ItemValues, pieces: ConditionPiece[]): void {
    const { rules } = this.#definitions;
    const { name, place, file } = common;
    const tags = values.texts('tags');
    const earlier = this.#definitions.rulesByName.get(name);
    if (values.boolean('append', false)) {
      if (earlier === undefined) reportNothingToAppendTo('rule', name, values);
      else {
        earlier.pieces.push(...pieces);
        this.#appendTags(earlier, tags);
      }
      return;
    }
    if (!values.has('desc')) values.warn('missing-key', `rule '${name}' has no 'desc'`, values.nameRange);
    const severity = values.text('priority');
    const rule: RuleDefinition = {
      kind: 'rule',
      name,
      place,
      file,
      pieces,
      tags,
      description: values.text('desc') ?? '',
      priority: values.priority(severity),
      severity: severity === null ? null : severity.toLowerCase(),
      prefilter: values.prefilter(),
      prefilterRange: values.range('prefilter'),
      enabled: values.boolean('enabled', true),
      actions: values.texts('actions'),
      output: values.text('output'),
      skipIfUnknown: values.boolean('skip-if-unknown-filter', false),
    };
    rules.push(rule);
    this.#definitions.rulesByName.set(name, rule);
  }

  /** Appends the tags that a rule does not have yet. */
  #appendTags(rule: RuleDefinition, tags: readonly string[]): void {
    const known = this.#tagsOf.get(rule) ?? new Set(rule.tags);
    this.#tagsOf.set(rule, known);
    for (const tag of tags.filter((one) => !known.has(one))) {
      rule.tags.push(tag);
      known.add(tag);
    }
  }

  #macro(common: Common, values: ItemValues, pieces: ConditionPiece[]): void {
    const { macros } = this.#definitions;
    if (values.boolean('append', false)) {
      const earlier = macros.find(common.name, this.#file);
      if (earlier === undefined) reportNothingToAppendTo('macro', common.name, values);
      else earlier.pieces.push(...pieces);
      return;
    }
    const macro: MacroDefinition = { ...common, kind: 'macro', pieces, syntax: null };
    this.#reportShadowed(macros.add(macro), macro, values);
  }

  #list(common: Common, values: ItemValues): void {
    const { lists } = this.#definitions;
    if (!values.has('items')) {
      values.error('missing-key', `list '${common.name}' has no 'items'; it is ignored`, values.nameRange);
      return;
    }
    const written = values.scalars('items');
    reportBlanks(written, values);
    const items: ListItem[] = written.map(({ text, range }) => ({
      text: trimQuotes(text),
      place: { source: values.source, range },
    }));
    if (values.boolean('append', false)) {
      const earlier = lists.find(common.name, this.#file);
      if (earlier === undefined) reportNothingToAppendTo('list', common.name, values);
      else for (const item of items) earlier.items.push(item);
      return;
    }
    const list: ListDefinition = { ...common, kind: 'list', items };
    this.#reportShadowed(lists.add(list), list, values);
  }

  /** Reports macros and lists with identical definitions in other files: one note for each of these files. */
  reportRepeated(diagnostics: Diagnostics): void {
    for (const [path, repeated] of this.#repeated) {
      const names = repeated.slice(0, MAX_LISTED).map(({ kind, name }) => `${kind} '${name}'`);
      const more = repeated.length - names.length;
      const subject = more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ');
      const { source, range } = repeated[0]!.place;
      const where = path === source.path ? 'twice' : `identically in ${path}`;
      diagnostics.note('duplicate-name', `defined ${where}: ${subject}`, source, range);
    }
  }

  /** Reports a duplicate definition. Identical ones are collected for {@link reportRepeated}. */
  #reportShadowed<T extends MacroDefinition | ListDefinition>(
    earlier: T | undefined,
    later: T,
    values: ItemValues,
  ): void {
    if (earlier === undefined) return;
    const { kind, name, place } = earlier;
    if (contentOf(earlier) === contentOf(later)) {
      const { path } = place.source;
      const repeated = this.#repeated.get(path);
      if (repeated === undefined) this.#repeated.set(path, [later]);
      else repeated.push(later);
      return;
    }
    const message =
      earlier.file === this.#file
        ? `${kind} '${name}' is defined twice in this file; this last definition is used`
        : `${kind} '${name}' is defined differently in ${place.source.path}; this file and later ones use this definition`;
    values.warn('duplicate-name', message, values.nameRange);
  }
}

/** Maximum number of names in a note. */
const MAX_LISTED = 4;

/** Returns the content of a definition, for comparison. Whitespace in conditions is ignored. */
function contentOf(definition: MacroDefinition | ListDefinition): string {
  if (definition.kind === 'list') return definition.items.map(({ text }) => text).join('\n');
  return definition.pieces.map(({ scalar }) => scalar.text.replace(/\s+/g, ' ').trim()).join('\n');
}

/** Several names or paths, separated by whitespace. */
const SEVERAL_WORDS = /^(?:[A-Za-z_][\w.-]*(?:\s+[A-Za-z_][\w.-]*)+|\/\S*(?:\s+\/\S*)+)$/;

/** Warns about a missing comma between items on one line. In a block list every item is on a line of its own. */
function reportBlanks(items: readonly RawScalar[], values: ItemValues): void {
  const { text: file } = values.source;
  const list = values.range('items');
  if (list === null || file[list.start] === '-') return;
  for (const { range } of items) {
    const written = file.slice(range.start, range.end);
    if (!SEVERAL_WORDS.test(written)) continue;
    const words = written.split(/\s+/);
    const hint = `write '${words.join(', ')}', or put it in quotes`;
    values.warn('suspicious-literal', `'${words.join(' ')}' is a single item: separate items by commas`, range, hint);
  }
}

function reportNothingToAppendTo(kind: string, name: string, values: ItemValues): void {
  const message = `no earlier ${kind} '${name}' to append to; it is ignored`;
  values.error('policy-syntax', message, values.nameRange);
}
