/**
 * Reads the bit streams of Zstandard, which are written forwards and read backwards: from the last byte, whose highest
 * set bit marks the end, to the first (RFC 8878, 4.1).
 *
 * Bits before the first byte read as zeros and make {@link ReverseBits.left} negative.
 */
export class ReverseBits {
  /** Number of bits left. */
  left: number;
  readonly #bytes: Uint8Array;
  readonly #start: number;

  /** Reads `bytes[start … end)`. For a stream without the end mark, `left` is negative at once. */
  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#start = start;
    const last = end > start ? bytes[end - 1]! : 0;
    this.left = last === 0 ? -1 : (end - start) * 8 - (Math.clz32(last) - 23);
  }

  /** Reads up to 24 bits. */
  read(bits: number): number {
    this.left -= bits;
    return this.#at(this.left) & ((1 << bits) - 1);
  }

  /** Reads up to 32 bits as an unsigned number. */
  readWide(bits: number): number {
    if (bits <= 24) return this.read(bits);
    const high = this.read(bits - 16);
    return high * 65536 + this.read(16);
  }

  /** Returns the bits that {@link read} would return, without consuming them. */
  peek(bits: number): number {
    return this.#at(this.left - bits) & ((1 << bits) - 1);
  }

  /** Returns 25 bits starting at a bit. */
  #at(bit: number): number {
    if (bit < 0) return bit <= -32 ? 0 : this.#at(0) << -bit;
    const bytes = this.#bytes;
    const at = this.#start + (bit >> 3);
    return (
      ((bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16)) >>> (bit & 7)) |
      (bytes[at + 3]! << (24 - (bit & 7)))
    );
  }
}
