import type { CommandIo } from './command-io.js';
import type { Described } from './option-table.js';

/** Subcommands by name. Each is loaded only when it is run. */
export type CommandTable = ReadonlyMap<string, () => Promise<Command>>;

/** A subcommand: `sfprocessor NAME …`. */
export interface Command extends Described {
  /** The kind of its words, for completion: files, or one of these. Omit it if words cannot be completed. */
  readonly words?: 'files' | readonly string[];
  /**
   * Runs the command.
   *
   * @param args arguments after the name
   * @returns the exit status: 0 success, 1 a problem in the inspected files or rules, 2 wrong usage, 3 failure while
   *   running
   */
  run(args: readonly string[], io: CommandIo): Promise<number>;
}
