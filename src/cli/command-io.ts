import type { Buffer } from 'node:buffer';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type { Progress } from '../telemetry/progress.js';

/**
 * Outputs, terminal properties and stop signals of a command. They are parameters so that commands do not access the
 * process.
 */
export interface CommandIo {
  /**
   * Writes data to standard output unchanged, such as JSON and encoded records. The caller must not modify the bytes
   * afterwards.
   *
   * @returns a promise if the reader is slow: await it before writing more, so that memory stays bounded
   */
  out(data: string | Buffer): Promise<void> | undefined;
  /**
   * Writes lines of text to standard output. Escapes control characters, except line ends and, with `color`, the
   * command's own colors. Returns the same as {@link out}.
   */
  print(text: string): Promise<void> | undefined;
  /** Writes a message to standard error as one line, with all control characters escaped. */
  err(message: string): void;
  /** Writes a diagnostic to standard error. */
  report(diagnostic: Diagnostic): void;
  /** Whether standard output is a terminal that supports colors. */
  readonly color: boolean;
  /**
   * Notes an exit status that is already certain. It counts where whoever reads the output leaves before the command has
   * ended; the greatest one wins.
   */
  note(status: number): void;
  /**
   * Returns a signal that is aborted on the first SIGINT or SIGTERM. A command that calls this must then finish with
   * its results so far; its exit status becomes 130 or 143. A second signal ends the process immediately.
   */
  stopSignal(): AbortSignal;
  /**
   * Shows how far long work has come, on a line of the terminal that standard error is; returns what ends that. Absent if
   * it is not a terminal.
   */
  readonly showProgress?: ((progress: () => Progress) => () => void) | undefined;
}
