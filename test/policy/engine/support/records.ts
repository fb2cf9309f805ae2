import { Actor } from '../../../../src/records/actor.js';
import { FlatBatch } from '../../../../src/records/flat-batch.js';
import { FlatRecord } from '../../../../src/records/flat-record.js';
import { JoinedEntities } from '../../../../src/records/joined-entities.js';
import type { Container, File, Header, Payload, Pod, Process } from '../../../../src/sysflow/entities.js';
import { RecordBatch, ROW_SLOTS, SLOT_OP_FLAGS, SLOT_OPEN_FLAGS } from '../../../../src/sysflow/record-batch.js';
import { RecordKind } from '../../../../src/sysflow/record-types.js';
import * as records from '../../../support/records.js';

/** A process without a parent. */
export function makeProcess(fields: Partial<Process> & { pid?: bigint; createTs?: bigint } = {}): Process {
  const { pid = 0n, createTs = 0n, ...rest } = fields;
  return records.makeProcess({ pid, createTs }, { exe: '/bin/true', args: '', ...rest });
}

export function makeFile(path: string, type = 'f'): File {
  return records.makeFile('', { path, resourceType: type.charCodeAt(0) });
}

const HEADER: Header = { version: 4, exporter: 'host', ip: '10.0.0.1', filename: 'trace.sf' };

/** What a record of a test is; everything has a default. */
export interface RecordSpec {
  kind?: keyof typeof RecordKind;
  opFlags?: number;
  openFlags?: number;
  /** 32-bit numbers by slot. */
  slots?: Record<number, number>;
  /** The process and its ancestors, nearest first. */
  processes?: readonly Process[];
  container?: Container | null;
  pod?: Pod | null;
  actor?: Actor;
  file?: File | null;
  newFile?: File | null;
  payload?: Payload;
}

export function makeActor(spec: RecordSpec = {}): Actor {
  const processes = spec.processes ?? [makeProcess()];
  return new Actor(HEADER, processes[0] ?? null, processes, spec.container ?? null, spec.pod ?? null);
}

/** A batch with these records, in order. */
export function makeBatch(specs: readonly RecordSpec[], onRecycle: () => void = () => {}): FlatBatch {
  const rows = new RecordBatch(onRecycle);
  const batch = FlatBatch.of(rows);
  const entities = new JoinedEntities();
  const files = new Map<File, number>();
  const fileId = (file: File | null = null): number => {
    if (file === null) return 0;
    const number = files.get(file) ?? files.size + 1;
    files.set(file, number);
    entities.putFile(number, file);
    return number;
  };
  rows.length = specs.length;
  batch.entities = entities;
  batch.count = specs.length;
  specs.forEach((spec, row) => {
    const base = row * ROW_SLOTS;
    rows.kinds[row] = RecordKind[spec.kind ?? 'processEvent'];
    rows.slots[base + SLOT_OP_FLAGS] = spec.opFlags ?? 0;
    rows.slots[base + SLOT_OPEN_FLAGS] = spec.openFlags ?? 0;
    for (const [slot, value] of Object.entries(spec.slots ?? {})) rows.slots[base + Number(slot)] = value;
    rows.payloads[row] = spec.payload ?? null;
    batch.rows[row] = row;
    batch.actorIds[row] = entities.addActor(spec.actor ?? makeActor(spec));
    batch.fileIds[row] = fileId(spec.file);
    batch.newFileIds[row] = fileId(spec.newFile);
  });
  return batch;
}

/** A view on one record of its own. */
export function makeRecord(spec: RecordSpec = {}): FlatRecord {
  return new FlatRecord().moveTo(makeBatch([spec]), 0);
}
