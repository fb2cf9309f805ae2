import type { FlatBatch } from '../records/flat-batch.js';
import { allocateMemoSlot } from '../records/memo.js';
import type { File, Process } from '../sysflow/entities.js';
import { ROW_SLOTS, SLOT_DIP, SLOT_DPORT, SLOT_OP_FLAGS, SLOT_PROTO, SLOT_SIP } from '../sysflow/record-batch.js';
import { RecordKind } from '../sysflow/record-types.js';

/** Most records remembered. Beyond that, the oldest are forgotten early, so that a repetition may pass. */
const MAX_REMEMBERED = 1 << 20;

/** Most texts with a number; beyond that, numbering restarts. */
const MAX_NUMBERED = 1 << 18;

const PROCESS_SLOT = allocateMemoSlot();
const FILE_SLOT = allocateMemoSlot();

/**
 * Suppresses a record that was already seen within a time: same executable, arguments, owner, terminal, operations, and
 * same file or same addresses, destination port and protocol. Uses the clock of the program, not the times of the records.
 */
export class RateLimiter {
  /** Records suppressed. */
  suppressed = 0;
  /** Records forgotten early. */
  forgotten = 0;
  readonly #maxAge: number;
  readonly #now: () => number;
  /** When each record was first seen, oldest first. */
  readonly #seen = new Map<string, number>();
  #numbers = new Map<string, number>();
  /** Distinguishes numbers in memos from those assigned before numbering restarted. */
  #generation = 0;

  /**
   * @param maxAge milliseconds for which a record is remembered
   * @param now returns the current time in milliseconds
   */
  constructor(maxAge: number, now: () => number) {
    this.#maxAge = maxAge;
    this.#now = now;
  }

  /** Forgets records that are too old; called once per batch. */
  expire(): void {
    const oldest = this.#now() - this.#maxAge;
    for (const [key, time] of this.#seen) {
      if (time > oldest) break;
      this.#seen.delete(key);
    }
  }

  /** Whether the record of a row may pass. If so, it is remembered. */
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
