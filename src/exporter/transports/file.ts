import { Buffer } from 'node:buffer';
import { promises } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { systemReason } from '../../diagnostics/system-reason.js';
import { counted } from '../../telemetry/counted.js';
import type { Transport, TransportEvents, TransportStatistics } from '../transport.js';
import { DirectWriter } from './direct-writer.js';
import { incompleteLine } from './incomplete-line.js';

export interface FileTransportOptions {
  readonly path: string;
  /** Start another file when this one would grow beyond so many bytes; 0: never. */
  readonly rotateSize: number;
  /** Start another file when this one is so many milliseconds old; 0: never. */
  readonly rotateAge: number;
  /** How many old files to keep, `PATH.1` the youngest. */
  readonly rotateKeep: number;
  /** The time in milliseconds. */
  readonly now: () => number;
}

/** A piece that is to be written. */
interface Waiting {
  readonly piece: Uint8Array;
  readonly records: number;
  readonly settle: () => void;
}

/** After a failure, how long until the next try, milliseconds; what comes in between is lost. */
const RETRY_AFTER = 1000;

/** Pieces written in one call: fewer than are under way at once, so that the next ones are encoded meanwhile. */
const MOST_TOGETHER = 10;

const NEWLINE = 10;
const LINE_END = Uint8Array.of(NEWLINE);
const NO_BYTES = new Uint8Array(0);

/**
 * The `file` transport: appends, rotates by size and age, opens the file anew when told to (SIGHUP). A full disk or a
 * failing one loses whole records, which are counted, never a part of one; writing is tried again every second. Where the
 * file ends within a line, as after a crash, the first record starts on a line of its own.
 */
export class FileTransport implements Transport {
  readonly statistics: TransportStatistics = { records: 0, bytes: 0, lost: 0 };
  readonly #options: FileTransportOptions;
  readonly #events: TransportEvents;
  #file: FileHandle | null = null;
  #writer: DirectWriter | null = null;
  /** Bytes in the file, which is where the next record starts. */
  #size = 0;
  /** Bytes of an incomplete line at the end of the file, which is ended before the next record; 0: there is none. */
  #incomplete = 0;
  #openedAt = 0;
  #failing = false;
  #retryAt = 0;
  /** Writes, rotations and reopening happen one after the other. */
  #queue: Promise<void> = Promise.resolve();
  /** The pieces at the end of the queue, which will be written together; null where something else is there. */
  #waiting: Waiting[] | null = null;

  constructor(options: FileTransportOptions, events: TransportEvents) {
    this.#options = options;
    this.#events = events;
  }

  async open(): Promise<string | null> {
    try {
      await this.#openFile();
      return null;
    } catch (error) {
      return `${this.#options.path}: ${reason(error)}`;
    }
  }

  write(piece: Uint8Array, records: number): Promise<void> {
    return new Promise((settle) => {
      if (this.#waiting === null || this.#waiting.length >= MOST_TOGETHER) this.#waiting = this.#enqueueWaiting();
      this.#waiting.push({ piece, records, settle });
    });
  }

  reopen(): Promise<void> {
    return this.#enqueue(async () => {
      await this.#closeFile();
      await this.#attempt(() => this.#openFile());
    });
  }

  close(): Promise<void> {
    return this.#enqueue(() => this.#closeFile());
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    this.#waiting = null;
    this.#queue = this.#queue.then(work);
    return this.#queue;
  }

  #enqueueWaiting(): Waiting[] {
    const waiting: Waiting[] = [];
    void this.#enqueue(() => {
      if (this.#waiting === waiting) this.#waiting = null;
      return this.#writeAll(waiting);
    });
    return waiting;
  }

  /** Writes pieces, in one call of the system where files have no bound. */
  async #writeAll(waiting: readonly Waiting[]): Promise<void> {
    if (this.#options.rotateSize > 0) {
      for (const { piece, records } of waiting) await this.#writePiece(piece, records);
    } else {
      const pieces = waiting.map(({ piece }) => piece);
      const records = waiting.reduce((sum, one) => sum + one.records, 0);
      if (this.#isPausing() || !(await this.#makeReady(pieces[0]!))) this.statistics.lost += records;
      else await this.#append(pieces, records);
    }
    for (const { settle } of waiting) settle();
  }

  /** Whether the last failure is so recent that nothing is tried. */
  #isPausing(): boolean {
    return this.#failing && this.#options.now() < this.#retryAt;
  }

  async #writePiece(piece: Uint8Array, records: number): Promise<void> {
    if (this.#isPausing()) {
      this.statistics.lost += records;
      return;
    }
    let rest = piece;
    let left = records;
    while (rest.length > 0) {
      if (!(await this.#makeReady(rest))) break;
      const part = rest.subarray(0, this.#room(rest));
      const inPart = part.length === rest.length ? left : countRecords(part);
      if (!(await this.#append([part], inPart))) {
        rest = rest.subarray(part.length);
        left -= inPart;
        break;
      }
      rest = rest.subarray(part.length);
      left -= inPart;
    }
    if (rest.length > 0) this.statistics.lost += left;
  }

  /** Opens the file if it is not open and rotates it if it is due; whether it can be written to. */
  #makeReady(next: Uint8Array): Promise<boolean> {
    return this.#attempt(async () => {
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

  /** How many bytes of whole records still fit into the file; at least one record. */
  #room(rest: Uint8Array): number {
    const { rotateSize } = this.#options;
    if (rotateSize === 0 || this.#size + rest.length <= rotateSize) return rest.length;
    const end = rest.lastIndexOf(NEWLINE, Math.max(0, rotateSize - this.#size - 1));
    return end === -1 ? firstRecord(rest) : end + 1;
  }

  /** Appends whole records; on a failure those that did not fit entirely are taken back and counted as lost. */
  async #append(parts: readonly Uint8Array[], records: number): Promise<boolean> {
    const file = this.#file!;
    const size = parts.reduce((sum, part) => sum + part.length, 0);
    let written = 0;
    const done = await this.#attempt(async () => {
      await this.#endIncompleteLine(file);
      while (written < size) written += await this.#writer!.write(partsFrom(parts, written));
    });
    const begun = done ? NO_BYTES : Buffer.concat(parts, written);
    const whole = done ? size : begun.lastIndexOf(NEWLINE) + 1;
    const kept = done ? records : countRecords(begun.subarray(0, whole));
    const isCut = whole === written || (await this.#attempt(() => file.truncate(this.#size + whole)));
    this.#size += whole;
    // What cannot be taken back must not become the start of the next record.
    if (!isCut) {
      this.#incomplete = written - whole;
      this.#size += this.#incomplete;
    }
    this.statistics.records += kept;
    this.statistics.bytes += whole;
    this.statistics.lost += records - kept;
    if (done && this.#failing) {
      this.#failing = false;
      const lost = counted(this.statistics.lost, 'record was', 'records were');
      this.#events.recovered(`${this.#options.path}: writing again, ${lost} lost`);
    }
    return done;
  }

  async #openFile(): Promise<void> {
    const file = await promises.open(this.#options.path, 'a', 0o640);
    const status = await file.stat();
    this.#file = file;
    this.#writer = new DirectWriter(file, this.#options.now);
    this.#size = status.size;
    this.#incomplete = status.isFile() ? await this.#findIncompleteLine(status.size) : 0;
    this.#openedAt = this.#options.now();
  }

  /** Bytes of an incomplete line at the end of the file; 0 where there is none, or the file may not be read. */
  async #findIncompleteLine(size: number): Promise<number> {
    const { path } = this.#options;
    try {
      return await incompleteLine(path, size);
    } catch (error) {
      const problem = `whether its last line is complete is not known: ${reason(error)}`;
      this.#events.warned(`${path}: ${problem}`);
      return 0;
    }
  }

  /** Ends the line within which the file ends, if there is one. */
  async #endIncompleteLine(file: FileHandle): Promise<void> {
    if (this.#incomplete === 0) return;
    const bytes = counted(this.#incomplete, 'byte');
    await file.writev([LINE_END]);
    this.#size++;
    this.#incomplete = 0;
    const found = `its last line, of ${bytes}, was incomplete`;
    this.#events.warned(`${this.#options.path}: ${found}; the next record starts on a new line`);
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await this.#writer?.close();
    if (file !== null) await this.#attempt(() => file.close());
  }

  /** Moves `PATH` to `PATH.1`, `PATH.1` to `PATH.2`, … and drops the oldest. */
  async #rotate(): Promise<void> {
    const { path, rotateKeep } = this.#options;
    await this.#closeFile();
    await promises.rm(rotateKeep === 0 ? path : `${path}.${rotateKeep}`, { force: true });
    for (let n = rotateKeep - 1; n >= 1; n--) await renameIfThere(`${path}.${n}`, `${path}.${n + 1}`);
    if (rotateKeep > 0) await renameIfThere(path, `${path}.1`);
    await this.#openFile();
  }

  /** Does something with the file; tells when that starts to fail and when it works again. */
  async #attempt(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
    } catch (error) {
      if (!this.#failing) this.#events.failed(`${this.#options.path}: ${reason(error)}`);
      this.#failing = true;
      this.#retryAt = this.#options.now() + RETRY_AFTER;
      return false;
    }
    return true;
  }
}

/** What is left of some parts after so many bytes. */
function partsFrom(parts: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let before = bytes;
  const left: Uint8Array[] = [];
  for (const part of parts) {
    if (before < part.length) left.push(part.subarray(before));
    before = Math.max(0, before - part.length);
  }
  return left;
}

/** Bytes of the first record with its line end. */
function firstRecord(piece: Uint8Array): number {
  const end = piece.indexOf(NEWLINE);
  return end === -1 ? piece.length : end + 1;
}

function countRecords(piece: Uint8Array): number {
  let records = 0;
  for (let at = piece.indexOf(NEWLINE); at !== -1; at = piece.indexOf(NEWLINE, at + 1)) records++;
  return records;
}

async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await promises.rename(from, to);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}

function reason(error: unknown): string {
  return systemReason(error, 'no such folder');
}
