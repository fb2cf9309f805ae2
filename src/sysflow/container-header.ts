import { Buffer } from 'node:buffer';
import type { ByteWindow } from './byte-source.js';
import { TraceError, type TraceErrorCode } from './errors.js';
import type { Limits } from './limits.js';
import { readLong } from './varint.js';

/** Length of the sync marker. */
export const SYNC_BYTES = 16;

/** The first bytes of every Avro object container file. */
export const MAGIC: Buffer = Buffer.from('Obj\x01', 'latin1');

/** Whether a container file can start at a position. */
export function isMagicAt(bytes: Buffer, position: number, end: number): boolean {
  return (
    position + MAGIC.length <= end && bytes.compare(MAGIC, 0, MAGIC.length, position, position + MAGIC.length) === 0
  );
}

/** Offset of a container file's first key: after the magic, and a count and a length of one byte each. */
const FIRST_KEY = MAGIC.length + 2;
const KEY_PREFIX = Buffer.from('avro.');

/** Number of bytes by which {@link findHeader} recognizes a header. */
export const HEADER_START_BYTES: number = FIRST_KEY + KEY_PREFIX.length;

/**
 * Returns the index of the first container header among some bytes, by its magic and the prefix of its first key; -1 if
 * there is none.
 */
export function findHeader(bytes: Buffer): number {
  for (let at = bytes.indexOf(MAGIC); at !== -1; at = bytes.indexOf(MAGIC, at + 1)) {
    const key = at + FIRST_KEY;
    if (bytes.subarray(key, key + KEY_PREFIX.length).equals(KEY_PREFIX)) return at;
  }
  return -1;
}

/** The header of a container file. */
export interface ContainerHeader {
  /** The file's metadata, including `avro.schema` and `avro.codec`. */
  readonly metadata: ReadonlyMap<string, string>;
  /** 16 random bytes after the header and after each block. */
  readonly sync: Buffer;
}

/**
 * Reads the header of a container file and consumes it.
 *
 *     header = magic metadata sync
 *     metadata = { count (negative: -count size) { key value } } 0      ; a map of bytes
 */
export async function readContainerHeader(
  window: ByteWindow,
  limits: Limits,
  name: string,
): Promise<ContainerHeader | TraceError> {
  const refused = (code: TraceErrorCode, message: string): TraceError =>
    window.error ?? new TraceError(code, message, name);
  const broken = (message: string): TraceError => refused('broken-header', message);
  await window.fill(MAGIC.length);
  if (window.available === 0) return refused('empty', 'is empty');
  if (!isMagicAt(window.buffer, window.start, window.end)) {
    return refused('not-avro', 'is not an Avro object container file');
  }
  const most = limits.metadataBytes + SYNC_BYTES + MAGIC.length;
  for (let wanted = 1024; ; wanted *= 2) {
    const more = await window.fill(wanted);
    const header = parseHeader(window, limits);
    if (header === 'broken') return broken('has a broken header');
    if (header !== 'short') return header;
    if (!more) return broken('ends within its header');
    if (wanted > most) return broken(`has a header of more than ${limits.metadataBytes} bytes`);
  }
}

/** Parses the header from the available bytes. */
function parseHeader(window: ByteWindow, limits: Limits): ContainerHeader | 'short' | 'broken' {
  const reader = new HeaderReader(window.buffer, window.start + MAGIC.length, window.end);
  const metadata = new Map<string, string>();
  for (;;) {
    let count = reader.long();
    if (count === 0) break;
    if (count < 0) {
      count = -count;
      reader.long();
    }
    if (count > limits.metadataBytes) return 'broken';
    for (; count > 0; count--) {
      const key = reader.sized(limits.metadataBytes);
      const value = reader.sized(limits.metadataBytes);
      if (key === null || value === null) return reader.broken ? 'broken' : 'short';
      metadata.set(key.toString('utf8'), value.toString('utf8'));
    }
  }
  const sync = reader.take(SYNC_BYTES);
  if (sync === null) return reader.broken ? 'broken' : 'short';
  window.consume(reader.position - window.start);
  return { metadata, sync: Buffer.from(sync) };
}

/** Reads the primitives of a header; after the end of the bytes every result is null or 0. */
class HeaderReader {
  position: number;
  broken = false;
  readonly #bytes: Buffer;
  readonly #end: number;
  readonly #pair = new Int32Array(2);

  constructor(bytes: Buffer, position: number, end: number) {
    this.#bytes = bytes;
    this.position = position;
    this.#end = end;
  }

  long(): number {
    if (this.position >= this.#end) return this.#stop();
    const next = readLong(this.#bytes, this.position, this.#pair, 0);
    if (next > this.#bytes.length) this.broken = true;
    if (next > this.#end) return this.#stop();
    this.position = next;
    return this.#pair[1]! * 4294967296 + (this.#pair[0]! >>> 0);
  }

  take(length: number): Buffer | null {
    if (length > this.#end - this.position) {
      this.#stop();
      return null;
    }
    const bytes = this.#bytes.subarray(this.position, this.position + length);
    this.position += length;
    return bytes;
  }

  sized(most: number): Buffer | null {
    if (this.position >= this.#end) return null;
    const length = this.long();
    if (length < 0 || length > most) this.broken = true;
    return this.broken ? null : this.take(length);
  }

  #stop(): number {
    this.position = this.#end;
    return 0;
  }
}
