import type { Buffer } from 'node:buffer';

/** Where a command writes, and what it may know of the terminal; handed in, so that nothing below reads the process. */
export interface CommandIo {
  /**
   * Writes to standard output; the bytes must not change afterwards.
   *
   * @returns a promise where the reader is behind: wait for it before writing more, so that memory stays bounded
   */
  out(text: string | Buffer): Promise<void> | undefined;
  /** Writes to standard error. */
  err(text: string): void;
  /** Whether standard output is a terminal that shows colours. */
  readonly color: boolean;
}

/** A subcommand: `sfprocessor NAME …`. */
export interface Command {
  readonly name: string;
  /** The arguments as in a usage line. */
  readonly usage: string;
  /** One sentence for the list of commands. */
  readonly summary: string;
  /**
   * Does the work.
   *
   * @param args what follows the name
   * @returns the exit status: 0 fine, 1 something in what was asked for is wrong, 2 usage, 3 failed while running
   */
  run(args: readonly string[], io: CommandIo): Promise<number>;
}
