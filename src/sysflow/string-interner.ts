import { Buffer } from 'node:buffer';
import { decodeUtf8 } from './utf8.js';

const FIRST_ENTRIES = 1 << 13;
const FIRST_BYTES = 1 << 18;
/** Longer strings (messages of the Kubernetes API) are rarely repeated. */
const LONGEST = 1 << 10;
/**
 * Maximum number of slots probed for a string: sufficient if the table is half full, and a limit for strings that were
 * made to collide.
 */
const PROBES = 32;

/** Decodes bytes to text. */
export type TextDecoding = (bytes: Buffer, start: number, end: number) => string;

/**
 * Interns strings by their bytes: equal bytes give the same string object and are decoded once.
 *
 * The table is limited in entries and bytes. When it is full it is cleared. Each of the few thousand strings in use
 * then has to be decoded once more; in return, no bookkeeping is needed per use.
 */
export class StringInterner {
  readonly #decode: TextDecoding;
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  #arena = Buffer.alloc(0);
  #used = 0;
  #entries = 0;
  /**
   * Open addressing, at most half full. A slot has two adjacent words: the string's hash, and the offset of its bytes
   * in the arena, which is 0 if the slot is free.
   */
  #slots = new Int32Array(0);
  #mask = 0;
  #strings: string[] = [];

  /**
   * @param maxEntries maximum number of strings
   * @param maxBytes maximum size of the strings in bytes
   * @param decode decodes bytes to text
   */
  constructor(maxEntries: number = 1 << 16, maxBytes: number = 4 << 20, decode: TextDecoding = decodeUtf8) {
    this.#decode = decode;
    this.#maxEntries = maxEntries;
    this.#maxBytes = Math.max(maxBytes, FIRST_BYTES);
    this.#growTable();
    this.#growArena();
  }

  /** Returns the text of `bytes[start … end)`, by default decoded as in `utf8.ts`. */
  intern(bytes: Uint8Array, start: number, end: number): string {
    const length = end - start;
    if (length === 0) return '';
    if (length > LONGEST) return this.#decode(asBuffer(bytes), start, end);
    const hash = hashOf(bytes, start, end);
    for (let probe = 0; probe < PROBES; probe++) {
      const slot = (hash + probe) & this.#mask;
      const at = this.#slots[slot * 2 + 1]!;
      if (at === 0) return this.#add(bytes, start, end, hash);
      if (this.#slots[slot * 2] === hash && this.#equals(at, bytes, start, length)) return this.#strings[slot]!;
    }
    return this.#decode(asBuffer(bytes), start, end);
  }

  /** Decodes bytes without interning the text. */
  decode(bytes: Uint8Array, start: number, end: number): string {
    return this.#decode(asBuffer(bytes), start, end);
  }

  /** Whether the bytes in the arena are equal to the given ones. Each string is stored after its length, two bytes. */
  #equals(at: number, bytes: Uint8Array, start: number, length: number): boolean {
    const arena = this.#arena;
    if ((arena[at - 2]! | (arena[at - 1]! << 8)) !== length) return false;
    for (let i = 0; i < length; i++) if (bytes[start + i] !== arena[at + i]) return false;
    return true;
  }

  #add(bytes: Uint8Array, start: number, end: number, hash: number): string {
    const length = end - start;
    const text = this.#decode(asBuffer(bytes), start, end);
    if (this.#entries >= this.#maxEntries || this.#used + length + 2 > this.#maxBytes) this.#clear();
    if (this.#entries * 2 > this.#mask) this.#growTable();
    if (this.#used + length + 2 > this.#arena.length) this.#growArena();
    const at = this.#used + 2;
    this.#arena[at - 2] = length;
    this.#arena[at - 1] = length >>> 8;
    this.#arena.set(bytes.subarray(start, end), at);
    this.#used = at + length;
    this.#entries++;
    this.#insert(text, hash, at);
    return text;
  }

  #insert(text: string, hash: number, at: number): void {
    for (let probe = 0; probe < PROBES; probe++) {
      const slot = (hash + probe) & this.#mask;
      if (this.#slots[slot * 2 + 1] !== 0) continue;
      this.#slots[slot * 2] = hash;
      this.#slots[slot * 2 + 1] = at;
      this.#strings[slot] = text;
      return;
    }
  }

  #clear(): void {
    this.#slots.fill(0);
    this.#strings.fill('');
    this.#entries = 0;
    this.#used = 0;
  }

  #growTable(): void {
    const slots = this.#slots;
    const strings = this.#strings;
    const size = Math.max(FIRST_ENTRIES, strings.length * 4);
    this.#mask = size - 1;
    this.#slots = new Int32Array(size * 2);
    this.#strings = new Array<string>(size).fill('');
    for (let slot = 0; slot < strings.length; slot++) {
      const at = slots[slot * 2 + 1]!;
      if (at !== 0) this.#insert(strings[slot]!, slots[slot * 2]!, at);
    }
  }

  #growArena(): void {
    const arena = Buffer.alloc(Math.min(this.#maxBytes, Math.max(FIRST_BYTES, this.#arena.length * 4)));
    this.#arena.copy(arena, 0, 0, this.#used);
    this.#arena = arena;
  }
}

/** Hashes bytes; at least one byte is required. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  // Four bytes per step, since each multiplication depends on the previous one; the last step may overlap the previous
  // bytes.
  const last = end - 4;
  for (let i = start; i < last; i += 4) {
    const word = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    hash = Math.imul(hash ^ word, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  const rest =
    bytes[Math.max(start, last)]! |
    (bytes[Math.max(start, end - 3)]! << 8) |
    (bytes[Math.max(start, end - 2)]! << 16) |
    (bytes[end - 1]! << 24);
  hash = Math.imul(hash ^ rest, 0x9e3779b1);
  return hash ^ (hash >>> 15);
}

/** Returns the same bytes as a buffer, without copying. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
