import type { CommandIo } from './command-io.js';
import type { Described } from './option-table.js';

/** Subcommands by name. Each is loaded only when it is run. */
export type CommandTable = ReadonlyMap<string, () => Promise<Command>>;

/** A subcommand: `sfprocessor NAME …`. */
export interface Command extends Described {
  /** Completion of its arguments: files, or one of these words; absent: none. */
  readonly words?: 'files' | readonly string[];
  /**
   * Runs the command.
   *
   * @param args what follows the name
   * @returns the exit status: 0 success, 1 an error in the input, 2 usage, 3 a failure while running
   */
  run(args: readonly string[], io: CommandIo): Promise<number>;
}
