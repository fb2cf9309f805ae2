import type { RecordContext } from '../../src/records/record-context.js';
/** Records made by hand for tests: entities with defaults, and batches filled row by row. */

import { createReader, type Reader, type ReaderOptions } from '../../src/reader/reader.js';
import type { FlatBatch } from '../../src/records/flat-batch.js';
import { FlatRecord } from '../../src/records/flat-record.js';
import type { Receiver } from '../../src/streams/receiver.js';
import type { Container, File, Header, K8sEvent, Payload, Pod, Process } from '../../src/sysflow/entities.js';
import { highHalf, lowHalf } from '../../src/sysflow/int64.js';
import type { BatchMemory } from '../../src/sysflow/record-batch.js';
import * as slots from '../../src/sysflow/record-batch.js';
import { RecordBatch, ROW_SLOTS } from '../../src/sysflow/record-batch.js';
import { RecordKind } from '../../src/sysflow/record-types.js';

/** A process's object id. */
export interface ProcessId {
  readonly createTs: bigint;
  readonly pid: bigint;
}

export function makeHeader(fields: Partial<Header> = {}): Header {
  return { version: 5, exporter: 'node-1', ip: '10.0.0.1', filename: '/mnt/trace.sf', ...fields };
}

export function makeContainer(fields: Partial<Container> = {}): Container {
  return {
    id: 'c0ffee',
    name: 'web',
    image: 'shop/web:1.0',
    imageId: 'abc',
    type: 'CT_DOCKER',
    privileged: false,
    podId: null,
    ...fields,
  };
}

export function makePod(fields: Partial<Pod> = {}): Pod {
  return {
    tsLo: 0,
    tsHi: 1,
    id: 'pod-1',
    name: 'web-0',
    nodeName: 'node-1',
    hostIps: ['10.0.0.1'],
    internalIps: ['172.17.0.2', '172.17.0.3'],
    namespace: 'shop',
    restartCountLo: 2,
    restartCountHi: 0,
    labels: new Map(),
    selectors: new Map(),
    services: [],
    ...fields,
  };
}

export function makeProcess(id: ProcessId, fields: Partial<Process> = {}, parent: ProcessId | null = null): Process {
  return {
    state: 0,
    createTsLo: lowHalf(id.createTs),
    createTsHi: highHalf(id.createTs),
    pidLo: lowHalf(id.pid),
    pidHi: highHalf(id.pid),
    hasParent: parent !== null,
    parentCreateTsLo: lowHalf(parent?.createTs ?? 0n),
    parentCreateTsHi: highHalf(parent?.createTs ?? 0n),
    parentPidLo: lowHalf(parent?.pid ?? 0n),
    parentPidHi: highHalf(parent?.pid ?? 0n),
    tsLo: 0,
    tsHi: 0,
    exe: '/bin/sh',
    args: '-c id',
    uid: 0,
    userName: 'root',
    gid: 0,
    groupName: 'root',
    tty: false,
    containerId: null,
    entry: false,
    cwd: null,
    env: null,
    memo: [],
    ...fields,
  };
}

/** @param oid hex, filled up with zeros to 40 digits */
export function makeFile(oid: string, fields: Partial<File> = {}): File {
  return {
    state: 0,
    oid: oid.padStart(40, '0'),
    resourceType: 'f'.charCodeAt(0),
    path: '/etc/passwd',
    containerId: null,
    memo: [],
    ...fields,
  };
}

/** The numbers of an event or flow; what is left out is 0. */
export interface EventFields {
  readonly process?: ProcessId;
  readonly ts?: bigint;
  readonly endTs?: bigint;
  readonly tid?: bigint;
  readonly opFlags?: number;
  readonly openFlags?: number;
  readonly ret?: number;
  readonly fd?: number;
  readonly rops?: bigint;
  readonly wops?: bigint;
  readonly rbytes?: bigint;
  readonly wbytes?: bigint;
  /** Dotted. */
  readonly sip?: string;
  readonly sport?: number;
  readonly dip?: string;
  readonly dport?: number;
  readonly proto?: number;
  readonly file?: File;
  readonly newFile?: File;
  readonly args?: readonly string[];
}

/** Fills a batch. */
export class BatchBuilder {
  readonly batch: RecordBatch;

  /** @param memory where the batch is to lie */
  constructor(memory: BatchMemory | null = null) {
    this.batch = new RecordBatch(() => {}, memory);
    this.batch.slots.fill(0);
  }

  header(fields: Partial<Header> = {}): this {
    return this.#row(RecordKind.header, makeHeader(fields));
  }
  container(container: Container): this {
    return this.#row(RecordKind.container, container);
  }
  pod(pod: Pod): this {
    return this.#row(RecordKind.pod, pod);
  }
  process(process: Process): this {
    const base = this.batch.length * ROW_SLOTS + slots.SLOT_PROC_CREATE_TS;
    this.batch.slots.set([process.createTsLo, process.createTsHi, process.pidLo, process.pidHi], base);
    return this.#row(RecordKind.process, process);
  }
  file(file: File): this {
    this.#fileOid(slots.SLOT_FILE_OID, file);
    return this.#row(RecordKind.file, file);
  }
  k8sEvent(k8sEvent: K8sEvent, ts: bigint): this {
    this.#int64(slots.SLOT_TS, ts);
    return this.#row(RecordKind.k8sEvent, k8sEvent);
  }

  /** An event or flow of a kind. */
  event(kind: RecordKind, fields: EventFields): this {
    this.#int64(slots.SLOT_PROC_CREATE_TS, fields.process?.createTs);
    this.#int64(slots.SLOT_PROC_PID, fields.process?.pid);
    this.#int64(slots.SLOT_TS, fields.ts);
    this.#int64(slots.SLOT_END_TS, fields.endTs);
    this.#int64(slots.SLOT_TID, fields.tid);
    this.#int64(slots.SLOT_READ_OPS, fields.rops);
    this.#int64(slots.SLOT_WRITE_OPS, fields.wops);
    this.#int64(slots.SLOT_READ_BYTES, fields.rbytes);
    this.#int64(slots.SLOT_WRITE_BYTES, fields.wbytes);
    this.#int32(slots.SLOT_OP_FLAGS, fields.opFlags);
    this.#int32(slots.SLOT_OPEN_FLAGS, fields.openFlags);
    this.#int32(slots.SLOT_RET, fields.ret);
    this.#int32(slots.SLOT_FD, fields.fd);
    this.#int32(slots.SLOT_SIP, parseIp(fields.sip));
    this.#int32(slots.SLOT_SPORT, fields.sport);
    this.#int32(slots.SLOT_DIP, parseIp(fields.dip));
    this.#int32(slots.SLOT_DPORT, fields.dport);
    this.#int32(slots.SLOT_PROTO, fields.proto);
    if (fields.file !== undefined) this.#fileOid(slots.SLOT_FILE_OID, fields.file);
    if (fields.newFile !== undefined) this.#fileOid(slots.SLOT_NEW_FILE_OID, fields.newFile);
    this.#int32(slots.SLOT_HAS_NEW_FILE, fields.newFile === undefined ? 0 : 1);
    return this.#row(kind, fields.args ?? null);
  }

  #row(kind: RecordKind, payload: Payload): this {
    this.batch.kinds[this.batch.length] = kind;
    this.batch.payloads[this.batch.length] = payload;
    this.batch.length++;
    return this;
  }
  #int32(slot: number, value = 0): void {
    this.batch.slots[this.batch.length * ROW_SLOTS + slot] = value;
  }
  #int64(slot: number, value = 0n): void {
    this.#int32(slot, lowHalf(value));
    this.#int32(slot + 1, highHalf(value));
  }
  #fileOid(slot: number, file: File): void {
    for (let i = 0; i < 5; i++) this.#int32(slot + i, Number.parseInt(file.oid.slice(i * 8, i * 8 + 8), 16) | 0);
  }
}

function parseIp(dotted = '0.0.0.0'): number {
  return dotted.split('.').reduce((ip, octet, i) => ip | (Number(octet) << (8 * i)), 0);
}

/** Keeps what it is pushed; batches are not released, so records stay valid. */
export class Collector<T> implements Receiver<T> {
  readonly items: T[] = [];
  ended = false;
  push(item: T): undefined {
    this.items.push(item);
    return undefined;
  }
  async end(): Promise<void> {
    this.ended = true;
  }
}

/** Runs batches through a reader; gives its flat records and itself. */
export function readAll(
  batches: readonly RecordBatch[],
  options: ReaderOptions = { rateLimit: null },
): { records: FlatRecord[]; reader: Reader } {
  const { flats, reader } = flatten(batches, options);
  return { records: flats.flatMap(recordsOf), reader };
}

/** Runs batches through a reader; gives its flat batches and itself. */
export function flatten(
  batches: readonly RecordBatch[],
  options: ReaderOptions,
): { flats: readonly FlatBatch[]; reader: Reader } {
  const collector = new Collector<FlatBatch>();
  const reader = createReader(options, collector);
  for (const batch of batches) reader.push(batch);
  return { flats: collector.items, reader };
}

/** A view of its own for each record of a batch. */
export function recordsOf(batch: FlatBatch): FlatRecord[] {
  return Array.from(batch.rows.subarray(0, batch.count), (row) => new FlatRecord().moveTo(batch, row));
}

/** Moves a view to the same row of a batch of which each record has a context. */
export function attach(record: FlatRecord, context: RecordContext): FlatRecord {
  const batch = record.batch as FlatBatch;
  const contexts = new Array<RecordContext | null>(batch.rows.length).fill(context);
  return record.moveTo(batch.select(batch.rows, batch.count, contexts), record.row);
}
