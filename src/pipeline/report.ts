/** What a pipeline tells its operator: files, damage, missing entities, failures and totals. */
import type { TraceSummary } from '../drivers/file.js';
import { LARGEST_BUFFER } from '../exporter/byte-buffer.js';
import type { Delivery } from '../exporter/delivery/delivery.js';
import type { DeliveryStatistics } from '../exporter/delivery/statistics.js';
import type { ActionProblem } from '../policy/actions/action-runner.js';
import type { TableCounts } from '../reader/entity-tables.js';
import { appendedText } from '../sysflow/container-reader.js';
import { lostText } from '../sysflow/damage.js';
import type { TraceError } from '../sysflow/errors.js';
import { counted } from '../telemetry/counted.js';
import type { LogEvent, Logger } from '../telemetry/logger.js';
import { stoppedText } from '../telemetry/stopped-text.js';
import type { StageStatistics } from './stages.js';

type CountText = (count: number) => string;

/** How missing and dropped entities are told. */
const TABLE_TEXTS: Readonly<Record<keyof TableCounts, CountText>> = {
  unknownProcess: unannounced('process'),
  unknownFile: unannounced('file'),
  unknownContainer: unannounced('container'),
  unknownPod: unannounced('pod'),
  evictedProcesses: forgotten('process', 'processes'),
  evictedFiles: forgotten('file', 'files'),
  evictedContainers: forgotten('container', 'containers'),
  evictedPods: forgotten('pod', 'pods'),
};

function unannounced(entity: string): CountText {
  return (count) => `${counted(count, 'record')} with a ${entity} that was never announced`;
}

function forgotten(one: string, many: string): CountText {
  return (count) => `${counted(count, `${one} was`, `${many} were`)} forgotten to stay within the limit`;
}

/** What the report needs of an output. */
export type Delivered = Pick<Delivery, 'name' | 'statistics' | 'reasons'>;

/** Problems of actions that are logged one by one; the rest are counted. */
const LOGGED_PROBLEMS = 20;

export class PipelineReport {
  /** Whether something failed so that the program's exit status must say so. */
  failed = false;
  readonly #logger: Logger;
  readonly #now: () => number;
  readonly #rulesLevel: LogEvent;
  readonly #startedAt: number;
  #files = 0;
  /** Files that cannot be read, and the paths of those that were left before their end. */
  #unreadable = 0;
  readonly #parts: string[] = [];
  #records = 0;
  #bytes = 0;
  #actionProblems = 0;
  #isTooLargeTold = false;
  #rateAt: number;
  #rateRecords = 0;

  /** @param withRules whether what each rule matched is told at the end as one of the figures that were asked for */
  constructor(logger: Logger, now: () => number, withRules: boolean) {
    this.#logger = logger;
    this.#now = now;
    this.#rulesLevel = withRules ? 'health' : 'trace';
    this.#startedAt = now();
    this.#rateAt = this.#startedAt;
  }

  /** The files that were read to their end, and what they held. */
  get read(): { readonly files: number; readonly bytes: number; readonly records: number } {
    return { files: this.#files, bytes: this.#bytes, records: this.#records };
  }

  /** A file was read, to its end or until reading was stopped. */
  file({ path, statistics, damage, whole }: TraceSummary): void {
    if (!whole && statistics.records === 0) return;
    this.#files++;
    if (!whole) this.#parts.push(path);
    this.#records += statistics.records;
    this.#bytes += statistics.bytes;
    this.#logger.log('trace', `${path}: ${counted(statistics.records, 'record')}`);
    for (const found of damage) {
      const { kind, times, firstOffset, detail } = found;
      const first = `first at byte ${firstOffset}${detail === '' ? '' : `: ${detail}`}`;
      this.#logger.log('warn', `${path}: damaged (${kind}, ${counted(times, 'time')}, ${first}); ${lostText(found)}`);
    }
    const { appendedTraces, appendedAt } = statistics;
    if (appendedAt !== null) this.#logger.log('info', `${path}: ${appendedText(appendedTraces, appendedAt)}`);
    if (statistics.unknownRecords > 0) {
      const unknown = counted(
        statistics.unknownRecords,
        'record of an unknown kind was',
        'records of unknown kinds were',
      );
      this.#logger.log('warn', `${path}: ${unknown} skipped`);
    }
  }

  /** A file cannot be read, which is a failure; or it is no trace among those of a folder, and is skipped. */
  unreadable({ path, message }: TraceError, fatal: boolean): void {
    if (fatal) this.failed = true;
    this.#unreadable++;
    this.#logger.log(fatal ? 'error' : 'warn', `${path}: ${message}${fatal ? '' : '; skipped'}`);
  }

  /** Something failed. */
  failure(message: string): void {
    this.failed = true;
    this.#logger.log('error', message);
  }

  /** A record was too large to be encoded; it is told once, and counted with those that are lost. */
  tooLarge(): void {
    if (!this.#isTooLargeTold) this.failure(`a record larger than ${LARGEST_BUFFER >> 20} MiB as text is not written`);
    this.#isTooLargeTold = true;
  }

  /** An action threw or was slow. */
  actionProblem({ kind, action, rule, message, duration }: ActionProblem): void {
    if (++this.#actionProblems > LOGGED_PROBLEMS) return;
    const what = kind === 'failed' ? `failed: ${message}` : `took ${duration.toFixed(0)} ms`;
    this.#logger.log('warn', `action '${action}' of rule '${rule}' ${what}`);
  }

  /**
   * Rates since the last time.
   *
   * @param underWay records of the files under way
   */
  rates(underWay: number, deliveries: readonly Delivered[]): void {
    const now = this.#now();
    const records = this.#records + underWay;
    const written = deliveries.reduce((sum, { statistics }) => sum + statistics.records, 0);
    const rate = ((records - this.#rateRecords) * 1000) / Math.max(1, now - this.#rateAt);
    const memory = Math.round(process.memoryUsage.rss() / 1e6);
    this.#logger.log(
      'health',
      `read ${rate.toFixed(0)} records/s, ${records} in all; ${written} exported; memory ${memory} MB`,
    );
    this.#rateAt = now;
    this.#rateRecords = records;
  }

  /**
   * Totals.
   *
   * @param files how many files there were to read, where reading was stopped; else null
   */
  finish(statistics: readonly StageStatistics[], deliveries: readonly Delivered[], files: number | null): void {
    for (const [key, text] of Object.entries(TABLE_TEXTS) as [keyof TableCounts, CountText][]) {
      const count = sum(statistics, ({ readers }) => readers.map(({ tables }) => tables[key]));
      if (count > 0) this.#logger.log('warn', text(count));
    }
    const { lost, rejected, dropped, unread } = this.#undelivered(deliveries);
    if (unread > 0) {
      const text = counted(unread, 'record was dropped', 'records were dropped');
      this.#logger.log(this.failed ? 'error' : 'trace', `${text} after the reader had gone`);
    }
    if (this.#actionProblems > LOGGED_PROBLEMS) {
      this.#logger.log('warn', `actions failed or were slow ${this.#actionProblems} times in all`);
    }
    this.#rules(statistics);
    this.#stopped(files);
    const events = sum(statistics, ({ readers }) => readers.map(({ passed }) => passed));
    const exported = sum(statistics, (one) => one.exported) - lost - rejected - dropped - unread;
    const seconds = (this.#now() - this.#startedAt) / 1000;
    const read = [counted(this.#files, 'file'), counted(this.#records, 'record'), counted(events, 'event')].join(', ');
    this.#logger.log('info', `Done: ${read}, ${exported} exported in ${seconds.toFixed(2)} s`);
  }

  /** Tells what was not delivered; gives the counts of all outputs together. */
  #undelivered(deliveries: readonly Delivered[]): Record<'lost' | 'rejected' | 'dropped' | 'unread', number> {
    const sumOf = (kind: keyof DeliveryStatistics): number =>
      deliveries.reduce((total, { statistics }) => total + statistics[kind], 0);
    const lost = sumOf('lost');
    if (lost > 0) {
      this.failure(
        counted(lost, 'record could not be written and is lost', 'records could not be written and are lost'),
      );
    }
    for (const { name, statistics, reasons } of deliveries) {
      const { rejected, dropped, lost: own } = statistics;
      if (rejected > 0) this.failure(`${name}: ${counted(rejected, 'record was', 'records were')} refused`);
      if (dropped > 0) {
        this.failure(`${name}: ${counted(dropped, 'record was', 'records were')} dropped, since the queue was full`);
      }
      if (own + rejected === 0) continue;
      for (const [reason, count] of reasons.counts) this.#logger.log('trace', `${name}: ${count} lost: ${reason}`);
    }
    return { lost, rejected: sumOf('rejected'), dropped: sumOf('dropped'), unread: sumOf('unread') };
  }

  /** What was not read. */
  #stopped(of: number | null): void {
    if (of === null) return;
    const text = stoppedText({ files: of - this.#files - this.#unreadable, of, parts: this.#parts });
    if (text !== null) this.#logger.log('health', text);
  }

  #rules(statistics: readonly StageStatistics[]): void {
    const matched = new Map<string, number>();
    for (const { engines } of statistics) {
      for (const engine of engines) {
        for (const rule of engine.rules) {
          if (rule.matched > 0) matched.set(rule.name, (matched.get(rule.name) ?? 0) + rule.matched);
        }
      }
    }
    for (const [name, count] of matched) {
      this.#logger.log(this.#rulesLevel, `rule '${name}' matched ${counted(count, 'record')}`);
    }
  }
}

function sum(statistics: readonly StageStatistics[], values: (one: StageStatistics) => readonly number[]): number {
  return statistics.reduce((total, one) => total + values(one).reduce((a, b) => a + b, 0), 0);
}
