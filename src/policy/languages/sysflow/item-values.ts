/** Reads and checks the keys of one item and their values. */
import type { DiagnosticCode } from '../../../diagnostics/codes.js';
import type { Diagnostics, SourceRange, SourceText } from '../../../diagnostics/diagnostic.js';
import { positionAt } from '../../../diagnostics/format.js';
import { RECORD_TYPE_CODES } from '../../../sysflow/record-types.js';
import { type Place, Priority } from '../../model/policy.js';
import type { RawEntry, RawItem, RawScalar } from './document.js';
import { ITEMS, type KindDescription, SEVERITIES } from './keys.js';
import type { Suggester } from './suggester.js';

export const HEADINGS: readonly string[] = ITEMS.map((item) => item.heading);
const RECORD_TYPES: readonly string[] = RECORD_TYPE_CODES.filter((code) => code !== '');

export class ItemValues {
  readonly source: SourceText;
  readonly heading: RawEntry;
  readonly #description: KindDescription;
  readonly #diagnostics: Diagnostics;
  readonly #suggester: Suggester;
  readonly #entries = new Map<string, RawEntry>();

  constructor(item: RawItem, description: KindDescription, diagnostics: Diagnostics, suggester: Suggester) {
    this.#suggester = suggester;
    this.source = item.source;
    this.#description = description;
    this.#diagnostics = diagnostics;
    for (const entry of item.entries) this.#enter(entry);
    this.heading = this.#entries.get(description.heading)!;
  }

  /** Adds an entry. As in the original, the first entry with a key is used. */
  #enter(entry: RawEntry): void {
    const { keys } = this.#description;
    const known = Object.hasOwn(keys, entry.key) ? keys[entry.key] : undefined;
    if (known === undefined) this.#unknownKey(entry);
    else if (known.ignored !== undefined) {
      this.warn('unsupported-key', `'${entry.key}' has no effect: ${known.ignored}`, entry.keyRange, known.instead);
    } else if (this.#entries.has(entry.key)) {
      this.warn('duplicate-key', `duplicate key '${entry.key}' in this item; the first one is used`, entry.keyRange);
    } else this.#entries.set(entry.key, entry);
  }

  #unknownKey(entry: RawEntry): void {
    const { heading, keys } = this.#description;
    if (HEADINGS.includes(entry.key)) {
      const message = `'${entry.key}' has no effect in a ${heading}`;
      this.warn('unknown-key', message, entry.keyRange, "each item starts with '- '");
      return;
    }
    const names = Object.keys(keys);
    const hint = this.#suggester.hint(entry.key, names, `keys of a ${heading}: ${names.join(', ')}`);
    this.warn('unknown-key', `unknown key '${entry.key}' in a ${heading}`, entry.keyRange, hint);
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /** Returns the range of a key's value, or of the key if it has no value; null if the key is missing. */
  range(key: string): SourceRange | null {
    const entry = this.#entries.get(key);
    return entry === undefined ? null : (entry.value?.range ?? entry.keyRange);
  }

  /** The range of the item's name. */
  get nameRange(): SourceRange {
    return this.heading.value?.range ?? this.heading.keyRange;
  }

  /** Returns the name of the item; reports it and returns null if it is missing. */
  name(): string | null {
    const name = this.text(this.#description.heading);
    if (name !== null && name !== '') return name;
    this.error('missing-key', `a ${this.#description.heading} has no name; it is ignored`, this.nameRange);
    return null;
  }

  /**
   * Returns the condition; reports it and returns null if it is missing.
   *
   * @param earlier position of an earlier item with the same kind and name, which this item may be meant to change
   */
  condition(what: string, earlier: Place | undefined): RawScalar | null {
    const value = this.#entries.get('condition')?.value ?? null;
    if (value === null) {
      const hint = this.#hintWithoutCondition(earlier);
      this.error('missing-key', `${what} has no 'condition'; it is ignored`, this.nameRange, hint);
      return null;
    }
    if (value.kind === 'scalar') return value;
    const hint = "put the condition in quotes or after '>'";
    this.error('policy-syntax', `the condition of ${what} is not a text; it is ignored`, value.range, hint);
    return null;
  }

  /** The hint for an item without a condition that may be meant to change an earlier one, as in Falco. */
  #hintWithoutCondition(earlier: Place | undefined): string | undefined {
    if (earlier === undefined) return undefined;
    const { source, range } = earlier;
    const where = `${source.path}:${positionAt(source.text, range.start).line}`;
    return this.has('enabled')
      ? `set 'enabled' where it is defined first, in ${where}`
      : `change the definition in ${where}, or add a condition to it with 'append: true'`;
  }

  /** Returns a scalar as text, trimmed; null if the key is missing or has another value, which is reported. */
  text(key: string): string | null {
    const entry = this.#entries.get(key);
    if (entry === undefined) return null;
    const { value } = entry;
    if (value === null) return '';
    if (value.kind === 'scalar') return value.text.trim();
    this.error('invalid-value', `'${key}' must be a text`, value.range);
    return null;
  }

  /** Returns a list of scalars. A single scalar is accepted as a list, with a warning. */
  scalars(key: string): readonly RawScalar[] {
    const value = this.#entries.get(key)?.value ?? null;
    if (value === null) return [];
    if (value.kind === 'list') return value.items;
    const items = value.kind === 'scalar' ? this.#itemsOf(value) : null;
    if (items === null) {
      this.error('invalid-value', `'${key}' must be a list: [a, b]`, value.range);
      return [];
    }
    const written = items
      .map(({ range }) => this.source.text.slice(range.start, range.end).replace(/\s+/g, ' '))
      .join(', ');
    this.warn('invalid-value', `'${key}' must be a list`, value.range, `it is read as '[${written}]'`);
    return items;
  }

  /**
   * Splits a text that is used instead of a list at its commas; a quoted text is one item. Returns null if it is
   * neither.
   */
  #itemsOf({ text, range }: RawScalar): RawScalar[] | null {
    const written = this.source.text.slice(range.start, range.end);
    if (/^["']/.test(written)) return [{ kind: 'scalar', text, range, offsets: null }];
    if (/^[|>]|[[\]{}]/.test(written)) return null;
    const items: RawScalar[] = [];
    for (const match of written.matchAll(/[^,]+/g)) {
      const item = match[0].trim();
      const start = range.start + match.index + match[0].indexOf(item);
      if (item !== '')
        items.push({ kind: 'scalar', text: item, range: { start, end: start + item.length }, offsets: null });
    }
    return items;
  }

  texts(key: string): string[] {
    return this.scalars(key).map(({ text }) => text);
  }

  /** Parses a boolean like Go's `ParseBool`, as in the original. */
  boolean(key: string, otherwise: boolean): boolean {
    const text = this.text(key);
    if (text === null) return otherwise;
    if (/^(1|t|T|TRUE|true|True)$/.test(text)) return true;
    if (/^(0|f|F|FALSE|false|False)$/.test(text)) return false;
    const message = `'${key}' must be true or false, not '${text}'; ${otherwise} is used`;
    this.warn('invalid-value', message, this.range(key)!);
    return otherwise;
  }

  priority(severity: string | null): Priority {
    if (severity === null) return Priority.low;
    const priority = SEVERITIES.get(severity.toLowerCase());
    if (priority !== undefined) return priority;
    const all = `known priorities: ${[...SEVERITIES.keys()].join(', ')}`;
    const hint = this.#suggester.hint(severity, SEVERITIES.keys(), all);
    const message = `unknown priority '${severity}'; low is used`;
    this.warn('unknown-priority', message, this.range('priority')!, hint);
    return Priority.low;
  }

  prefilter(): string[] {
    return this.scalars('prefilter').map(({ text, range }) => {
      if (!RECORD_TYPES.includes(text)) {
        const upper = text.toUpperCase();
        const hint = RECORD_TYPES.includes(upper)
          ? `did you mean '${upper}'?`
          : `known record types: ${RECORD_TYPES.join(', ')}`;
        this.warn('never-true', `unknown record type '${text}'; it matches no record`, range, hint);
      }
      return text;
    });
  }

  warn(code: DiagnosticCode, message: string, range: SourceRange, hint?: string): void {
    this.#diagnostics.warning(code, message, this.source, range, hint);
  }

  error(code: DiagnosticCode, message: string, range: SourceRange, hint?: string): void {
    this.#diagnostics.error(code, message, this.source, range, hint);
  }
}
