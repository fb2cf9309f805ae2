import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';

/** Result of a child process. */
export interface CommandResult {
  readonly status: number | null;
  /** The end of standard error. */
  readonly complaint: string;
}

/** Runs a command in a folder to its end. */
export function runCommand(command: string, args: readonly string[], cwd: string): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-4000);
    });
    child.on('error', (error) => resolve({ status: null, complaint: error.message }));
    child.on('close', (status) => resolve({ status, complaint: complaint.trim() }));
  });
}

/** The lines of an output as text of one character per byte; none if the file was not written. */
export async function readLines(path: string): Promise<string[]> {
  const bytes = await readFile(path).catch(() => Buffer.alloc(0));
  return splitLines(bytes);
}

/** See {@link readLines}. */
export function splitLines(bytes: Buffer): string[] {
  const lines = bytes.toString('latin1').split('\n');
  // Keep an unterminated last line, since a truncated output must differ.
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
