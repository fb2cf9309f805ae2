import type { FlatBatch } from '../records/flat-batch.js';
import { FlatRecord } from '../records/flat-record.js';
import type { Container, Header, Pod, Process } from '../sysflow/entities.js';
import { announcedFile } from '../sysflow/record-batch.js';
import { RecordKind } from '../sysflow/record-types.js';
import type { StreamHandler } from './handler.js';

type Call = (batch: FlatBatch, row: number) => void;

/** Calls the methods of a handler that process single records. */
export class RecordCalls {
  readonly #calls: readonly (Call | undefined)[];

  private constructor(calls: readonly (Call | undefined)[]) {
    this.#calls = calls;
  }

  /** Null for a handler that only processes whole batches. */
  static of(handler: StreamHandler): RecordCalls | null {
    const calls: (Call | undefined)[] = [];
    const payload = <T>(kind: number, method: ((value: T) => void) | undefined): void => {
      if (method !== undefined) calls[kind] = ({ records }, row) => method.call(handler, records.payloads[row] as T);
    };
    payload<Header>(RecordKind.header, handler.onHeader);
    payload<Container>(RecordKind.container, handler.onContainer);
    payload<Pod>(RecordKind.pod, handler.onPod);
    payload<Process>(RecordKind.process, handler.onProcess);
    if (handler.onFile !== undefined) {
      calls[RecordKind.file] = ({ records }, row) => handler.onFile!(announcedFile(records, row));
    }
    const view = new FlatRecord();
    const record = (kind: number, method: ((record: FlatRecord) => void) | undefined): void => {
      if (method !== undefined) calls[kind] = (batch, row) => method.call(handler, view.moveTo(batch, row));
    };
    record(RecordKind.processEvent, handler.onProcessEvent);
    record(RecordKind.processFlow, handler.onProcessFlow);
    record(RecordKind.fileEvent, handler.onFileEvent);
    record(RecordKind.fileFlow, handler.onFileFlow);
    record(RecordKind.networkFlow, handler.onNetworkFlow);
    record(RecordKind.k8sEvent, handler.onK8sEvent);
    return calls.length === 0 ? null : new RecordCalls(calls);
  }

  /** Whether the handler has a method for records of a kind. */
  has(kind: number): boolean {
    return this.#calls[kind] !== undefined;
  }

  /** Calls the method for the record of a row, if the handler has one. */
  call(batch: FlatBatch, row: number, kind: number): void {
    this.#calls[kind]?.(batch, row);
  }
}
