/**
 * Records as plain objects, one type per kind: the input of the writer, and a form into which a batch row can be
 * converted.
 *
 * They are for programs that create or show records. The stages of the pipeline work on batch rows instead, which need
 * no object per event. 64-bit integers are BigInts here; timestamps are nanoseconds since the epoch.
 */
import type { Container, File, Header, K8sEvent, Pod, Process } from './entities.js';
import { toBigInt } from './int64.js';
import {
  announcedFile,
  type RecordBatch,
  ROW_SLOTS,
  SLOT_DIP,
  SLOT_DPORT,
  SLOT_END_TS,
  SLOT_FD,
  SLOT_FILE_OID,
  SLOT_HAS_NEW_FILE,
  SLOT_NEW_FILE_OID,
  SLOT_OP_FLAGS,
  SLOT_OPEN_FLAGS,
  SLOT_PROC_CREATE_TS,
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
} from './record-batch.js';
import { RecordKind } from './record-types.js';

/** The id of a process. */
export interface ProcessOid {
  /** Creation time. */
  readonly createTs: bigint;
  /** Process id on the host. */
  readonly pid: bigint;
}

export interface HeaderRecord extends Header {
  readonly kind: 'header';
}

export interface ContainerRecord extends Container {
  readonly kind: 'container';
}

export interface ProcessRecord {
  readonly kind: 'process';
  /** One of `ObjectState`. */
  readonly state: number;
  readonly oid: ProcessOid;
  readonly parent: ProcessOid | null;
  readonly ts: bigint;
  readonly exe: string;
  /** Arguments joined with spaces, without the program's name. */
  readonly args: string;
  readonly uid: number;
  readonly userName: string;
  readonly gid: number;
  readonly groupName: string;
  readonly tty: boolean;
  readonly containerId: string | null;
  readonly entry: boolean;
  /** Null, as in older traces, is written as the empty text. */
  readonly cwd: string | null;
  /** `NAME=value`; null, as in older traces, is written as the empty list. */
  readonly env: readonly string[] | null;
}

export interface FileRecord {
  readonly kind: 'file';
  /** One of `ObjectState`. */
  readonly state: number;
  /** 20 bytes in hexadecimal; missing and invalid digits count as 0. */
  readonly oid: string;
  readonly ts: bigint;
  /** ASCII code of the type: `f`, `d`, `4`, `6`, `u`, `p`, … */
  readonly resourceType: number;
  readonly path: string;
  readonly containerId: string | null;
}

/** Properties of all events and flows. */
interface Activity {
  readonly process: ProcessOid;
  readonly ts: bigint;
  /** `OpFlag` bits. */
  readonly opFlags: number;
}

/** An activity of one thread. */
interface ThreadActivity extends Activity {
  /** Thread id. */
  readonly tid: bigint;
}

/** Both ends of a connection. */
interface Connection {
  /** IPv4 addresses with the first octet in the lowest byte (see `ipv4.ts`). */
  readonly sip: number;
  readonly sport: number;
  readonly dip: number;
  readonly dport: number;
  /** IANA protocol number. */
  readonly proto: number;
}

/** Counters of a flow. */
interface FlowCounters {
  readonly endTs: bigint;
  readonly fd: number;
  readonly readOps: bigint;
  readonly writeOps: bigint;
  readonly readBytes: bigint;
  readonly writeBytes: bigint;
}

export interface ProcessEventRecord extends ThreadActivity {
  readonly kind: 'processEvent';
  readonly args: readonly string[];
  readonly ret: number;
}

export interface NetworkFlowRecord extends ThreadActivity, Connection, FlowCounters {
  readonly kind: 'networkFlow';
}

export interface FileFlowRecord extends ThreadActivity, FlowCounters {
  readonly kind: 'fileFlow';
  /** `OpenFlag` bits. */
  readonly openFlags: number;
  /** The file's id in hexadecimal. */
  readonly fileOid: string;
}

export interface FileEventRecord extends ThreadActivity {
  readonly kind: 'fileEvent';
  readonly fileOid: string;
  readonly ret: number;
  /** The second file of rename, link and symlink. */
  readonly newFileOid: string | null;
}

export interface NetworkEventRecord extends ThreadActivity, Connection {
  readonly kind: 'networkEvent';
  readonly ret: number;
}

export interface ProcessFlowRecord extends Activity {
  readonly kind: 'processFlow';
  readonly endTs: bigint;
  readonly threadsCloned: bigint;
  readonly threadsExited: bigint;
  readonly cloneErrors: bigint;
}

export interface PodRecord extends Omit<Pod, 'tsLo' | 'tsHi' | 'restartCountLo' | 'restartCountHi'> {
  readonly kind: 'pod';
  readonly ts: bigint;
  readonly restartCount: bigint;
}

export interface K8sEventRecord {
  readonly kind: 'k8sEvent';
  readonly ts: bigint;
  /** `K8S_PODS`, … */
  readonly component: string;
  /** `K8S_COMPONENT_ADDED`, … */
  readonly action: string;
  /** JSON text. */
  readonly message: string;
}

/** A record of any kind; `kind` is the key of its `RecordKind`. */
export type TraceRecord =
  | HeaderRecord
  | ContainerRecord
  | ProcessRecord
  | FileRecord
  | ProcessEventRecord
  | NetworkFlowRecord
  | FileFlowRecord
  | FileEventRecord
  | NetworkEventRecord
  | ProcessFlowRecord
  | PodRecord
  | K8sEventRecord;

/** Converts a batch row to an object that does not depend on the batch. */
export function recordAt(batch: RecordBatch, row: number): TraceRecord {
  const view = new Row(batch, row);
  const payload = batch.payloads[row]!;
  switch (batch.kinds[row]) {
    case RecordKind.header:
      return { kind: 'header', ...(payload as Header) };
    case RecordKind.container:
      return { kind: 'container', ...(payload as Container) };
    case RecordKind.process:
      return processRecord(payload as Process);
    case RecordKind.file:
      return fileRecord(announcedFile(batch, row), view.ts);
    case RecordKind.processEvent:
      return { kind: 'processEvent', ...view.thread, args: (payload as readonly string[] | null) ?? [], ret: view.ret };
    case RecordKind.networkFlow:
      return { kind: 'networkFlow', ...view.thread, ...view.connection, ...view.counters };
    case RecordKind.fileFlow: {
      const openFlags = view.int(SLOT_OPEN_FLAGS);
      return { kind: 'fileFlow', ...view.thread, openFlags, fileOid: view.oid(SLOT_FILE_OID), ...view.counters };
    }
    case RecordKind.fileEvent: {
      const newFileOid = view.int(SLOT_HAS_NEW_FILE) === 0 ? null : view.oid(SLOT_NEW_FILE_OID);
      return { kind: 'fileEvent', ...view.thread, fileOid: view.oid(SLOT_FILE_OID), ret: view.ret, newFileOid };
    }
    case RecordKind.networkEvent:
      return { kind: 'networkEvent', ...view.thread, ...view.connection, ret: view.ret };
    case RecordKind.processFlow:
      return {
        kind: 'processFlow',
        ...view.activity,
        endTs: view.long(SLOT_END_TS),
        threadsCloned: view.long(SLOT_READ_OPS),
        threadsExited: view.long(SLOT_WRITE_OPS),
        cloneErrors: view.long(SLOT_READ_BYTES),
      };
    case RecordKind.pod: {
      const { tsLo, tsHi, restartCountLo, restartCountHi, ...rest } = payload as Pod;
      const restartCount = toBigInt(restartCountLo, restartCountHi);
      return { kind: 'pod', ...rest, ts: toBigInt(tsLo, tsHi), restartCount };
    }
    default: {
      const { kind: component, action, message } = payload as K8sEvent;
      return { kind: 'k8sEvent', ts: view.long(SLOT_TS), component, action, message };
    }
  }
}

function processRecord(process: Process): ProcessRecord {
  const parent = {
    createTs: toBigInt(process.parentCreateTsLo, process.parentCreateTsHi),
    pid: toBigInt(process.parentPidLo, process.parentPidHi),
  };
  const { state, exe, args, uid, userName, gid, groupName, tty, containerId, entry, cwd, env } = process;
  return {
    kind: 'process',
    state,
    oid: { createTs: toBigInt(process.createTsLo, process.createTsHi), pid: toBigInt(process.pidLo, process.pidHi) },
    parent: process.hasParent ? parent : null,
    ts: toBigInt(process.tsLo, process.tsHi),
    exe,
    args,
    uid,
    userName,
    gid,
    groupName,
    tty,
    containerId,
    entry,
    cwd,
    env,
  };
}

function fileRecord({ state, oid, resourceType, path, containerId }: File, ts: bigint): FileRecord {
  return { kind: 'file', state, oid, ts, resourceType, path, containerId };
}

/** Reads the slots of one row. */
class Row {
  readonly #slots: Int32Array;
  readonly #base: number;

  constructor(batch: RecordBatch, row: number) {
    this.#slots = batch.slots;
    this.#base = row * ROW_SLOTS;
  }

  int(slot: number): number {
    return this.#slots[this.#base + slot]!;
  }
  long(slot: number): bigint {
    return toBigInt(this.int(slot), this.int(slot + 1));
  }
  oid(slot: number): string {
    let hex = '';
    for (let i = 0; i < 5; i++) hex += (this.int(slot + i) >>> 0).toString(16).padStart(8, '0');
    return hex;
  }
  get ts(): bigint {
    return this.long(SLOT_TS);
  }
  get ret(): number {
    return this.int(SLOT_RET);
  }
  get activity(): Activity {
    return {
      process: { createTs: this.long(SLOT_PROC_CREATE_TS), pid: this.long(SLOT_PROC_PID) },
      ts: this.ts,
      opFlags: this.int(SLOT_OP_FLAGS),
    };
  }
  get thread(): ThreadActivity {
    return { ...this.activity, tid: this.long(SLOT_TID) };
  }
  get connection(): Connection {
    return {
      sip: this.int(SLOT_SIP),
      sport: this.int(SLOT_SPORT),
      dip: this.int(SLOT_DIP),
      dport: this.int(SLOT_DPORT),
      proto: this.int(SLOT_PROTO),
    };
  }
  get counters(): FlowCounters {
    return {
      endTs: this.long(SLOT_END_TS),
      fd: this.int(SLOT_FD),
      readOps: this.long(SLOT_READ_OPS),
      writeOps: this.long(SLOT_WRITE_OPS),
      readBytes: this.long(SLOT_READ_BYTES),
      writeBytes: this.long(SLOT_WRITE_BYTES),
    };
  }
}
