import { Buffer } from 'node:buffer';
import { promises } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { systemReason } from '../../diagnostics/system-reason.js';
import { counted } from '../../telemetry/counted.js';
import type { EncodedPiece } from '../encoded-piece.js';
import { type NotConnected, OK, type Ok, type SendResult, type Transport } from '../transport.js';
import { DirectWriter } from './direct-writer.js';
import { incompleteLine } from './incomplete-line.js';

export interface FileTransportOptions {
  readonly path: string;
  /** Start a new file when this one would grow beyond this size in bytes; 0 for never. */
  readonly rotateSize: number;
  /** Start a new file when this one has this age in milliseconds; 0 for never. */
  readonly rotateAge: number;
  /** Number of earlier files to keep; `PATH.1` is the latest. */
  readonly rotateKeep: number;
  /** Returns the current time in milliseconds. */
  readonly now: () => number;
  /** Logs a warning about a problem that was repaired. The message names the path. */
  readonly warned: (message: string) => void;
}

/** Most pieces written in one call: half of the default queue, so that further pieces are encoded meanwhile. */
const MOST_TOGETHER = 10;

const NEWLINE = 10;
const LINE_END = Uint8Array.of(NEWLINE);
const NO_BYTES = new Uint8Array(0);

/**
 * The `file` transport: appends to a file, rotates it by size and age, and opens it again on request (SIGHUP). After a write error,
 * such as a full disk, the file contains only whole records. If the file ends within a line, as after a crash, the first record
 * starts on a new line.
 */
export class FileTransport implements Transport {
  readonly target: string;
  readonly needs = 'bytes';
  readonly mostPieces: number = MOST_TOGETHER;
  readonly #options: FileTransportOptions;
  #file: FileHandle | null = null;
  #writer: DirectWriter | null = null;
  /** Size of the file in bytes: the offset of the next record. */
  #size = 0;
  /** Bytes of an incomplete line at the end of the file, which is ended before the next record; 0 if there is none. */
  #incomplete = 0;
  #openedAt = 0;
  #wasOpen = false;

  constructor(options: FileTransportOptions) {
    this.#options = options;
    this.target = options.path;
  }

  async connect(): Promise<Ok | NotConnected> {
    const problem = this.#file === null ? await attempt(() => this.#openFile()) : null;
    if (problem === null) return OK;
    // A file that cannot be opened at the start is a configuration error: do not retry.
    return this.#wasOpen ? notWritten(problem) : { ...notWritten(problem), permanent: 'failed' };
  }

  async send(pieces: readonly EncodedPiece[]): Promise<SendResult> {
    // With a size limit, the file may have to be rotated within a piece.
    const groups = this.#options.rotateSize > 0 ? pieces.map((piece) => [piece]) : [pieces];
    let written = 0;
    for (const group of groups) {
      const bytes = group.map((piece) => piece.bytes);
      const { size, problem } = group.length === 1 ? await this.#writePiece(bytes[0]!) : await this.#write(bytes);
      if (problem !== null) return resultOf(pieces, written + size, problem);
      written += size;
    }
    return OK;
  }

  async reopen(): Promise<Ok | NotConnected> {
    const problem = (await attempt(() => this.#closeFile())) ?? (await attempt(() => this.#openFile()));
    return problem === null ? OK : notWritten(problem);
  }

  async close(): Promise<Ok | NotConnected> {
    const problem = await attempt(() => this.#closeFile());
    return problem === null ? OK : notWritten(problem);
  }

  /** Writes a piece, rotating the file when the rest does not fit. */
  async #writePiece(piece: Uint8Array): Promise<Written> {
    let written = 0;
    while (written < piece.length) {
      const rest = piece.subarray(written);
      const unready = await this.#makeReady(rest);
      if (unready !== null) return { size: written, problem: unready };
      const { size, problem } = await this.#append([rest.subarray(0, this.#room(rest))]);
      written += size;
      if (problem !== null) return { size: written, problem };
    }
    return { size: written, problem: null };
  }

  /** Writes pieces in one system call, for files without a size limit. */
  async #write(pieces: readonly Uint8Array[]): Promise<Written> {
    const problem = await this.#makeReady(pieces[0]!);
    return problem === null ? this.#append(pieces) : { size: 0, problem };
  }

  /** Opens the file if it is not open, and rotates it if that is due. Returns the reason of a failure, or null. */
  #makeReady(next: Uint8Array): Promise<string | null> {
    return attempt(async () => {
      if (this.#file === null) await this.#openFile();
      if (this.#isDue(next)) await this.#rotate();
    });
  }

  #isDue(next: Uint8Array): boolean {
    const { rotateSize, rotateAge, now } = this.#options;
    if (this.#size === 0) return false;
    if (rotateAge > 0 && now() - this.#openedAt >= rotateAge) return true;
    return rotateSize > 0 && this.#size + firstRecord(next) > rotateSize;
  }

  /** Size of the whole records that still fit into the file, in bytes; at least that of one record. */
  #room(rest: Uint8Array): number {
    const { rotateSize } = this.#options;
    if (rotateSize === 0 || this.#size + rest.length <= rotateSize) return rest.length;
    const end = rest.lastIndexOf(NEWLINE, Math.max(0, rotateSize - this.#size - 1));
    return end === -1 ? firstRecord(rest) : end + 1;
  }

  /** Appends whole records. After a failure, a partly written record is removed. */
  async #append(parts: readonly Uint8Array[]): Promise<Written> {
    const file = this.#file!;
    const size = parts.reduce((sum, part) => sum + part.length, 0);
    let written = 0;
    const problem = await attempt(async () => {
      await this.#endIncompleteLine(file);
      while (written < size) written += await this.#writer!.write(partsFrom(parts, written));
    });
    const begun = problem === null ? NO_BYTES : Buffer.concat(parts, written);
    const whole = problem === null ? size : begun.lastIndexOf(NEWLINE) + 1;
    const isRemoved = whole === written || (await attempt(() => file.truncate(this.#size + whole))) === null;
    this.#size += whole;
    // A partial record that cannot be removed must not become the start of the next record.
    if (!isRemoved) {
      this.#incomplete = written - whole;
      this.#size += this.#incomplete;
    }
    return { size: whole, problem };
  }

  async #openFile(): Promise<void> {
    const file = await promises.open(this.#options.path, 'a', 0o640);
    const status = await file.stat();
    this.#file = file;
    this.#writer = new DirectWriter(file, this.#options.now);
    this.#size = status.size;
    this.#incomplete = status.isFile() ? await this.#findIncompleteLine(status.size) : 0;
    this.#openedAt = this.#options.now();
    this.#wasOpen = true;
  }

  /** Size of an incomplete line at the end of the file, in bytes; 0 if there is none, or the file cannot be read. */
  async #findIncompleteLine(size: number): Promise<number> {
    const { path } = this.#options;
    try {
      return await incompleteLine(path, size);
    } catch (error) {
      const problem = `cannot check whether the last line is complete: ${reason(error)}`;
      this.#options.warned(`${path}: ${problem}`);
      return 0;
    }
  }

  /** Ends an incomplete last line, if there is one. */
  async #endIncompleteLine(file: FileHandle): Promise<void> {
    if (this.#incomplete === 0) return;
    const bytes = counted(this.#incomplete, 'byte');
    await file.writev([LINE_END]);
    this.#size++;
    this.#incomplete = 0;
    const found = `the last line (${bytes}) was incomplete`;
    this.#options.warned(`${this.#options.path}: ${found}; the next record starts on a new line`);
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await this.#writer?.close();
    await file?.close();
  }

  /** Moves `PATH` to `PATH.1`, `PATH.1` to `PATH.2`, … and drops the oldest. */
  async #rotate(): Promise<void> {
    const { path, rotateKeep } = this.#options;
    await this.#closeFile();
    await promises.rm(rotateKeep === 0 ? path : `${path}.${rotateKeep}`, { force: true });
    for (let n = rotateKeep - 1; n >= 1; n--) await renameIfExists(`${path}.${n}`, `${path}.${n + 1}`);
    if (rotateKeep > 0) await renameIfExists(path, `${path}.1`);
    await this.#openFile();
  }
}

/** Bytes of the whole records that were written, and the problem; null if all were written. */
interface Written {
  readonly size: number;
  readonly problem: string | null;
}

/** Runs an operation on a file. Returns the reason of a failure, or null. */
async function attempt(work: () => Promise<void>): Promise<string | null> {
  try {
    await work();
    return null;
  } catch (error) {
    return reason(error);
  }
}

function notWritten(problem: string): NotConnected {
  return { kind: 'not-connected', reason: problem };
}

/** The result for pieces of which the given number of bytes, all of whole records, was written. */
function resultOf(pieces: readonly EncodedPiece[], bytes: number, problem: string): SendResult {
  if (bytes === 0) return notWritten(problem);
  let left = bytes;
  let from = 0;
  for (const piece of pieces) {
    from += countRecords(piece.bytes.subarray(0, left));
    left = Math.max(0, left - piece.bytes.length);
  }
  const to = pieces.reduce((sum, { count }) => sum + count, 0);
  return { kind: 'partial', failed: [{ from, to, action: 'retry', reason: problem }] };
}

/** Returns what remains of parts after the given number of bytes. */
function partsFrom(parts: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let before = bytes;
  const left: Uint8Array[] = [];
  for (const part of parts) {
    if (before < part.length) left.push(part.subarray(before));
    before = Math.max(0, before - part.length);
  }
  return left;
}

/** Size of the first record with its newline, in bytes. */
function firstRecord(piece: Uint8Array): number {
  const end = piece.indexOf(NEWLINE);
  return end === -1 ? piece.length : end + 1;
}

function countRecords(piece: Uint8Array): number {
  let records = 0;
  for (let at = piece.indexOf(NEWLINE); at !== -1; at = piece.indexOf(NEWLINE, at + 1)) records++;
  return records;
}

async function renameIfExists(from: string, to: string): Promise<void> {
  try {
    await promises.rename(from, to);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}

function reason(error: unknown): string {
  return systemReason(error, 'no such folder');
}
