import { ObjectState } from '../sysflow/entities.js';
import { OpFlag } from '../sysflow/op-flags.js';
import type { TraceRecord } from '../sysflow/trace-record.js';
import type { Resource } from './descriptors.js';
import type { EntityWriter } from './entity-writer.js';
import type { Flow, ProcessState, Task } from './process-state.js';
import type { Endpoint } from './sockets.js';

/** One operation on a descriptor. */
export interface FlowOperation {
  /** One bit of `OpFlag`. */
  readonly op: number;
  readonly ts: bigint;
  /** Bytes read or written. */
  readonly bytes?: number;
  /** `OpenFlag` bits of an open. */
  readonly openFlags?: number;
  /** The remote end, if the call has it as an argument. */
  readonly peer?: Endpoint;
}

/** A longer flow is written and restarted after this time, as in the collector. */
const EXPORT_INTERVAL = 30_000_000_000n;
const SECOND = 1_000_000_000n;
const NO_ENDPOINT: Endpoint = { address: 0, port: 0 };

/** Counts of what cannot be represented in SysFlow. */
export interface FlowNotes {
  /** Sockets with an IPv6 address, which SysFlow's network flows cannot contain. */
  ipv6Sockets: number;
}

/**
 * Collects operations into file and network flows: one for each thread, descriptor and file or connection. A flow is
 * written when the descriptor is closed or the process ends (then with `TRUNCATE`), and every 30 seconds while it is
 * active.
 */
export class FlowTable {
  readonly #write: (record: TraceRecord) => void;
  readonly #entities: EntityWriter;
  readonly #notes: FlowNotes;
  /** All flows with the time of their start or last export, in this order. */
  readonly #byAge = new Map<Flow, bigint>();
  #lastCheck = 0n;

  constructor(write: (record: TraceRecord) => void, entities: EntityWriter, notes: FlowNotes) {
    this.#write = write;
    this.#entities = entities;
    this.#notes = notes;
  }

  /** Adds an operation to its flow. */
  add(task: Task, fd: number, resource: Resource, operation: FlowOperation): void {
    const peer = operation.peer ?? resource.socket?.remote ?? null;
    if (!this.#isRecorded(resource, peer)) return;
    const { process } = task;
    this.#entities.announce(process, ObjectState.reup, operation.ts);
    if (resource.socket === null) this.#entities.file(resource.path, resource.type, ObjectState.reup, operation.ts);
    const key = flowKey(task.tid, fd, resource, peer);
    let flow = process.flows.get(key);
    if (flow === undefined) {
      flow = begin(task, fd, resource, peer, operation.ts);
      process.flows.set(key, flow);
      this.#byAge.set(flow, operation.ts);
    }
    update(flow, operation);
  }

  /**
   * Handles the closing of a descriptor: writes its flows, those of other threads as truncated. If the thread has no
   * flow (the descriptor was inherited and not used), a flow with the close alone is written, as the collector does.
   */
  close(task: Task, fd: number, resource: Resource, ts: bigint): void {
    if (!this.closeUsed(task, fd, resource, ts)) {
      this.add(task, fd, resource, { op: OpFlag.close, ts });
      this.closeUsed(task, fd, resource, ts);
    }
  }

  /** Like {@link close}, but writes nothing if the thread has no flow. Returns whether it had one. */
  closeUsed(task: Task, fd: number, resource: Resource, ts: bigint): boolean {
    const own: Flow[] = [];
    for (const [key, flow] of task.process.flows) {
      if (flow.fd !== fd || flow.resource !== resource) continue;
      // A thread with its own descriptors still has it open.
      if (flow.task.descriptors !== task.descriptors) continue;
      if (flow.task === task) own.push(flow);
      else this.#truncate(flow, ts);
      this.#remove(task.process, key, flow);
    }
    for (const flow of own) {
      flow.opFlags |= OpFlag.close;
      this.#writeFlow(flow, ts);
    }
    return own.length > 0;
  }

  /** Writes the flows of a thread that ended, or all flows of a process. */
  end(process: ProcessState, tid: number | null, ts: bigint): void {
    for (const [key, flow] of process.flows) {
      if (tid !== null && flow.task.tid !== tid) continue;
      this.#truncate(flow, ts);
      this.#remove(process, key, flow);
    }
  }

  /** Writes flows that have been active for long. Called with each event; does its work once per second. */
  exportLong(ts: bigint): void {
    if (ts - this.#lastCheck < SECOND) return;
    this.#lastCheck = ts;
    for (const [flow, since] of this.#byAge) {
      if (ts - since < EXPORT_INTERVAL) break;
      this.#byAge.delete(flow);
      this.#byAge.set(flow, ts);
      if (flow.opFlags === 0) continue;
      this.#writeFlow(flow, ts);
      reset(flow, ts);
    }
  }

  #isRecorded(resource: Resource, peer: Endpoint | null): boolean {
    const { socket } = resource;
    if (socket === null) return resource.type !== 'o';
    if (socket.beyondIpv4) {
      if (!socket.counted) this.#notes.ipv6Sockets++;
      socket.counted = true;
      return false;
    }
    return peer !== null;
  }

  #truncate(flow: Flow, ts: bigint): void {
    if (flow.opFlags === 0) return;
    flow.opFlags |= OpFlag.truncate;
    this.#writeFlow(flow, ts);
  }

  #remove(process: ProcessState, key: string, flow: Flow): void {
    process.flows.delete(key);
    this.#byAge.delete(flow);
  }

  #writeFlow(flow: Flow, endTs: bigint): void {
    const { task, fd, resource, ts, opFlags, readOps, writeOps, readBytes, writeBytes } = flow;
    const tid = BigInt(task.tid);
    const common = { process: task.process.oid, ts, tid, opFlags, endTs, fd, readOps, writeOps, readBytes, writeBytes };
    const { socket } = resource;
    if (socket === null) {
      const fileOid = this.#entities.file(resource.path, resource.type, ObjectState.reup, endTs);
      this.#write({ kind: 'fileFlow', ...common, fileOid, openFlags: flow.openFlags });
      return;
    }
    const local = socket.local ?? NO_ENDPOINT;
    const remote = flow.peer ?? NO_ENDPOINT;
    const [client, server] = socket.server === true ? [remote, local] : [local, remote];
    this.#write({
      kind: 'networkFlow',
      ...common,
      sip: client.address,
      sport: client.port,
      dip: server.address,
      dport: server.port,
      proto: socket.protocol,
    });
  }
}

function flowKey(tid: number, fd: number, resource: Resource, peer: Endpoint | null): string {
  return peer === null ? `${tid} ${fd} ${resource.path}` : `${tid} ${fd} ${peer.address}:${peer.port}`;
}

function begin(task: Task, fd: number, resource: Resource, peer: Endpoint | null, ts: bigint): Flow {
  const counters = { readOps: 0n, writeOps: 0n, readBytes: 0n, writeBytes: 0n };
  return { task, fd, resource, peer, ts, opFlags: 0, openFlags: 0, ...counters };
}

function reset(flow: Flow, ts: bigint): void {
  flow.ts = ts;
  flow.opFlags = 0;
  flow.readOps = 0n;
  flow.writeOps = 0n;
  flow.readBytes = 0n;
  flow.writeBytes = 0n;
}

function update(flow: Flow, { op, bytes = 0, openFlags = 0 }: FlowOperation): void {
  flow.opFlags |= op;
  if (op === OpFlag.open) flow.openFlags = openFlags;
  if (op === OpFlag.readRecv) {
    flow.readOps++;
    if (bytes > 0) flow.readBytes += BigInt(bytes);
  } else if (op === OpFlag.writeSend) {
    flow.writeOps++;
    if (bytes > 0) flow.writeBytes += BigInt(bytes);
  }
}
