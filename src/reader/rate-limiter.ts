import type { FlatBatch } from '../records/flat-batch.js';
import { allocateMemoSlot } from '../records/memo.js';
import type { File, Process } from '../sysflow/entities.js';
import { ROW_SLOTS, SLOT_DIP, SLOT_DPORT, SLOT_OP_FLAGS, SLOT_PROTO, SLOT_SIP } from '../sysflow/record-batch.js';
import { RecordKind } from '../sysflow/record-types.js';

/** Records remembered at most; the oldest are forgotten before their time, which lets a repetition through. */
const MAX_REMEMBERED = 1 << 20;

/** Texts that were given a number at most; then all numbers start anew. */
const MAX_NUMBERED = 1 << 18;

const PROCESS_SLOT = allocateMemoSlot();
const FILE_SLOT = allocateMemoSlot();

/**
 * Lets a record pass that has not been seen within a time: same executable, arguments, owner, terminal, operations, and
 * same file or same addresses, destination port and protocol. Time is that of the program, not of the records.
 */
export class RateLimiter {
  /** Records suppressed. */
  suppressed = 0;
  /** Records forgotten before their time. */
  forgotten = 0;
  readonly #maxAge: number;
  readonly #now: () => number;
  /** When each record was first seen, oldest first. */
  readonly #seen = new Map<string, number>();
  #numbers = new Map<string, number>();
  /** Tells numbers kept in memos from those before a restart of the numbering. */
  #generation = 0;

  /**
   * @param maxAge milliseconds for which a record is remembered
   * @param now the time in milliseconds
   */
  constructor(maxAge: number, now: () => number) {
    this.#maxAge = maxAge;
    this.#now = now;
  }

  /** Forgets what is too old; called once a batch. */
  expire(): void {
    const oldest = this.#now() - this.#maxAge;
    for (const [key, time] of this.#seen) {
      if (time > oldest) break;
      this.#seen.delete(key);
    }
  }

  /** Whether the record of a row may pass; it is remembered if so. */
  admit(batch: FlatBatch, row: number): boolean {
    if (batch.records.kinds[row] === RecordKind.k8sEvent) return true;
    const key = this.#key(batch, row);
    if (this.#seen.has(key)) {
      this.suppressed++;
      return false;
    }
    if (this.#seen.size >= MAX_REMEMBERED) {
      this.#seen.delete(this.#seen.keys().next().value!);
      this.forgotten++;
    }
    this.#seen.set(key, this.#now());
    return true;
  }

  #key(batch: FlatBatch, row: number): string {
    const { slots, kinds } = batch.records;
    const base = row * ROW_SLOTS;
    const who = `${this.#processNumber(batch.actor(row).process)} ${slots[base + SLOT_OP_FLAGS]}`;
    const kind = kinds[row]!;
    if (kind === RecordKind.networkFlow) {
      return `${who} ${slots[base + SLOT_SIP]} ${slots[base + SLOT_DIP]} ${slots[base + SLOT_DPORT]} ${slots[base + SLOT_PROTO]}`;
    }
    if (kind === RecordKind.fileFlow || kind === RecordKind.fileEvent) {
      return `${who} ${this.#fileNumber(batch.file(row))}`;
    }
    return who;
  }

  #processNumber(process: Process | null): number {
    if (process === null) return this.#number('');
    const kept = process.memo[PROCESS_SLOT] as Numbered | undefined;
    if (kept !== undefined && kept.limiter === this && kept.generation === this.#generation) return kept.number;
    const { exe, args, uid, gid, tty } = process;
    const number = this.#number(JSON.stringify([exe, args, uid, gid, tty]));
    process.memo[PROCESS_SLOT] = { limiter: this, generation: this.#generation, number } satisfies Numbered;
    return number;
  }

  #fileNumber(file: File | null): number {
    if (file === null) return this.#number('');
    const kept = file.memo[FILE_SLOT] as Numbered | undefined;
    if (kept !== undefined && kept.limiter === this && kept.generation === this.#generation) return kept.number;
    const number = this.#number(file.path);
    file.memo[FILE_SLOT] = { limiter: this, generation: this.#generation, number } satisfies Numbered;
    return number;
  }

  /** A number for a text, the same for the same text. */
  #number(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    if (this.#numbers.size >= MAX_NUMBERED) this.#restart();
    const number = this.#numbers.size;
    this.#numbers.set(text, number);
    return number;
  }

  #restart(): void {
    this.forgotten += this.#seen.size;
    this.#seen.clear();
    this.#numbers = new Map();
    this.#generation++;
  }
}

/** A number kept in a memo. */
interface Numbered {
  readonly limiter: RateLimiter;
  readonly generation: number;
  readonly number: number;
}
