import type { Buffer } from 'node:buffer';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type { Progress } from '../telemetry/progress.js';

/**
 * Where a command writes, what it may know of the terminal, and how it is stopped; handed in, so that nothing below reads the
 * process.
 */
export interface CommandIo {
  /**
   * Writes data to standard output as it is: JSON, and what encoders made. The bytes must not change afterwards.
   *
   * @returns a promise where the reader is behind: wait for it before writing more, so that memory stays bounded
   */
  out(data: string | Buffer): Promise<void> | undefined;
  /**
   * Writes lines of text to standard output. Controls are escaped, but for line ends and, with `color`, own colours. The
   * result is that of {@link out}.
   */
  print(text: string): Promise<void> | undefined;
  /** Writes a message to standard error: one line, whatever is in it. All controls are escaped. */
  err(message: string): void;
  /** Writes a diagnostic to standard error. */
  report(diagnostic: Diagnostic): void;
  /** Whether standard output is a terminal that shows colours. */
  readonly color: boolean;
  /**
   * Notes an exit status that is already certain. It counts where whoever reads the output leaves before the command has
   * ended; the greatest one wins.
   */
  note(status: number): void;
  /**
   * Tells when to stop. A command that asks for it ends in order on the first SIGINT or SIGTERM, with what it has so far, and
   * its exit status is then 130 or 143; a second signal ends it at once.
   */
  stopSignal(): AbortSignal;
  /**
   * Shows how far long work has come, on a line of the terminal that standard error is; returns what ends that. Absent if
   * it is not a terminal.
   */
  readonly showProgress?: ((progress: () => Progress) => () => void) | undefined;
}
