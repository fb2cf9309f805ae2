import { Buffer } from 'node:buffer';
import type { Field } from '../fields/field.js';
import { findField } from '../fields/table.js';
import { xxh64 } from '../fields/xxh64.js';
import type { FlatRecord } from '../records/flat-record.js';
import { formatInt64 } from '../sysflow/int64.js';
import { RecordKind } from '../sysflow/record-types.js';

type Read = (record: FlatRecord) => string;

/** Identifying attributes of all records. */
const COMMON: readonly Read[] = [
  'sf.node.id',
  'sf.container.id',
  'sf.ts',
  'sf.proc.tid',
  'sf.proc.createts',
  'sf.type',
].map(reading);

const FILE: readonly Read[] = ['sf.file.oid'].map(reading);

/** Further identifying attributes by record kind. */
const OWN: ReadonlyMap<number, readonly Read[]> = new Map([
  [RecordKind.fileFlow, FILE],
  [RecordKind.fileEvent, FILE],
  [RecordKind.networkFlow, ['sf.net.sip', 'sf.net.sport', 'sf.net.dip', 'sf.net.dport', 'sf.net.proto'].map(reading)],
  [RecordKind.k8sEvent, ['sf.ke.action', 'sf.ke.kind', 'sf.ke.message'].map(reading)],
]);

/**
 * A hash of what identifies a record, in hex, 16 digits: a record that is sent twice is stored once where it is the key.
 *
 * It is XXH64 over the texts of node id, container id, start, thread id, creation time of the process and record type, then the
 * object id of the file or the addresses, ports and protocol of the connection, without anything in between: the `_id` of the
 * original's documents, so that an index which it has begun does not get records a second time. Kubernetes events, of which
 * several have the same time, also have their action, kind and message in it.
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
