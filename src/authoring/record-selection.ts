/** Selects records by time, process and container. */
import type { FlatBatch } from '../records/flat-batch.js';
import { FlatRecord } from '../records/flat-record.js';
import type { Receiver } from '../streams/receiver.js';
import type { Container } from '../sysflow/entities.js';
import { compareInt64, highHalf, lowHalf, toBigInt } from '../sysflow/int64.js';
import { SLOT_PROC_PID, SLOT_TS } from '../sysflow/record-batch.js';
import { RecordKind } from '../sysflow/record-types.js';

/**
 * Range of the start times of records, nanoseconds since the epoch: `since` inclusive, `until` exclusive; null for no
 * bound.
 */
export interface TimeRange {
  readonly since: bigint | null;
  readonly until: bigint | null;
}

/** Criteria for records; null for no restriction. */
export interface RecordSelection {
  readonly time: TimeRange;
  readonly pids: ReadonlySet<bigint> | null;
  /** Names of containers, or prefixes of their ids. */
  readonly containers: readonly string[] | null;
}

/** Creates a test of a time, given as two 32-bit halves. */
export function timeTest({ since, until }: TimeRange): (lo: number, hi: number) => boolean {
  const [sinceLo, sinceHi] = halves(since);
  const [untilLo, untilHi] = halves(until);
  return (lo, hi) =>
    (since === null || compareInt64(lo, hi, sinceLo, sinceHi) >= 0) &&
    (until === null || compareInt64(lo, hi, untilLo, untilHi) < 0);
}

function halves(time: bigint | null): [number, number] {
  return time === null ? [0, 0] : [lowHalf(time), highHalf(time)];
}

/** Passes on the selected records. */
export class SelectedRecords implements Receiver<FlatBatch> {
  readonly #selection: RecordSelection;
  /** Whether all records are selected. */
  readonly #all: boolean;
  readonly #inTime: (lo: number, hi: number) => boolean;
  readonly #receiver: Receiver<FlatBatch>;
  readonly #record = new FlatRecord();

  constructor(selection: RecordSelection, receiver: Receiver<FlatBatch>) {
    this.#selection = selection;
    const { time, pids, containers } = selection;
    this.#all = time.since === null && time.until === null && pids === null && containers === null;
    this.#inTime = timeTest(time);
    this.#receiver = receiver;
  }

  push(batch: FlatBatch): Promise<void> | undefined {
    if (this.#all) return this.#receiver.push(batch);
    const rows = new Int32Array(batch.count);
    let count = 0;
    for (let i = 0; i < batch.count; i++) {
      const row = batch.rows[i]!;
      if (this.#wants(this.#record.moveTo(batch, row))) rows[count++] = row;
    }
    if (count > 0) return this.#receiver.push(batch.select(rows, count, batch.contexts));
    batch.release();
    return undefined;
  }

  end(): Promise<void> {
    return this.#receiver.end();
  }

  #wants({ slots, base, kind, container }: FlatRecord): boolean {
    const { pids, containers } = this.#selection;
    if (!this.#inTime(slots[base + SLOT_TS]!, slots[base + SLOT_TS + 1]!)) return false;
    if (pids !== null) {
      const pid = toBigInt(slots[base + SLOT_PROC_PID]!, slots[base + SLOT_PROC_PID + 1]!);
      if (kind === RecordKind.k8sEvent || !pids.has(pid)) return false;
    }
    return containers === null || (container !== null && containers.some((wanted) => isNamed(container, wanted)));
  }
}

function isNamed({ id, name }: Container, wanted: string): boolean {
  return name === wanted || id.startsWith(wanted);
}
