/** Encodes records in the newest schema (`newest-schema.ts`). */
import { Buffer } from 'node:buffer';
import { highHalf, lowHalf } from './int64.js';
import { parseIpv4 } from './ipv4.js';
import { CONTAINER_TYPES, K8S_ACTIONS, K8S_COMPONENTS } from './newest-schema.js';
import { RecordKind } from './record-types.js';
import type {
  ContainerRecord,
  FileRecord,
  HeaderRecord,
  PodRecord,
  ProcessEventRecord,
  ProcessOid,
  ProcessRecord,
  TraceRecord,
} from './trace-record.js';
import { encodeUtf8 } from './utf8.js';
import { writeLong } from './varint.js';

/** Encodes a record as a packet, the form in which the collector sends it over its socket. */
export function encodePacket(record: TraceRecord): Buffer {
  const encoder = new RecordEncoder(256);
  encoder.record(record);
  return Buffer.from(encoder.bytes);
}

/**
 * Appends records to a growing buffer. An unknown enum symbol is written as the last symbol, `…_UNKNOWN` or similar.
 */
export class RecordEncoder {
  #buffer: Buffer;
  #length = 0;

  /** @param capacity initial size in bytes */
  constructor(capacity: number = 64 << 10) {
    this.#buffer = Buffer.allocUnsafeSlow(capacity);
  }

  /** Number of bytes written since the last {@link reset}. */
  get length(): number {
    return this.#length;
  }

  /** The written bytes; valid until the next record. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Discards the written bytes. */
  reset(): void {
    this.#length = 0;
  }

  /** Appends a record: the number of its branch, which equals its kind, and its fields. */
  record(record: TraceRecord): void {
    this.#int(RecordKind[record.kind]);
    switch (record.kind) {
      case 'header':
        this.#header(record);
        return;
      case 'container':
        this.#container(record);
        return;
      case 'process':
        this.#process(record);
        return;
      case 'file':
        this.#file(record);
        return;
      case 'processEvent':
        this.#processEvent(record);
        return;
      case 'networkFlow':
        this.#thread(record);
        this.#long(record.endTs);
        this.#connection(record);
        this.#counters(record);
        return;
      case 'fileFlow':
        this.#thread(record);
        this.#int(record.openFlags);
        this.#long(record.endTs);
        this.#fileOid(record.fileOid);
        this.#counters(record);
        return;
      case 'fileEvent':
        this.#thread(record);
        this.#fileOid(record.fileOid);
        this.#int(record.ret);
        this.#optional(record.newFileOid, (oid) => this.#fileOid(oid));
        return;
      case 'networkEvent':
        this.#thread(record);
        this.#connection(record);
        this.#int(record.ret);
        return;
      case 'processFlow':
        this.#processOid(record.process);
        this.#long(record.ts);
        this.#long(record.threadsCloned);
        this.#int(record.opFlags);
        this.#long(record.endTs);
        this.#long(record.threadsExited);
        this.#long(record.cloneErrors);
        return;
      case 'pod':
        this.#pod(record);
        return;
      case 'k8sEvent':
        this.#symbol(record.component, K8S_COMPONENTS);
        this.#symbol(record.action, K8S_ACTIONS);
        this.#long(record.ts);
        this.#text(record.message);
        return;
    }
  }

  #header(header: HeaderRecord): void {
    this.#long(BigInt(Math.trunc(header.version)));
    this.#text(header.exporter);
    this.#text(header.ip);
    this.#text(header.filename);
  }

  #container(container: ContainerRecord): void {
    this.#text(container.id);
    this.#text(container.name);
    this.#text(container.image);
    this.#text(container.imageId);
    this.#symbol(container.type, CONTAINER_TYPES);
    this.#bool(container.privileged);
    this.#optionalText(container.podId);
  }

  #process(one: ProcessRecord): void {
    this.#int(one.state);
    this.#processOid(one.oid);
    this.#optional(one.parent, (oid) => this.#processOid(oid));
    this.#long(one.ts);
    this.#text(one.exe);
    this.#text(one.args);
    this.#int(one.uid);
    this.#text(one.userName);
    this.#int(one.gid);
    this.#text(one.groupName);
    this.#bool(one.tty);
    this.#optionalText(one.containerId);
    this.#bool(one.entry);
    this.#text(one.cwd ?? '');
    this.#texts(one.env ?? []);
  }

  #file(file: FileRecord): void {
    this.#int(file.state);
    this.#fileOid(file.oid);
    this.#long(file.ts);
    this.#int(file.resourceType);
    this.#text(file.path);
    this.#optionalText(file.containerId);
  }

  #processEvent(event: ProcessEventRecord): void {
    this.#thread(event);
    this.#texts(event.args);
    this.#int(event.ret);
  }

  #pod(pod: PodRecord): void {
    this.#long(pod.ts);
    this.#text(pod.id);
    this.#text(pod.name);
    this.#text(pod.nodeName);
    this.#addresses(pod.hostIps);
    this.#addresses(pod.internalIps);
    this.#text(pod.namespace);
    this.#long(pod.restartCount);
    this.#textMap(pod.labels);
    this.#textMap(pod.selectors);
    this.#items(pod.services, (service) => {
      this.#text(service.name);
      this.#text(service.id);
      this.#text(service.namespace);
      this.#items(service.ports, (port) => {
        this.#int(port.port);
        this.#int(port.targetPort);
        this.#int(port.nodePort);
        this.#text(port.proto);
      });
      this.#addresses(service.clusterIps);
    });
  }

  #thread(event: Pick<ProcessEventRecord, 'process' | 'ts' | 'tid' | 'opFlags'>): void {
    this.#processOid(event.process);
    this.#long(event.ts);
    this.#long(event.tid);
    this.#int(event.opFlags);
  }

  #connection(ends: { sip: number; sport: number; dip: number; dport: number; proto: number }): void {
    this.#int(ends.sip);
    this.#int(ends.sport);
    this.#int(ends.dip);
    this.#int(ends.dport);
    this.#int(ends.proto);
  }

  #counters(flow: { fd: number; readOps: bigint; writeOps: bigint; readBytes: bigint; writeBytes: bigint }): void {
    this.#int(flow.fd);
    this.#long(flow.readOps);
    this.#long(flow.writeOps);
    this.#long(flow.readBytes);
    this.#long(flow.writeBytes);
  }

  #processOid(oid: ProcessOid): void {
    this.#long(oid.createTs);
    this.#long(oid.pid);
  }

  #fileOid(hex: string): void {
    this.#reserve(20);
    const at = this.#length;
    this.#buffer.fill(0, at, at + 20);
    for (let i = 0; i < 20; i++) {
      const byte = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
      this.#buffer[at + i] = Number.isNaN(byte) ? 0 : byte;
    }
    this.#length += 20;
  }

  #long(value: bigint): void {
    this.#pair(lowHalf(value), highHalf(value));
  }

  #int(value: number): void {
    const int = value | 0;
    this.#pair(int, int >> 31);
  }

  #pair(lo: number, hi: number): void {
    this.#reserve(10);
    this.#length = writeLong(this.#buffer, this.#length, lo, hi);
  }

  #bool(value: boolean): void {
    this.#reserve(1);
    this.#buffer[this.#length++] = value ? 1 : 0;
  }

  #symbol(symbol: string, symbols: readonly string[]): void {
    const index = symbols.indexOf(symbol);
    this.#int(index === -1 ? symbols.length - 1 : index);
  }

  #text(text: string): void {
    const bytes = encodeUtf8(text);
    this.#int(bytes.length);
    this.#reserve(bytes.length);
    bytes.copy(this.#buffer, this.#length);
    this.#length += bytes.length;
  }

  #optional<T>(value: T | null, write: (value: T) => void): void {
    this.#int(value === null ? 0 : 1);
    if (value !== null) write(value);
  }

  #optionalText(text: string | null): void {
    this.#optional(text, (one) => this.#text(one));
  }

  #items<T>(items: readonly T[], write: (item: T) => void): void {
    if (items.length > 0) {
      this.#int(items.length);
      for (const item of items) write(item);
    }
    this.#int(0);
  }

  #texts(texts: readonly string[]): void {
    this.#items(texts, (text) => this.#text(text));
  }

  #addresses(addresses: readonly string[]): void {
    this.#items(addresses, (address) => this.#pair(parseIpv4(address) ?? 0, 0));
  }

  #textMap(map: ReadonlyMap<string, string>): void {
    this.#items([...map], ([key, value]) => {
      this.#text(key);
      this.#text(value);
    });
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, this.#length + bytes));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }
}
