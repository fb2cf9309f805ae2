/** Sources of a trace's bytes: files and streams. */
import { Buffer } from 'node:buffer';
import { closeSync, fstatSync, lstatSync, openSync, promises, readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { systemCode, TraceError } from './errors.js';
import { systemPath } from './system-path.js';

/** A source of bytes, read sequentially. */
export interface ByteSource {
  /** Path or name, for messages. */
  readonly name: string;
  /** Recommended number of bytes per read. */
  readonly chunkBytes: number;
  /** Whether it can pause for a long time, so that available data should be passed on immediately. */
  readonly live: boolean;
  /** Reads bytes into a buffer at an offset and returns their number; 0 at the end. */
  read(into: Buffer, offset: number): Promise<number | TraceError>;
  /** Releases the source. Can be called at any time, and repeatedly. */
  close(): Promise<void>;
}

const CHUNK_BYTES = 1 << 20;
const LIVE_CHUNK_BYTES = 64 << 10;
const LEAST_CHUNK_BYTES = 4 << 10;

function unreadable(error: unknown, name: string): TraceError {
  const code = systemCode(error);
  if (code === 'EISDIR') return new TraceError('folder', 'is a folder', name);
  if (code === 'ENOENT') {
    const message = isLink(name) ? 'is a link to a file that does not exist' : 'does not exist';
    return new TraceError('unreadable', message, name);
  }
  return new TraceError('unreadable', `cannot be read: ${code}`, name);
}

function isLink(path: string): boolean {
  return lstatSync(systemPath(path), { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

/** Opens a file, named pipe or device. */
export async function openFile(path: string): Promise<ByteSource | TraceError> {
  try {
    const handle = await promises.open(systemPath(path), 'r');
    const stat = await handle.stat().catch(async (error) => {
      await handle.close();
      throw error;
    });
    // A little more than the file, so that a single read reaches its end.
    const wanted = stat.isFile() ? Math.min(CHUNK_BYTES, stat.size + 16) : LIVE_CHUNK_BYTES;
    return new FileSource(path, handle, Math.max(LEAST_CHUNK_BYTES, wanted), !stat.isFile());
  } catch (error) {
    return unreadable(error, path);
  }
}

/**
 * Opens a file to be read on this thread: reading from the page cache takes less time than switching to another thread
 * and back. Anything but a regular file can block, so it is opened by {@link openFile}.
 */
export async function openFileInline(path: string): Promise<ByteSource | TraceError> {
  try {
    const descriptor = openSync(systemPath(path), 'r');
    const stat = fstatSync(descriptor);
    if (stat.isFile()) return new InlineFileSource(path, descriptor, Math.min(CHUNK_BYTES, stat.size + 16));
    closeSync(descriptor);
  } catch (error) {
    return unreadable(error, path);
  }
  return openFile(path);
}

class InlineFileSource implements ByteSource {
  readonly name: string;
  readonly chunkBytes: number;
  readonly live: boolean = false;
  #descriptor: number | null;

  constructor(name: string, descriptor: number, chunkBytes: number) {
    this.name = name;
    this.#descriptor = descriptor;
    this.chunkBytes = Math.max(LEAST_CHUNK_BYTES, chunkBytes);
  }

  async read(into: Buffer, offset: number): Promise<number | TraceError> {
    if (this.#descriptor === null) return 0;
    try {
      return readSync(this.#descriptor, into, offset, into.length - offset, null);
    } catch (error) {
      return unreadable(error, this.name);
    }
  }

  async close(): Promise<void> {
    const descriptor = this.#descriptor;
    this.#descriptor = null;
    if (descriptor !== null) closeSync(descriptor);
  }
}

class FileSource implements ByteSource {
  readonly name: string;
  readonly chunkBytes: number;
  readonly live: boolean;
  #handle: FileHandle | null;

  constructor(name: string, handle: FileHandle, chunkBytes: number, live: boolean) {
    this.name = name;
    this.#handle = handle;
    this.chunkBytes = chunkBytes;
    this.live = live;
  }

  async read(into: Buffer, offset: number): Promise<number | TraceError> {
    if (this.#handle === null) return 0;
    try {
      const { bytesRead } = await this.#handle.read(into, offset, into.length - offset, null);
      return bytesRead;
    } catch (error) {
      return unreadable(error, this.name);
    }
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    // Nothing was written, so a failure to close loses no data.
    await handle?.close().catch(() => {});
  }
}

/** Creates a source from anything that yields bytes: a `Readable`, standard input, an array of chunks. */
export function streamSource(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, name: string): ByteSource {
  return new StreamSource(chunks, name);
}

class StreamSource implements ByteSource {
  readonly name: string;
  readonly chunkBytes: number = LIVE_CHUNK_BYTES;
  readonly live: boolean = true;
  readonly #iterator: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, name: string) {
    this.name = name;
    this.#iterator = Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]();
  }

  async read(into: Buffer, offset: number): Promise<number | TraceError> {
    try {
      while (this.#rest.length === 0) {
        const next = await this.#iterator.next();
        if (next.done === true) return 0;
        this.#rest = next.value;
      }
    } catch (error) {
      return unreadable(error, this.name);
    }
    const length = Math.min(this.#rest.length, into.length - offset);
    into.set(this.#rest.subarray(0, length), offset);
    this.#rest = this.#rest.subarray(length);
    return length;
  }

  async close(): Promise<void> {
    this.#rest = new Uint8Array(0);
    try {
      await this.#iterator.return?.();
    } catch {
      // The stream is abandoned, so errors at its end do not matter.
    }
  }
}

/** Memory shared by files that are read one after the other: allocating memory costs more than reading into it. */
export class ReadBuffer {
  #bytes: Buffer = Buffer.alloc(0);

  /** Returns a buffer of at least the given size, the same as before if possible. */
  take(bytes: number): Buffer {
    if (this.#bytes.length < bytes) this.#bytes = Buffer.allocUnsafeSlow(bytes);
    return this.#bytes;
  }
}

/** A window on a source: bytes that were read but not yet consumed. */
export class ByteWindow {
  /**
   * The bytes from {@link start} to {@link end} are available. Without a {@link ReadBuffer}, consumed bytes are never
   * overwritten, so slices stay valid; with one, they stay valid until the next {@link fill}.
   */
  buffer: Buffer = Buffer.alloc(0);
  start = 0;
  end = 0;
  /** Offset of {@link start} in the source. */
  offset = 0;
  /** Why reading stopped before the end of the source. */
  error: TraceError | null = null;
  #ended = false;
  readonly #source: ByteSource;
  readonly #memory: ReadBuffer | null;

  constructor(source: ByteSource, memory: ReadBuffer | null = null) {
    this.#source = source;
    this.#memory = memory;
  }

  get available(): number {
    return this.end - this.start;
  }

  consume(bytes: number): void {
    this.start += bytes;
    this.offset += bytes;
  }

  /** Reads until the given number of bytes is available; returns false if the source ends before. */
  async fill(bytes: number): Promise<boolean> {
    while (this.available < bytes) {
      if (this.#ended) return false;
      if (this.end === this.buffer.length || this.start + bytes > this.buffer.length) this.#renew(bytes);
      const read = await this.#source.read(this.buffer, this.end);
      if (read instanceof TraceError) this.error = read;
      if (read instanceof TraceError || read === 0) this.#ended = true;
      else this.end += read;
    }
    return true;
  }

  /** Continues in a new buffer if the old one may contain blocks that are still being inflated. */
  #renew(bytes: number): void {
    const wanted = Math.max(this.#source.chunkBytes, bytes);
    const buffer = this.#memory === null ? Buffer.allocUnsafeSlow(wanted) : this.#memory.take(wanted);
    this.buffer.copy(buffer, 0, this.start, this.end);
    this.end -= this.start;
    this.start = 0;
    this.buffer = buffer;
  }
}
