/** Problems of plugins: the first few of each plugin are logged, and all are counted. */
import type { StageCount, StageReport } from '../../components/processor.js';
import { counted } from '../../telemetry/counted.js';
import type { LogEvent } from '../../telemetry/logger.js';

/** Problems of one plugin that are logged; further ones are only counted. */
const LOGGED = 5;

/** Time limits for plugins in milliseconds. */
export interface PluginLimits {
  /** For a promise of a plugin to settle, not counting time spent waiting for the following stages. */
  readonly settle: number;
  /** For a call to return, before it is reported as slow. */
  readonly call: number;
}

export const PLUGIN_LIMITS: PluginLimits = { settle: 30_000, call: 1000 };

export interface PluginProblemsOptions {
  readonly limits?: PluginLimits;
  /** Returns the current time in milliseconds. */
  now(): number;
  log(level: LogEvent, message: string): void;
}

interface Tally {
  /** Failures and warnings, including those beyond the log limit. */
  problems: number;
  /** Records lost. */
  lost: number;
  /** Records changed, and slow calls. */
  warnings: number;
}

/** Logs and counts the problems of all plugins of a run. */
export class PluginProblems {
  readonly limits: PluginLimits;
  readonly #options: PluginProblemsOptions;
  /** By the name of the plugin with its file. */
  readonly #tallies = new Map<string, Tally>();
  #hasFailed = false;

  constructor(options: PluginProblemsOptions) {
    this.#options = options;
    this.limits = options.limits ?? PLUGIN_LIMITS;
  }

  /** Whether a plugin has failed, so that the program's exit status is 3. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  now(): number {
    return this.#options.now();
  }

  /** Reports a failure of a plugin. @param lost records lost by it */
  failed(plugin: string, message: string, lost: number): void {
    this.#hasFailed = true;
    const tally = this.#tally(plugin);
    tally.lost += lost;
    if (++tally.problems <= LOGGED) this.#options.log('error', `${plugin}: ${message}`);
  }

  /** Reports a problem of a plugin that lost no records. */
  warned(plugin: string, message: string): void {
    const tally = this.#tally(plugin);
    if (++tally.warnings <= LOGGED) this.#options.log('warn', `${plugin}: ${message}`);
  }

  /** Counts records lost by a failure that was already logged. */
  lose(plugin: string, records: number): void {
    this.#tally(plugin).lost += records;
  }

  report(): StageReport {
    return { counts: [...this.#tallies].flatMap(([plugin, tally]) => countsOf(plugin, tally)) };
  }

  #tally(plugin: string): Tally {
    let tally = this.#tallies.get(plugin);
    if (tally === undefined) {
      tally = { problems: 0, lost: 0, warnings: 0 };
      this.#tallies.set(plugin, tally);
    }
    return tally;
  }
}

function countsOf(plugin: string, { problems, lost, warnings }: Tally): StageCount[] {
  return [
    {
      name: `${plugin} failures`,
      value: problems > LOGGED ? problems : 0,
      level: 'error',
      describe: (value) => `${plugin}: ${counted(value, 'failure')} in all`,
    },
    {
      name: `${plugin} warnings`,
      value: warnings > LOGGED ? warnings : 0,
      level: 'warn',
      describe: (value) => `${plugin}: ${counted(value, 'warning')} in all`,
    },
    {
      name: `${plugin} lost`,
      value: lost,
      level: 'error',
      describe: (value) => `${plugin}: ${counted(value, 'record was', 'records were')} lost`,
    },
  ];
}
