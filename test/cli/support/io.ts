import type { CommandIo } from '../../../src/cli/command.js';

/** A command's outputs, kept. */
export class KeptIo implements CommandIo {
  readonly color: boolean = false;
  stdout = '';
  stderr = '';

  out(text: string | Buffer): undefined {
    this.stdout += text;
  }
  err(text: string): void {
    this.stderr += text;
  }

  /** The lines of standard output. */
  get lines(): string[] {
    return this.stdout.split('\n').slice(0, -1);
  }
}
