import type { CommandIo } from './command-io.js';
import type { Described } from './option-table.js';

/** The subcommands by name; each is loaded only when it is asked for. */
export type CommandTable = ReadonlyMap<string, () => Promise<Command>>;

/** A subcommand: `sfprocessor NAME …`. */
export interface Command extends Described {
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
