/** Logs what an operator needs to know of a pipeline: files, damage, missing entities, failures and totals. */
import type { StageCount, StageReport } from '../components/processor.js';
import type { TraceSummary } from '../drivers/driver.js';
import { appendedText } from '../sysflow/container-reader.js';
import { lossText } from '../sysflow/damage.js';
import type { TraceError } from '../sysflow/errors.js';
import { counted } from '../telemetry/counted.js';
import type { LogEvent, Logger } from '../telemetry/logger.js';
import { unreadFilesText } from '../telemetry/unread-files-text.js';
import type { PipelineObserver } from './pipeline.js';

/** Logs the events of a pipeline, and sums them up. */
export class PipelineReport implements PipelineObserver {
  readonly #logger: Pick<Logger, 'log'>;
  readonly #now: () => number;
  readonly #detailLevel: LogEvent;
  readonly #startedAt: number;
  #files = 0;
  /** Count of unreadable files, and the paths of files that were only partly read. */
  #unreadable = 0;
  readonly #parts: string[] = [];
  #records = 0;
  #rateAt: number;
  #rateRecords = 0;

  /** @param withDetails whether to log details, such as how often each rule matched */
  constructor(logger: Pick<Logger, 'log'>, now: () => number, withDetails: boolean) {
    this.#logger = logger;
    this.#now = now;
    this.#detailLevel = withDetails ? 'health' : 'trace';
    this.#startedAt = now();
    this.#rateAt = this.#startedAt;
  }

  /** Logs a file that was read, to its end or until reading was stopped. */
  traceRead({ path, statistics, damage, whole }: TraceSummary): void {
    if (!whole && statistics.records === 0) return;
    this.#files++;
    if (!whole) this.#parts.push(path);
    this.#records += statistics.records;
    this.#logger.log('trace', `${path}: ${counted(statistics.records, 'record')}`);
    for (const found of damage) {
      const { kind, times, firstOffset, detail } = found;
      const first = `first at byte ${firstOffset}${detail === '' ? '' : `: ${detail}`}`;
      this.#logger.log('warn', `${path}: damaged (${kind}, ${counted(times, 'time')}, ${first}); ${lossText(found)}`);
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

  /** Logs a file that cannot be read: a failure, or a file in a folder that is not a trace and is skipped. */
  unreadable({ path, message }: TraceError, skipped: boolean): void {
    this.#unreadable++;
    this.#logger.log(skipped ? 'warn' : 'error', `${path}: ${message}${skipped ? '; skipped' : ''}`);
  }

  log(level: LogEvent, message: string): void {
    this.#logger.log(level, message);
  }

  fail(message: string): void {
    this.#logger.log('error', message);
  }

  /**
   * Logs the rates since the last call.
   *
   * @param records records read so far
   */
  rates(records: number, reports: readonly StageReport[]): void {
    const now = this.#now();
    const written = sum(reports, ({ exported }) => exported);
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
   * Logs the totals.
   *
   * @param files count of files to read if reading was stopped; else null
   * @returns whether records were lost or a count of level `error` is not zero
   */
  finish(reports: readonly StageReport[], files: number | null, failed: boolean): boolean {
    const counts = addUp(reports.flatMap((report) => report.counts ?? []));
    for (const { level, value, describe } of counts) if (level !== 'detail') this.#logger.log(level, describe(value));
    const lost = sum(reports, (report) => report.lost);
    if (lost > 0) {
      this.fail(counted(lost, 'record could not be written and is lost', 'records could not be written and are lost'));
    }
    const unread = sum(reports, (report) => report.unread);
    if (unread > 0) {
      const dropped = counted(unread, 'record was dropped', 'records were dropped');
      this.#logger.log(failed || lost > 0 ? 'error' : 'trace', `${dropped} because the reader had closed the output`);
    }
    for (const { level, value, describe } of counts) {
      if (level === 'detail') this.#logger.log(this.#detailLevel, describe(value));
    }
    this.#stopped(files);
    const [events, exported] = [sum(reports, (report) => report.events), sum(reports, (report) => report.exported)];
    const seconds = (this.#now() - this.#startedAt) / 1000;
    const read = [counted(this.#files, 'file'), counted(this.#records, 'record'), counted(events, 'event')].join(', ');
    this.#logger.log('info', `Done: ${read}, ${exported} exported in ${seconds.toFixed(2)} s`);
    return lost > 0 || counts.some(({ level }) => level === 'error');
  }

  /** Logs how many files were not read. */
  #stopped(of: number | null): void {
    if (of === null) return;
    const text = unreadFilesText({ files: of - this.#files - this.#unreadable, of, parts: this.#parts });
    if (text !== null) this.#logger.log('health', text);
  }
}

/** Sums counts by name, in order of first occurrence, without zeros. */
function addUp(counts: readonly StageCount[]): StageCount[] {
  const sums = new Map<string, StageCount>();
  for (const count of counts) {
    const value = count.value + (sums.get(count.name)?.value ?? 0);
    sums.set(count.name, { ...count, value });
  }
  return [...sums.values()].filter(({ value }) => value > 0);
}

function sum(reports: readonly StageReport[], value: (report: StageReport) => number | undefined): number {
  return reports.reduce((total, report) => total + (value(report) ?? 0), 0);
}
