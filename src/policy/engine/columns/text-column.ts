import type { FlatRecord } from '../../../records/flat-record.js';
import { trimQuotes } from '../quotes.js';
import { ascending, type ClassTable, type Column } from './column.js';
import type { TextTests } from './text-tests.js';

/** Distinct values a column remembers, and how many characters of them; then it starts anew. */
const MEMO_VALUES = 8192;
const MEMO_CHARACTERS = 1 << 20;
/** Longer values are not remembered. */
const MEMO_LENGTH = 4096;

/** The class of each text that came by lately. */
export class TextMemo {
  readonly #classes = new Map<string, number>();
  #characters = 0;

  get(text: string): number | undefined {
    return this.#classes.get(text);
  }

  set(text: string, valueClass: number): void {
    if (text.length > MEMO_LENGTH) return;
    if (this.#classes.size >= MEMO_VALUES || this.#characters > MEMO_CHARACTERS) {
      this.#classes.clear();
      this.#characters = 0;
    }
    this.#classes.set(text, valueClass);
    this.#characters += text.length;
  }
}

export interface TextColumnSpec {
  /** The value as the field gives it. */
  readonly read: (record: FlatRecord) => string;
  /** Whether bounding quotes go before it is compared. */
  readonly trims: boolean;
  readonly tests: TextTests;
  /** The atom of `exists`, or -1, and the text that counts as absent. */
  readonly presence: number;
  readonly absent: string;
}

/** A column of an attribute with one text. */
export class TextColumn implements Column {
  readonly #spec: TextColumnSpec;
  readonly #classes: ClassTable;
  readonly #memo = new TextMemo();

  constructor(spec: TextColumnSpec, classes: ClassTable) {
    this.#spec = spec;
    this.#classes = classes;
  }

  classOf(record: FlatRecord): number {
    const text = this.#spec.read(record);
    return this.#memo.get(text) ?? this.#classify(text);
  }

  heldIn(valueClass: number): readonly number[] {
    return this.#classes.held(valueClass);
  }

  #classify(text: string): number {
    const { tests, trims, presence, absent } = this.#spec;
    const found: number[] = [];
    tests.find(trims ? trimQuotes(text) : text, found);
    if (presence !== -1 && text !== absent) found.push(presence);
    const valueClass = this.#classes.of(ascending(found));
    this.#memo.set(text, valueClass);
    return valueClass;
  }
}
