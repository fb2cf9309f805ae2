import { Buffer } from 'node:buffer';
import { INT64_DIGITS, writeInt64 } from '../sysflow/int64.js';

/** Up to here a loop over words beats the call into the engine's copy (measured: about 20 ns a call). */
export const SHORT = 96;

/** Bytes in a word of {@link copyWords}. */
export const WORD = 8;

/**
 * Copies some bytes in words of eight, up to seven bytes more than asked for. Floats carry them, since no other number of
 * eight bytes is as fast. They are exact where the source, also behind the bytes, holds nothing but zeros and UTF-8 without
 * the character 7F: only words that end in 7F or FF can be a NaN, which may change on the way.
 */
export function copyWords(from: DataView, start: number, to: DataView, position: number, size: number): void {
  for (let i = 0; i < size; i += WORD) to.setFloat64(position + i, from.getFloat64(start + i, true), true);
}

/**
 * Bytes that a buffer holds at most. No real record comes near; a forged one shows strings of megabytes for each of hundreds
 * of ancestors, and gigabytes of it would be held at once.
 */
export const LARGEST_BUFFER: number = 512 << 20;

/** Thrown if a buffer would grow beyond {@link LARGEST_BUFFER}; {@link appendWhole} catches it. */
class TooLarge extends Error {}

/**
 * Runs `write` on a buffer; appends nothing if the result is too large.
 *
 * @returns whether it was appended
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
  /** Where the next byte goes. */
  length = 0;
  readonly #first: Buffer;

  constructor(capacity: number) {
    this.#first = Buffer.allocUnsafeSlow(capacity);
    this.bytes = this.#first;
    this.view = viewOf(this.bytes);
  }

  /** Empties the buffer and restores its initial capacity. */
  clear(): void {
    this.length = 0;
    if (this.bytes === this.#first) return;
    this.bytes = this.#first;
    this.view = viewOf(this.bytes);
  }

  /** The bytes appended so far. */
  get written(): Buffer {
    return this.bytes.subarray(0, this.length);
  }

  /** Reserves space for this many more bytes; see {@link appendWhole} for more than there may be. */
  reserve(size: number): void {
    const needed = this.length + size;
    if (needed <= this.bytes.length) return;
    if (needed > LARGEST_BUFFER) throw new TooLarge();
    const grown = Buffer.allocUnsafeSlow(Math.min(LARGEST_BUFFER, Math.max(this.bytes.length * 2, needed)));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    this.view = viewOf(grown);
  }

  /** Appends ready bytes. */
  append(fragment: Uint8Array): void {
    const size = fragment.length;
    this.reserve(size);
    const { bytes, length } = this;
    bytes.set(fragment, length);
    this.length = length + size;
  }

  /** Appends text in UTF-8. */
  appendText(text: string): void {
    // Three bytes for each unit is never too little, but much too much of a long text.
    this.reserve(text.length <= SHORT ? text.length * 3 : Buffer.byteLength(text));
    this.length += this.bytes.write(text, this.length, 'utf8');
  }

  /** Appends text of ASCII characters; faster than {@link appendText} where it is short. */
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
