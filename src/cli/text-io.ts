import type { Buffer } from 'node:buffer';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { type FormatOptions, formatDiagnostic, printable, printableLines } from '../diagnostics/format.js';
import type { CommandIo } from './command-io.js';

/**
 * Outputs of a command on two streams. Escapes all text for terminals here, regardless of its source: exceptions of
 * actions, libraries, file names, arguments, policies or traces.
 */
export abstract class TextIo implements CommandIo {
  abstract get color(): boolean;
  /** Format of diagnostics on standard error. */
  protected abstract get diagnosticFormat(): FormatOptions;
  abstract note(status: number): void;
  abstract stopSignal(): AbortSignal;
  /** Writes to standard output or standard error unchanged. */
  protected abstract writeOut(data: string | Buffer): Promise<void> | undefined;
  protected abstract writeErr(text: string): void;

  out(data: string | Buffer): Promise<void> | undefined {
    return this.writeOut(data);
  }

  print(text: string): Promise<void> | undefined {
    return this.writeOut(printableLines(text, this.color));
  }

  err(message: string): void {
    this.writeErr(`${printable(message.endsWith('\n') ? message.slice(0, -1) : message)}\n`);
  }

  report(diagnostic: Diagnostic): void {
    this.writeErr(`${formatDiagnostic(diagnostic, this.diagnosticFormat)}\n`);
  }
}
