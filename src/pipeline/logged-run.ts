import type { Logger } from '../telemetry/logger.js';
import { Pipeline, type PipelineOptions } from './pipeline.js';
import { PipelineReport } from './report.js';

export interface LoggedRunOptions extends Omit<PipelineOptions, 'observer'> {
  readonly logger: Pick<Logger, 'log'>;
  /** Interval in milliseconds at which rates are logged; details are then logged at the end. Null logs neither. */
  readonly ratesEvery: number | null;
}

/** Runs a pipeline and logs what it reads, failures, rates, and totals at the end. */
export class LoggedRun {
  readonly pipeline: Pipeline;
  readonly #report: PipelineReport;
  readonly #ratesEvery: number | null;

  constructor({ logger, ratesEvery, ...options }: LoggedRunOptions) {
    this.#ratesEvery = ratesEvery;
    this.#report = new PipelineReport(logger, options.now, ratesEvery !== null);
    this.pipeline = new Pipeline({ ...options, observer: this.#report });
  }

  /** Runs to the end of the input, or until the pipeline is stopped. @returns whether nothing failed and no record was lost */
  async run(): Promise<boolean> {
    const { pipeline } = this;
    const logRates = (): void => this.#report.rates(pipeline.recordsRead, pipeline.reports);
    const timer = this.#ratesEvery === null ? undefined : setInterval(logRates, this.#ratesEvery);
    try {
      if (!(await pipeline.run())) return false;
    } finally {
      clearInterval(timer);
    }
    const files = pipeline.isStopping ? pipeline.progress.traces : null;
    const hasLost = this.#report.finish(pipeline.reports, files, pipeline.hasFailed);
    return !hasLost && !pipeline.hasFailed;
  }
}
