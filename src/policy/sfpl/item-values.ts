/** The keys of one item and their values, checked as they are read. */
import type { DiagnosticCode } from '../../diagnostics/codes.js';
import type { Diagnostics, SourceRange, SourceText } from '../../diagnostics/diagnostic.js';
import { RECORD_TYPE_CODES } from '../../sysflow/record-types.js';
import { Priority } from '../model/policy.js';
import type { RawEntry, RawItem, RawScalar } from './document.js';
import { ITEMS, type ItemDescription, SEVERITIES } from './keys.js';
import type { Suggester } from './suggester.js';

export const HEADINGS: readonly string[] = ITEMS.map((item) => item.heading);
const RECORD_TYPES: readonly string[] = RECORD_TYPE_CODES.filter((code) => code !== '');

export class ItemValues {
  readonly source: SourceText;
  readonly heading: RawEntry;
  readonly #description: ItemDescription;
  readonly #diagnostics: Diagnostics;
  readonly #suggester: Suggester;
  readonly #entries = new Map<string, RawEntry>();

  constructor(item: RawItem, description: ItemDescription, diagnostics: Diagnostics, suggester: Suggester) {
    this.#suggester = suggester;
    this.source = item.source;
    this.#description = description;
    this.#diagnostics = diagnostics;
    for (const entry of item.entries) this.#enter(entry);
    this.heading = this.#entries.get(description.heading)!;
  }

  /** Keeps an entry by its key: the first of that key, as the original does. */
  #enter(entry: RawEntry): void {
    const { keys } = this.#description;
    const known = Object.hasOwn(keys, entry.key) ? keys[entry.key] : undefined;
    if (known === undefined) this.#unknownKey(entry);
    else if (known.ignored !== undefined) {
      this.warn('unsupported-key', `'${entry.key}' has no effect: ${known.ignored}`, entry.keyRange);
    } else if (this.#entries.has(entry.key)) {
      this.warn('duplicate-key', `'${entry.key}' stands twice in this item; the first one counts`, entry.keyRange);
    } else this.#entries.set(entry.key, entry);
  }

  #unknownKey(entry: RawEntry): void {
    const { heading, keys } = this.#description;
    if (HEADINGS.includes(entry.key)) {
      const message = `'${entry.key}' stands in an item that is a ${heading}; it has no effect`;
      this.warn('unknown-key', message, entry.keyRange, "each item starts with '- '");
      return;
    }
    const names = Object.keys(keys);
    const hint = this.#suggester.hint(entry.key, names, `a ${heading} has ${names.join(', ')}`);
    this.warn('unknown-key', `a ${heading} has no key '${entry.key}'`, entry.keyRange, hint);
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /** Where the value of a key stands, or the key where it has none; null without the key. */
  range(key: string): SourceRange | null {
    const entry = this.#entries.get(key);
    return entry === undefined ? null : (entry.value?.range ?? entry.keyRange);
  }

  /** Where the name of the item stands. */
  get nameRange(): SourceRange {
    return this.heading.value?.range ?? this.heading.keyRange;
  }

  /** The name of the item; null, with a diagnostic, where there is none. */
  name(): string | null {
    const name = this.text(this.#description.heading);
    if (name !== null && name !== '') return name;
    this.error('missing-key', `a ${this.#description.heading} needs a name; it is left out`, this.nameRange);
    return null;
  }

  /** The condition; null, with a diagnostic, where there is none. */
  condition(what: string): RawScalar | null {
    const value = this.#entries.get('condition')?.value ?? null;
    if (value === null) {
      this.error('missing-key', `${what} has no 'condition'; it is left out`, this.nameRange);
      return null;
    }
    if (value.kind === 'scalar') return value;
    const hint = "put the condition in quotes or behind '>'";
    this.error('policy-syntax', `the condition of ${what} is no text; it is left out`, value.range, hint);
    return null;
  }

  /** A scalar as text, trimmed; null where the key is missing or has another value, which is reported. */
  text(key: string): string | null {
    const entry = this.#entries.get(key);
    if (entry === undefined) return null;
    const { value } = entry;
    if (value === null) return '';
    if (value.kind === 'scalar') return value.text.trim();
    this.error('invalid-value', `'${key}' takes one text`, value.range);
    return null;
  }

  /** A list of scalars; one scalar stands for a list of one. */
  scalars(key: string): readonly RawScalar[] {
    const value = this.#entries.get(key)?.value ?? null;
    if (value === null) return [];
    if (value.kind === 'list') return value.items;
    if (value.kind === 'scalar') return [value];
    this.error('invalid-value', `'${key}' takes a list: [a, b]`, value.range);
    return [];
  }

  texts(key: string): string[] {
    return this.scalars(key).map(({ text }) => text);
  }

  /** What Go's `ParseBool` takes, as in the original. */
  boolean(key: string, otherwise: boolean): boolean {
    const text = this.text(key);
    if (text === null) return otherwise;
    if (/^(1|t|T|TRUE|true|True)$/.test(text)) return true;
    if (/^(0|f|F|FALSE|false|False)$/.test(text)) return false;
    const message = `'${key}' is true or false, not '${text}'; ${otherwise} is taken`;
    this.warn('invalid-value', message, this.range(key)!);
    return otherwise;
  }

  priority(severity: string | null): Priority {
    if (severity === null) return Priority.low;
    const priority = SEVERITIES.get(severity.toLowerCase());
    if (priority !== undefined) return priority;
    const all = `priorities are ${[...SEVERITIES.keys()].join(', ')}`;
    const hint = this.#suggester.hint(severity, SEVERITIES.keys(), all);
    const message = `there is no priority '${severity}'; low is taken`;
    this.warn('unknown-priority', message, this.range('priority')!, hint);
    return Priority.low;
  }

  prefilter(): string[] {
    return this.scalars('prefilter').map(({ text, range }) => {
      if (!RECORD_TYPES.includes(text)) {
        const upper = text.toUpperCase();
        const hint = RECORD_TYPES.includes(upper)
          ? `did you mean '${upper}'?`
          : `record types are ${RECORD_TYPES.join(', ')}`;
        this.warn('never-true', `there is no record type '${text}'; it matches no record`, range, hint);
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
