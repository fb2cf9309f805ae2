/** Handlers turn the entities and events of a stream into the records that a reader emits. */
import type { Component } from '../components/component.js';
import type { FlatBatch } from '../records/flat-batch.js';
import type { FlatRecord } from '../records/flat-record.js';
import type { Container, File, Header, Pod, Process } from '../sysflow/entities.js';
import type { LogEvent } from '../telemetry/logger.js';

/**
 * Handles one stream. Its methods are called in the order of the records; each is optional. Entities belong to the reader's
 * tables; do not change them. A record is a view that is valid only during the call, joined with its process, ancestors, file,
 * container and pod.
 */
export interface StreamHandler {
  onHeader?(header: Header): void;
  onContainer?(container: Container): void;
  onPod?(pod: Pod): void;
  onProcess?(process: Process): void;
  onFile?(file: File): void;
  onProcessEvent?(record: FlatRecord): void;
  onProcessFlow?(record: FlatRecord): void;
  onFileEvent?(record: FlatRecord): void;
  onFileFlow?(record: FlatRecord): void;
  onNetworkFlow?(record: FlatRecord): void;
  onK8sEvent?(record: FlatRecord): void;
  /**
   * Called after each batch. Its `rows` are the events in it, `records` everything that was read. The batch is valid during the
   * call: a handler that emits or keeps it must retain it first. The stream waits for the returned promise.
   */
  onBatch?(batch: FlatBatch): Promise<void> | undefined;
  /** Called when the stream has ended. */
  end?(): void;
}

/** The context of a stream's handler. */
export interface StreamEnvironment {
  /** The name of the stream. */
  readonly name: string;
  /** Emits an item to the reader's output channel. The reader continues once the following stages have accepted it. */
  emit(item: object): void;
}

/** A handler of a running pipeline. */
export interface Handler {
  openStream(stream: StreamEnvironment): StreamHandler;
}

/** The environment that a handler is created with. */
export interface HandlerEnvironment {
  /** Returns the current time in milliseconds. */
  now(): number;
  log(level: LogEvent, message: string): void;
}

export interface HandlerComponent<Options = unknown> extends Component<Options> {
  readonly kind: 'handler';
  /** The type of its output channel; null for a handler that emits nothing and ends a branch. */
  readonly out: string | null;
  create(options: Options, environment: HandlerEnvironment): Handler;
}
