/** A growable buffer that encoders append to. `bytes` may be replaced by {@link reserve}; write at `length`. */
export class ByteBuffer {
  bytes: Uint8Array;
  /** Bytes in use. */
  length = 0;

  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity);
  }

  /** Makes room for so many more bytes. */
  reserve(size: number): void {
    if (this.length + size <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + size));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  /** Appends ready bytes. */
  append(fragment: Uint8Array): void {
    this.reserve(fragment.length);
    this.bytes.set(fragment, this.length);
    this.length += fragment.length;
  }
}
