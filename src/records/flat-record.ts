import type { Container, File, Header, K8sEvent, Payload, Pod, Process } from '../sysflow/entities.js';
import { toBigInt } from '../sysflow/int64.js';
import {
  type RecordBatch,
  ROW_SLOTS,
  SLOT_DIP,
  SLOT_DPORT,
  SLOT_END_TS,
  SLOT_FD,
  SLOT_OP_FLAGS,
  SLOT_OPEN_FLAGS,
  SLOT_PROC_PID,
  SLOT_PROTO,
  SLOT_READ_BYTES,
  SLOT_READ_OPS,
  SLOT_RET,
  SLOT_SIP,
  SLOT_SPORT,
  SLOT_TID,
  SLOT_TS,
  SLOT_WRITE_BYTES,
  SLOT_WRITE_OPS,
} from '../sysflow/record-batch.js';
import { RECORD_TYPE_CODES, RecordKind } from '../sysflow/record-types.js';
import type { Actor } from './actor.js';
import type { RecordContext } from './record-context.js';

/** The part of a batch that a view on one of its rows reads; `FlatBatch` implements it. */
export interface FlatRows {
  readonly records: RecordBatch;
  readonly contexts: (RecordContext | null)[] | null;
  readonly actorIds: Int32Array;
  readonly fileIds: Int32Array;
  readonly newFileIds: Int32Array;
  actor(row: number): Actor;
  file(row: number): File | null;
  newFile(row: number): File | null;
  retain(): void;
  release(): void;
}

/**
 * One flat record: an event or flow with references to its entities.
 *
 * It is a view on a row of a batch. Stages move one view over all rows ({@link moveTo}). To keep a record, create a
 * view of its own and retain the batch.
 */
export class FlatRecord {
  batch!: FlatRows;
  row = 0;
  /** Index of the row's first slot in `slots`. */
  base = 0;
  /** The slots of the whole batch. */
  slots!: Int32Array;
  /** `RecordKind` of the record. */
  kind = 0;
  actor!: Actor;
  file: File | null = null;
  newFile: File | null = null;

  /** Moves the view to a row of a batch. */
  moveTo(batch: FlatRows, row: number): this {
    this.batch = batch;
    this.row = row;
    this.base = row * ROW_SLOTS;
    this.slots = batch.records.slots;
    this.kind = batch.records.kinds[row]!;
    this.actor = batch.actor(row);
    this.file = batch.file(row);
    this.newFile = batch.newFile(row);
    return this;
  }

  /** `PE`, `FF`, … */
  get type(): string {
    return RECORD_TYPE_CODES[this.kind]!;
  }
  get header(): Header {
    return this.actor.header;
  }
  get process(): Process | null {
    return this.actor.process;
  }
  get parent(): Process | null {
    return this.actor.parent;
  }
  get container(): Container | null {
    return this.actor.container;
  }
  get pod(): Pod | null {
    return this.actor.pod;
  }
  /** The Kubernetes event of a KE record. */
  get k8sEvent(): K8sEvent | null {
    return this.kind === RecordKind.k8sEvent ? (this.payload as K8sEvent) : null;
  }
  /** The payload of the row: see {@link Payload}. */
  get payload(): Payload {
    return this.batch.records.payloads[this.row]!;
  }
  get context(): RecordContext | null {
    return this.batch.contexts === null ? null : this.batch.contexts[this.row]!;
  }
  /** Start, nanoseconds since the epoch. */
  get ts(): bigint {
    return this.#long(SLOT_TS);
  }
  /** End of a flow, nanoseconds since the epoch; 0 for events. */
  get endTs(): bigint {
    return this.#long(SLOT_END_TS);
  }
  /** Thread id. */
  get tid(): bigint {
    return this.#long(SLOT_TID);
  }
  /** Process id on the host, as the event names it, whether the process is known or not. */
  get pid(): bigint {
    return this.#long(SLOT_PROC_PID);
  }
  /** `OpFlag` bits. */
  get opFlags(): number {
    return this.slots[this.base + SLOT_OP_FLAGS]!;
  }
  /** `OpenFlag` bits of a file flow; otherwise 0. */
  get openFlags(): number {
    return this.slots[this.base + SLOT_OPEN_FLAGS]!;
  }
  /** Return code of an event; otherwise 0. */
  get ret(): number {
    return this.slots[this.base + SLOT_RET]!;
  }
  /** Descriptor of a flow; otherwise 0. */
  get fd(): number {
    return this.slots[this.base + SLOT_FD]!;
  }
  /** Addresses of a network flow with the first octet in the lowest byte, as `formatIpv4` takes them; else 0. */
  get sip(): number {
    return this.slots[this.base + SLOT_SIP]!;
  }
  get dip(): number {
    return this.slots[this.base + SLOT_DIP]!;
  }
  /** Ports and IANA protocol number of a network flow, else 0. */
  get sport(): number {
    return this.slots[this.base + SLOT_SPORT]!;
  }
  get dport(): number {
    return this.slots[this.base + SLOT_DPORT]!;
  }
  get proto(): number {
    return this.slots[this.base + SLOT_PROTO]!;
  }
  /** What a flow read and wrote, or received and sent; else 0. */
  get readOps(): bigint {
    return this.#long(SLOT_READ_OPS);
  }
  get writeOps(): bigint {
    return this.#long(SLOT_WRITE_OPS);
  }
  get readBytes(): bigint {
    return this.#long(SLOT_READ_BYTES);
  }
  get writeBytes(): bigint {
    return this.#long(SLOT_WRITE_BYTES);
  }

  #long(slot: number): bigint {
    return toBigInt(this.slots[this.base + slot]!, this.slots[this.base + slot + 1]!);
  }
}
