/** Processors: the stages of a pipeline between its drivers and the ends of its branches. */
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import type { Receiver } from '../streams/receiver.js';
import type { LogEvent } from '../telemetry/logger.js';
import type { AnyComponent, Component, OptionsProblem, Slot } from './component.js';

/** A stage of a pipeline: receives what the stages before it emit, and pushes to those after it. */
export interface Stage<Item = unknown> extends Receiver<Item> {
  /**
   * Opens a stream of records, for a stage that keeps separate state for each stream. Returns the receiver of the
   * stream's records. The receiver's `end()` is called when the stream ends, and the stage's `end()` when all streams
   * have ended. If this method is missing, {@link Receiver.push} receives the records of all streams.
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
  /** Events emitted by a reader. */
  readonly events?: number;
  /** Records written. */
  readonly exported?: number;
  /** Records that could not be written, or were dropped because the reader of the output had closed it. */
  readonly lost?: number;
  readonly unread?: number;
  /** Further counts. Counts of one name are summed over all stages; those that are not 0 are logged at the end. */
  readonly counts?: readonly StageCount[];
}

export interface StageCount {
  readonly name: string;
  readonly value: number;
  /** `detail` is logged at level `health` with `-perflog`, otherwise at level `trace`. With `error`, the exit status is 3. */
  readonly level: LogEvent | 'detail';
  /** Returns the log line. */
  describe(value: number): string;
}

/** The component in a slot, with its options. */
export interface SlotValue {
  readonly component: AnyComponent;
  readonly options: unknown;
}

/** The context in which a processor is prepared before the pipeline starts. */
export interface PrepareEnvironment {
  /** Collects diagnostics. An error does not end the program by itself; see {@link Preparation.refused}. */
  readonly diagnostics: Diagnostics;
  /** Whether any error ends the program (`--strict`). */
  readonly strict: boolean;
  /** The folder of the resources that ship with the program. */
  readonly resources: string;
  /** Returns the components of a kind, such as the rule languages. */
  components(kind: AnyComponent['kind']): readonly AnyComponent[];
}

/** What a processor has loaded before the start. */
export interface Preparation {
  /** Passed on in {@link ProcessorEnvironment.prepared}. */
  readonly value: unknown;
  /** Components used in addition to those in its slots, with default options; their health is checked too. */
  readonly components?: readonly AnyComponent[];
  /** Files that were read, which no output may overwrite. */
  readonly files: readonly { readonly path: string /** How messages name it. */; readonly name: string }[];
  /** Whether the program must not start. */
  readonly refused: boolean;
  /** Messages to log after the diagnostics. */
  readonly notes: readonly { readonly level: LogEvent; readonly message: string }[];
}

/** The context in which a processor is created. */
export interface ProcessorEnvironment {
  /** Receives the items that the processor emits; at the end of a branch it discards them. */
  // biome-ignore lint/suspicious/noExplicitAny: wiring the pipeline has checked the type of the channel
  readonly next: Receiver<any>;
  /** The components in its slots, by key. */
  readonly slots: Readonly<Record<string, SlotValue>>;
  /** The result of `prepare`; undefined without one. */
  readonly prepared: unknown;
  /** Whether any error ends the program (`--strict`). */
  readonly strict: boolean;
  /** Returns the time in milliseconds. */
  now(): number;
  log(level: LogEvent, message: string): void;
  /** Logs an error and sets the program's exit status to 3; the pipeline continues. */
  fail(message: string): void;
}

/**
 * A stage of a pipeline.
 *
 * @typeParam Env the context in which it is created; built-in processors may need more than {@link
 *   ProcessorEnvironment}
 */
export interface ProcessorComponent<Options = unknown, Env = ProcessorEnvironment> extends Component<Options> {
  readonly kind: 'processor';
  /** The type of the channels that it reads. */
  readonly in: string;
  /** The type of the channels that it writes; null for the end of a branch. */
  readonly out: string | null;
  /** The slot whose component can declare another output type, as handlers do. */
  readonly outOf?: string;
  /** Keys whose values name other components. */
  readonly slots?: Readonly<Record<string, Slot>>;
  /** Environment variables that deployments set and that have no effect: the reason for each, by key. */
  readonly ignoredVariables?: Readonly<Record<string, string>>;
  /**
   * Checks combinations of options.
   *
   * @param written the keys that the user has set, including those with invalid values
   */
  verify?(options: Options, written: ReadonlySet<string>): readonly OptionsProblem[];
  /** Returns the maximum number of threads of the pipeline with these options; without this method there is no maximum. */
  threads?(options: Options): number;
  /** Loads what the processor needs before the start, and collects problems. */
  prepare?(options: Options, environment: PrepareEnvironment): Promise<Preparation>;
  create(options: Options, environment: Env): Stage;
}

/** A processor with any types of options and environment. */
// biome-ignore lint/suspicious/noExplicitAny: options are passed only to the component that declares them
export type AnyProcessor = ProcessorComponent<any, any>;
