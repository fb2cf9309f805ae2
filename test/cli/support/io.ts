import { TextIo } from '../../../src/cli/text-io.js';
import type { FormatOptions } from '../../../src/diagnostics/format.js';

/** A command's outputs, kept. */
export class RecordingIo extends TextIo {
  readonly color: boolean = false;
  stdout = '';
  stderr = '';
  /** The exit status that was noted to be certain. */
  known = 0;
  /** Stops the command. */
  readonly stop: AbortController = new AbortController();

  note(status: number): void {
    this.known = Math.max(this.known, status);
  }

  stopSignal(): AbortSignal {
    return this.stop.signal;
  }

  /** The lines of standard output. */
  get lines(): string[] {
    return this.stdout.split('\n').slice(0, -1);
  }

  protected get diagnosticFormat(): FormatOptions {
    return { color: this.color, excerpt: this.color };
  }

  protected writeOut(data: string | Buffer): Promise<void> | undefined {
    this.stdout += data;
    return undefined;
  }

  protected writeErr(text: string): void {
    this.stderr += text;
  }
}
