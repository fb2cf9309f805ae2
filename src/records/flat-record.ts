import type { Container, File, Header, K8sEvent, Payload, Pod, Process } from '../sysflow/entities.js';
import { toBigInt } from '../sysflow/int64.js';
import {
  ROW_SLOTS,
  SLOT_END_TS,
  SLOT_FD,
  SLOT_OP_FLAGS,
  SLOT_OPEN_FLAGS,
  SLOT_RET,
  SLOT_TID,
  SLOT_TS,
} from '../sysflow/record-batch.js';
import { RECORD_TYPE_CODES, RecordKind } from '../sysflow/record-types.js';
import type { Actor } from './actor.js';
import type { FlatBatch } from './flat-batch.js';
import type { RecordContext } from './record-context.js';

/**
 * One flat record: an event or flow with references to its entities.
 *
 * It is a view on a row of a batch. Stages move one view over all rows ({@link moveTo}). To keep a record, create a
 * view of its own and retain the batch.
 */
export class FlatRecord {
  batch!: FlatBatch;
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
  moveTo(batch: FlatBatch, row: number): this {
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
    return toBigInt(this.slots[this.base + SLOT_TS]!, this.slots[this.base + SLOT_TS + 1]!);
  }
  /** End of a flow, nanoseconds since the epoch; 0 for events. */
  get endTs(): bigint {
    return toBigInt(this.slots[this.base + SLOT_END_TS]!, this.slots[this.base + SLOT_END_TS + 1]!);
  }
  /** Thread id. */
  get tid(): bigint {
    return toBigInt(this.slots[this.base + SLOT_TID]!, this.slots[this.base + SLOT_TID + 1]!);
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
}
