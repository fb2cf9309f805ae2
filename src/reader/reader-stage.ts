import type { Stage, StageCount, StageReport } from '../components/processor.js';
import { Emitter } from '../streams/emitter.js';
import { Merge } from '../streams/merge.js';
import type { Receiver, Shared } from '../streams/receiver.js';
import type { RecordBatch } from '../sysflow/record-batch.js';
import { counted } from '../telemetry/counted.js';
import type { TableCounts } from './entity-tables.js';
import type { Handler } from './handler.js';
import { Reader, type ReaderOptions, type ReaderStatistics } from './reader.js';

type CountText = (count: number) => string;

/** The log messages for missing and evicted entities. */
const TABLE_TEXTS: Readonly<Record<keyof TableCounts, CountText>> = {
  unknownProcess: unannounced('process'),
  unknownFile: unannounced('file'),
  unknownContainer: unannounced('container'),
  unknownPod: unannounced('pod'),
  evictedProcesses: evicted('process', 'processes'),
  evictedFiles: evicted('file', 'files'),
  evictedContainers: evicted('container', 'containers'),
  evictedPods: evicted('pod', 'pods'),
};

function unannounced(entity: string): CountText {
  return (count) => `${counted(count, 'record')} with a ${entity} that was never announced`;
}

function evicted(one: string, many: string): CountText {
  return (count) => `${counted(count, `${one} was`, `${many} were`)} evicted to stay within the limit`;
}

/** The `sysflowreader` processor: one reader for each stream, with its own tables, which are freed when the stream ends. */
export class ReaderStage implements Stage<RecordBatch> {
  readonly #options: ReaderOptions;
  readonly #handler: Handler;
  /** Streams take turns while the next stage is busy. */
  readonly #next: Merge<Shared>;
  readonly #open = new Set<Reader>();
  /** Statistics of the streams that have ended. */
  readonly #counts = new Map<keyof TableCounts, number>();
  #events = 0;
  #dropped = 0;

  constructor(options: ReaderOptions, handler: Handler, next: Receiver<Shared>) {
    this.#options = options;
    this.#handler = handler;
    this.#next = new Merge(next, 1);
  }

  openStream(name: string): Receiver<RecordBatch> {
    const emitter = new Emitter<Shared>(this.#next);
    const handler = this.#handler.openStream({ name, emit: (item) => emitter.emit(item) });
    const reader = new Reader(this.#options, handler, emitter);
    this.#open.add(reader);
    return {
      push: (batch) => reader.push(batch),
      end: async () => {
        await reader.end();
        this.#open.delete(reader);
        this.#dropped += emitter.dropped;
        this.#add(reader.statistics);
      },
    };
  }

  push(): never {
    throw new TypeError('records belong to a stream');
  }

  end(): Promise<void> {
    return this.#next.end();
  }

  report(): StageReport {
    const readers = [...this.#open].map(({ statistics }) => statistics);
    const events = readers.reduce((sum, { passed }) => sum + passed, this.#events);
    const counts = Object.entries(TABLE_TEXTS).map(([key, describe]): StageCount => {
      const name = key as keyof TableCounts;
      const value = readers.reduce((sum, { tables }) => sum + tables[name], this.#counts.get(name) ?? 0);
      return { name, value, level: 'warn', describe };
    });
    const describe: CountText = (count) =>
      `${counted(count, 'item')} dropped because a handler emitted too many at once`;
    return { events, counts: [...counts, { name: 'droppedItems', value: this.#dropped, level: 'warn', describe }] };
  }

  #add({ tables, passed }: ReaderStatistics): void {
    this.#events += passed;
    for (const [key, value] of Object.entries(tables) as [keyof TableCounts, number][]) {
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + value);
    }
  }
}
