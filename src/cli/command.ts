import type { Progress } from '../telemetry/progress.js';
import type { OptionTable } from './option-table.js';

/** Where a command writes, and what it may know of the terminal; handed in, so that nothing below reads the process. */
export interface CommandIo {
  /** Writes to standard output. */
  out(text: string): void;
  /** Writes to standard error. */
  err(text: string): void;
  /** Whether standard output is a terminal that shows colours. */
  readonly color: boolean;
  /**
   * Shows how far long work has come, on a line of the terminal that standard error is; gives what ends that. Left out where
   * it is no terminal.
   */
  readonly showProgress?: ((progress: () => Progress) => () => void) | undefined;
}

/** The subcommands by name; each is loaded only when it is asked for. */
export type CommandTable = ReadonlyMap<string, () => Promise<Command>>;

/** A subcommand: `sfprocessor NAME …`. */
export interface Command {
  readonly name: string;
  /** The arguments as in a usage line. */
  readonly usage: string;
  /** One sentence for the list of commands. */
  readonly summary: string;
  /** Its options; help, completion and the manual page come from them. */
  readonly options: OptionTable;
  /** What its words are, for completion: files, or one of these; left out: nothing that could be completed. */
  readonly words?: 'files' | readonly string[];
  /**
   * Does the work.
   *
   * @param args what follows the name
   * @returns the exit status: 0 fine, 1 something in what was asked for is wrong, 2 usage, 3 failed while running
   */
  run(args: readonly string[], io: CommandIo): Promise<number>;
}
