/** Expands lists: replaces the names of lists in them by their items. */
import type { LiteralValue, Place } from '../../model/policy.js';
import { cycleMessage } from './cycle.js';
import type { ListDefinition, NameTable } from './definitions.js';
import { DEFINE_OR_QUOTE, namesSeveral, nearestList, notAList } from './list-names.js';
import type { ConditionReport } from './report.js';
import { didYouMean } from './suggester.js';
import { trimQuotes } from './trim-quotes.js';

/** Maximum number of items of all expanded lists together. */
const MAX_ITEMS = 5_000_000;
/** Maximum nesting of lists in lists. */
const MAX_DEPTH = 200;

export class ListExpander {
  readonly #lists: NameTable<ListDefinition>;
  readonly #report: ConditionReport;
  /** Whether a name can have different meanings in different files. */
  readonly #byFile: boolean;
  readonly #expanded = new Map<string, readonly LiteralValue[]>();
  readonly #used = new Set<ListDefinition>();
  /** The lists being expanded, outermost first. */
  readonly #open: string[] = [];
  #items = 0;

  constructor(lists: NameTable<ListDefinition>, report: ConditionReport, byFile: boolean) {
    this.#lists = lists;
    this.#report = report;
    this.#byFile = byFile;
  }

  find(name: string, file: number): ListDefinition | undefined {
    return this.#lists.find(name, file);
  }

  names(): Iterable<string> {
    return this.#lists.names();
  }

  isUsed(list: ListDefinition): boolean {
    return this.#used.has(list);
  }

  /** Expands an unused list, to report its problems. */
  check(list: ListDefinition): void {
    for (const { text, place } of list.items) {
      const inner = this.#lists.find(text, list.file);
      if (inner !== undefined) this.expand(inner, list.file, place);
      else this.#reportMissingList(text, place);
    }
  }

  /**
   * Returns the texts of a list, without duplicates.
   *
   * @param file the file that uses it
   * @param place the position where it is used
   */
  expand(list: ListDefinition, file: number, place: Place): readonly LiteralValue[] {
    this.#used.add(list);
    if (this.#open.includes(list.name)) {
      this.#report.error('recursive-definition', cycleMessage('list', list.name, this.#open), place);
      return [];
    }
    const key = `${this.#byFile ? file : 0}:${list.name}`;
    const known = this.#expanded.get(key);
    if (known !== undefined) return known;
    if (this.#open.length >= MAX_DEPTH) {
      this.#report.error(
        'policy-syntax',
        `lists refer to lists deeper than ${MAX_DEPTH}; '${list.name}' is ignored`,
        place,
      );
      return [];
    }
    this.#open.push(list.name);
    const byText = new Map<string, LiteralValue>();
    for (const item of list.items) this.#addItem(byText, item.text, item.place, file);
    this.#open.pop();
    const items: LiteralValue[] = [];
    this.append(items, [...byText.values()], place);
    this.#expanded.set(key, items);
    return items;
  }

  /** Adds an item, or the contents of the list with that name. */
  #addItem(byText: Map<string, LiteralValue>, name: string, place: Place, file: number): void {
    const inner = this.#lists.find(name, file);
    if (inner !== undefined) {
      for (const literal of this.expand(inner, file, place)) byText.set(literal.text, literal);
      return;
    }
    this.#reportMissingList(name, place);
    const text = trimQuotes(name);
    if (!byText.has(text)) byText.set(text, { kind: 'literal', text, place });
  }

  /** Warns about an item that is probably meant as the name of another list. */
  #reportMissingList(name: string, place: Place): void {
    if (!name.includes('_') || !namesSeveral(name)) return;
    const quoted = /["']/.test(place.source.text.charAt(place.range.start));
    if (quoted) return;
    const nearest = nearestList(name, this.#lists.names(), this.#report.suggester);
    const hint = didYouMean(nearest) ?? DEFINE_OR_QUOTE;
    this.#report.warning('suspicious-literal', notAList(name), place, hint);
  }

  /** Appends items, within the limit for all lists. */
  append(items: LiteralValue[], more: readonly LiteralValue[], place: Place): void {
    this.#items += more.length;
    if (this.#items > MAX_ITEMS) {
      this.#report.error(
        'policy-syntax',
        `the lists have more than ${MAX_ITEMS} items in total; the others are ignored`,
        place,
      );
      return;
    }
    for (const item of more) items.push(item);
  }
}
