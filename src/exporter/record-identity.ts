import { Buffer } from 'node:buffer';
import type { Field } from '../fields/field.js';
import { findField } from '../fields/table.js';
import { xxh64 } from '../fields/xxh64.js';
import type { FlatRecord } from '../records/flat-record.js';
import { formatInt64 } from '../sysflow/int64.js';
import { RecordKind } from '../sysflow/record-types.js';

type Read = (record: FlatRecord) => string;

/** The fields that identify a record of any kind. */
const COMMON: readonly Read[] = [
  'sf.node.id',
  'sf.container.id',
  'sf.ts',
  'sf.proc.tid',
  'sf.proc.createts',
  'sf.type',
].map(reading);

const FILE: readonly Read[] = ['sf.file.oid'].map(reading);

/** The additional fields that identify a record of each kind. */
const OWN: ReadonlyMap<number, readonly Read[]> = new Map([
  [RecordKind.fileFlow, FILE],
  [RecordKind.fileEvent, FILE],
  [RecordKind.networkFlow, ['sf.net.sip', 'sf.net.sport', 'sf.net.dip', 'sf.net.dport', 'sf.net.proto'].map(reading)],
  [RecordKind.k8sEvent, ['sf.ke.action', 'sf.ke.kind', 'sf.ke.message'].map(reading)],
]);

/**
 * A hash of the fields that identify a record, 16 hex digits. Used as a key, it makes a record that is sent twice be stored once.
 *
 * It is XXH64 over the texts of node id, container id, start, thread id, creation time of the process and record type, then the
 * object id of the file or the addresses, ports and protocol of the connection, without separators. The original uses the same
 * `_id`, so an index that the original has filled does not get records twice. For Kubernetes events, several of which may have the
 * same time, the hash also includes action, kind and message.
 */
export function recordIdentity(record: FlatRecord): string {
  let text = '';
  for (const read of COMMON) text += read(record);
  for (const read of OWN.get(record.kind) ?? []) text += read(record);
  return xxh64(Buffer.from(text));
}

function reading(name: string): Read {
  const { field } = findField(name)!;
  return (record) => fieldText(field, record);
}

function fieldText(field: Field, record: FlatRecord): string {
  switch (field.type) {
    case 'int':
    case 'time':
      return formatInt64(field.readLow(record), field.readHigh(record));
    case 'strings':
    case 'ints':
      return field.read(record).join(',');
    case 'string':
    case 'json':
      return field.read(record);
    case 'bool':
      return String(field.read(record));
  }
}
