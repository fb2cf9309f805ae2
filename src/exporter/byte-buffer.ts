import { Buffer } from 'node:buffer';
import { INT64_DIGITS, writeInt64 } from '../sysflow/int64.js';

/** Largest copy for which a loop over words is faster than the engine's copy (measured: about 20 ns a call). */
export const SHORT = 96;

/** Bytes in a word of {@link copyWords}. */
export const WORD = 8;

/**
 * Copies bytes in words of eight, up to seven bytes more than requested. The words are copied as floats, since no other 8-byte
 * number is as fast. The copy is exact if the source, including the bytes after the requested ones, contains only zeros and UTF-8
 * without the character 7F: only a word that ends in 7F or FF can be a NaN, whose bits may change when it is copied.
 */
export function copyWords(from: DataView, start: number, to: DataView, position: number, size: number): void {
  for (let i = 0; i < size; i += WORD) to.setFloat64(position + i, from.getFloat64(start + i, true), true);
}

/**
 * Largest size of a buffer in bytes. No real record comes near. A forged record may have strings of megabytes for each of
 * hundreds of ancestors, which would take gigabytes of memory.
 */
export const LARGEST_BUFFER: number = 512 << 20;

/** Thrown if a buffer would grow beyond {@link LARGEST_BUFFER}; {@link appendWhole} catches it. */
class TooLarge extends Error {}

/**
 * Calls `write`, which appends to a buffer, and removes what it appended if that is too large.
 *
 * @returns whether the bytes were appended
 */
export function appendWhole(out: ByteBuffer, write: (out: ByteBuffer) => void): boolean {
  const start = out.length;
  try {
    write(out);
    return true;
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error;
    out.length = start;
    return false;
  }
}

/** A growable buffer that encoders append to. `bytes` and `view` may be replaced by {@link reserve}; write at `length`. */
export class ByteBuffer {
  bytes: Buffer;
  /** The same memory, for numbers of several bytes. */
  view: DataView;
  /** The offset of the next byte. */
  length = 0;
  readonly #first: Buffer;

  constructor(capacity: number) {
    this.#first = Buffer.allocUnsafeSlow(capacity);
    this.bytes = this.#first;
    this.view = viewOf(this.bytes);
  }

  /** Empties the buffer and restores its initial size. */
  clear(): void {
    this.length = 0;
    if (this.bytes === this.#first) return;
    this.bytes = this.#first;
    this.view = viewOf(this.bytes);
  }

  /** The appended bytes. */
  get written(): Buffer {
    return this.bytes.subarray(0, this.length);
  }

  /** Makes room for the given number of bytes; see {@link appendWhole} for the limit. */
  reserve(size: number): void {
    const needed = this.length + size;
    if (needed <= this.bytes.length) return;
    if (needed > LARGEST_BUFFER) throw new TooLarge();
    const grown = Buffer.allocUnsafeSlow(Math.min(LARGEST_BUFFER, Math.max(this.bytes.length * 2, needed)));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    this.view = viewOf(grown);
  }

  /** Appends encoded bytes. */
  append(fragment: Uint8Array): void {
    const size = fragment.length;
    this.reserve(size);
    const { bytes, length } = this;
    bytes.set(fragment, length);
    this.length = length + size;
  }

  /** Appends text in UTF-8. */
  appendText(text: string): void {
    // Three bytes for each unit always suffice, but waste much memory for a long text.
    this.reserve(text.length <= SHORT ? text.length * 3 : Buffer.byteLength(text));
    this.length += this.bytes.write(text, this.length, 'utf8');
  }

  /** Appends ASCII text; faster than {@link appendText} for short text. */
  appendAscii(text: string): void {
    this.reserve(text.length);
    const { bytes, length } = this;
    for (let i = 0; i < text.length; i++) bytes[length + i] = text.charCodeAt(i);
    this.length = length + text.length;
  }

  /** Appends a 64-bit integer in decimal. */
  appendInt64(lo: number, hi: number): void {
    this.reserve(INT64_DIGITS);
    this.length = writeInt64(this.view, this.length, lo, hi);
  }
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}
