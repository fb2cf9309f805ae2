/** Processors: the stages of a pipeline between its drivers and the ends of its branches. */
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import type { Receiver } from '../streams/receiver.js';
import type { LogEvent } from '../telemetry/logger.js';
import type { AnyComponent, Component, OptionsProblem, Slot } from './component.js';

/** A stage of a pipeline: receives what the stages before it emit, and pushes to those after it. */
export interface Stage<Item = unknown> extends Receiver<Item> {
  /**
   * For a stage with state of its own for each stream of records: gives what receives those of one. Its `end()` is called when the
   * stream ends, that of the stage when all have ended. Without it, {@link Receiver.push} gets the records of all streams.
   */
  openStream?(name: string): Receiver<Item>;
  /** Opens its output. @returns the reason of a failure, which ends the program before it reads anything; null on success */
  start?(): Promise<string | null>;
  /** Reopens output files after another program has moved them (SIGHUP). */
  reopen?(): Promise<void>;
  /** Called when the program is about to end: from now on, the time for retries is limited. */
  drain?(): void;
  /** Statistics so far. */
  report?(): StageReport;
  /** Whether the reader of its output has gone, so that it needs no more records. */
  readonly isClosed?: boolean;
}

/** Statistics of a stage. Absent numbers are 0. */
export interface StageReport {
  /** Events that a reader handed on. */
  readonly events?: number;
  /** Records that were written. */
  readonly exported?: number;
  /** Records that could not be written, and those dropped after whoever read the output had closed it. */
  readonly lost?: number;
  readonly unread?: number;
  /** Further counts. Counts of one name are summed over all stages; those that are not 0 are logged at the end. */
  readonly counts?: readonly StageCount[];
}

export interface StageCount {
  readonly name: string;
  readonly value: number;
  /** `detail`: logged where figures were asked for (`-perflog`), else at level `trace`. With `error` the exit status is 3. */
  readonly level: LogEvent | 'detail';
  /** The line of the log. */
  describe(value: number): string;
}

/** A component that a slot names, with its options. */
export interface SlotValue {
  readonly component: AnyComponent;
  readonly options: unknown;
}

/** What a processor is prepared with before the pipeline starts. */
export interface PrepareEnvironment {
  /** Collects diagnostics. An error does not end the program by itself; see {@link Preparation.refused}. */
  readonly diagnostics: Diagnostics;
  /** Whether any error ends the program (`--strict`). */
  readonly strict: boolean;
  /** The folder of the resources that ship with the program. */
  readonly resources: string;
  /** The components of a kind, such as the rule languages. */
  components(kind: AnyComponent['kind']): readonly AnyComponent[];
}

/** What a processor has loaded before the start. */
export interface Preparation {
  /** Passed on in {@link ProcessorEnvironment.prepared}. */
  readonly value: unknown;
  /** Components that it uses besides those of its slots, with the defaults of their options; their health is checked. */
  readonly components?: readonly AnyComponent[];
  /** Files that were read, which no output may overwrite. */
  readonly files: readonly { readonly path: string /** How messages name it. */; readonly name: string }[];
  /** Whether the program must not start. */
  readonly refused: boolean;
  /** Lines for the log, after the diagnostics. */
  readonly notes: readonly { readonly level: LogEvent; readonly message: string }[];
}

/** What a processor is created with. */
export interface ProcessorEnvironment {
  /** Receives what it emits. At the end of a branch it discards everything. */
  // biome-ignore lint/suspicious/noExplicitAny: the type of the channel was checked when the pipeline was wired
  readonly next: Receiver<any>;
  /** The components that its slots name, by key. */
  readonly slots: Readonly<Record<string, SlotValue>>;
  /** The result of `prepare`; undefined without one. */
  readonly prepared: unknown;
  /** Whether any error ends the program (`--strict`). */
  readonly strict: boolean;
  /** The time in milliseconds. */
  now(): number;
  log(level: LogEvent, message: string): void;
  /** Logs an error after which the program's exit status is 3; the pipeline goes on. */
  fail(message: string): void;
}

/**
 * A stage of a pipeline.
 *
 * @typeParam Env what it is created with; a built-in one may need more than {@link ProcessorEnvironment}
 */
export interface ProcessorComponent<Options = unknown, Env = ProcessorEnvironment> extends Component<Options> {
  readonly kind: 'processor';
  /** The type of the channels that it reads. */
  readonly in: string;
  /** The type of the channels that it writes; null for the end of a branch. */
  readonly out: string | null;
  /** The slot whose component declares another type to be written, as handlers do. */
  readonly outOf?: string;
  /** Keys that name other components, by key. */
  readonly slots?: Readonly<Record<string, Slot>>;
  /** Variables of the environment that deployments set for it and that have no effect, each with the reason, by key. */
  readonly ignoredVariables?: Readonly<Record<string, string>>;
  /**
   * Checks options together.
   *
   * @param written the keys that the user has set, whether their values can be read or not
   */
  verify?(options: Options, written: ReadonlySet<string>): readonly OptionsProblem[];
  /** How many threads the pipeline may use at most with these options; without it, any number. */
  threads?(options: Options): number;
  /** Loads what it needs before the start; collects what is wrong with it. */
  prepare?(options: Options, environment: PrepareEnvironment): Promise<Preparation>;
  create(options: Options, environment: Env): Stage;
}

/** A processor whose types of options and environment only it itself and the pipeline know. */
// biome-ignore lint/suspicious/noExplicitAny: options go to the component that declares them
export type AnyProcessor = ProcessorComponent<any, any>;
