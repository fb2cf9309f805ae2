/**
 * Functions that generated decoders call for values other than plain numbers. Each method returns the position after
 * the value, or one beyond `end` (see `decode-status.ts`), and stores the value in a property.
 */
import { DecodeStatus, fault } from './decode-status.js';
import { formatIpv4 } from './ipv4.js';
import type { Limits } from './limits.js';
import { asBuffer, type StringInterner } from './string-interner.js';
import { readInt, readLong } from './varint.js';

const LENGTH = fault(DecodeStatus.length);
const SYMBOL = fault(DecodeStatus.symbol);
const COUNT = fault(DecodeStatus.count);
const NO_TEXTS: readonly string[] = [];
const NO_ENTRIES: ReadonlyMap<string, string> = new Map();

export class ValueReader {
  /** Result of {@link readText} and {@link readSymbol}. */
  text = '';
  /** Result of {@link readCode}. */
  code = 0;
  /** Result of {@link readCount}. */
  count = 0;
  /** Result of {@link readTexts} and {@link readAddresses}. */
  texts: readonly string[] = NO_TEXTS;
  /** Result of {@link readTextMap}. */
  map: ReadonlyMap<string, string> = NO_ENTRIES;

  readonly #interner: StringInterner;
  readonly #limits: Limits;
  readonly #pair = new Int32Array(2);
  #length = 0;

  /** @param interner interns texts */
  constructor(interner: StringInterner, limits: Limits) {
    this.#interner = interner;
    this.#limits = limits;
  }

  /** Reads a string: its length in bytes, and the bytes. */
  readText(bytes: Uint8Array, position: number, end: number): number {
    const next = this.#passText(bytes, position, end);
    if (next <= end) this.text = this.#interner.intern(bytes, next - this.#length, next);
    return next;
  }

  /** Reads a string that is rarely repeated, without interning it. */
  readRareText(bytes: Uint8Array, position: number, end: number): number {
    const next = this.#passText(bytes, position, end);
    if (next <= end) this.text = this.#interner.decode(bytes, next - this.#length, next);
    return next;
  }

  /** Returns the position after a string, whose length is in {@link #length}. */
  #passText(bytes: Uint8Array, position: number, end: number): number {
    const start = readLong(bytes, position, this.#pair, 0);
    if (start > end) return start;
    const length = this.#pair[0]!;
    if (this.#pair[1] !== 0 || length < 0 || length > this.#limits.stringBytes) return LENGTH;
    this.#length = length;
    return start + length;
  }

  /** Reads an enum as the text of its symbol. */
  readSymbol(bytes: Uint8Array, position: number, end: number, symbols: readonly string[]): number {
    const next = readInt(bytes, position, this.#pair, 0);
    const symbol = symbols[this.#pair[0]!];
    if (symbol === undefined) return next > end ? next : SYMBOL;
    this.text = symbol;
    return next;
  }

  /** Reads an enum as the number assigned to its symbol. */
  readCode(bytes: Uint8Array, position: number, end: number, codes: readonly number[]): number {
    const next = readInt(bytes, position, this.#pair, 0);
    const code = codes[this.#pair[0]!];
    if (code === undefined) return next > end ? next : SYMBOL;
    this.code = code;
    return next;
  }

  /**
   * Reads the count at the start of a block of items; 0 at the end of an array or map, and after a fault.
   *
   * @param before number of items in the previous blocks
   */
  readCount(bytes: Uint8Array, position: number, end: number, before: number): number {
    const pair = this.#pair;
    this.count = 0;
    let next = readLong(bytes, position, pair, 0);
    if (next > end) return next;
    let count = pair[1]! * 4294967296 + (pair[0]! >>> 0);
    if (count < 0) {
      // The size of the block in bytes follows; it is not needed.
      count = -count;
      next = readLong(bytes, next, pair, 0);
    }
    if (next > end) return next;
    if (before + count > this.#limits.items) return COUNT;
    // Each item has at least one byte.
    if (count > end - next) return end + 1;
    this.count = count;
    return next;
  }

  /** Reads an array of strings. */
  readTexts(bytes: Uint8Array, start: number, end: number): number {
    this.texts = NO_TEXTS;
    let texts: string[] | null = null;
    let position = start;
    for (;;) {
      position = this.readCount(bytes, position, end, texts === null ? 0 : texts.length);
      let left = this.count;
      if (left === 0) return position;
      if (texts === null) this.texts = texts = [];
      for (; left > 0; left--) {
        position = this.readText(bytes, position, end);
        if (position > end) return position;
        texts.push(this.text);
      }
    }
  }

  /** Reads an array of longs that are IPv4 addresses, with the first octet in the lowest byte, as dotted texts. */
  readAddresses(bytes: Uint8Array, start: number, end: number): number {
    this.texts = NO_TEXTS;
    let texts: string[] | null = null;
    let position = start;
    for (;;) {
      position = this.readCount(bytes, position, end, texts === null ? 0 : texts.length);
      let left = this.count;
      if (left === 0) return position;
      if (texts === null) this.texts = texts = [];
      for (; left > 0; left--) {
        position = readLong(bytes, position, this.#pair, 0);
        if (position > end) return position;
        texts.push(formatIpv4(this.#pair[0]!));
      }
    }
  }

  /** Reads a map of strings. */
  readTextMap(bytes: Uint8Array, start: number, end: number): number {
    this.map = NO_ENTRIES;
    let map: Map<string, string> | null = null;
    let entries = 0;
    let position = start;
    for (;;) {
      position = this.readCount(bytes, position, end, entries);
      let left = this.count;
      if (left === 0) return position;
      entries += left;
      if (map === null) this.map = map = new Map();
      for (; left > 0; left--) {
        position = this.readText(bytes, position, end);
        const key = this.text;
        if (position <= end) position = this.readText(bytes, position, end);
        if (position > end) return position;
        map.set(key, this.text);
      }
    }
  }

  /** Formats the 20 bytes of a file object id in hexadecimal; empty if they are truncated. */
  hex(bytes: Uint8Array, position: number, end: number): string {
    if (position + 20 > end) return '';
    return asBuffer(bytes).toString('hex', position, position + 20);
  }
}

/** Reads a file object id of 20 bytes into five slots, in big-endian order. */
export function readFileOid(bytes: Uint8Array, start: number, slots: Int32Array, index: number): number {
  let position = start;
  for (let slot = index; slot < index + 5; slot++) {
    slots[slot] =
      (bytes[position]! << 24) | (bytes[position + 1]! << 16) | (bytes[position + 2]! << 8) | bytes[position + 3]!;
    position += 4;
  }
  return position;
}
