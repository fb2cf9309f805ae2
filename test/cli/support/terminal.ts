/** The program on a terminal: `script` of util-linux gives it one. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { projectRoot } from '../../house/support/project.js';

/** Why there is no terminal here, or false. */
export const NO_TERMINAL: string | false =
  spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') === true
    ? false
    : 'script of util-linux is not installed';

/** A program on a terminal of its own, and what it has written there so far. */
export class TerminalRun {
  output = '';
  readonly #child: ChildProcess;
  #changed: () => void = () => {};
  readonly #closed: Promise<void>;
  #hasEnded = false;

  /** @param shell a command line; `$SFPROCESSOR` runs the program */
  constructor(shell: string, folder: string) {
    this.#child = spawn('script', ['-qefc', shell, '/dev/null'], {
      cwd: folder,
      env: {
        PATH: process.env.PATH ?? '',
        TERM: 'xterm',
        SHELL: '/bin/sh',
        SFPROCESSOR: `${process.execPath} ${join(projectRoot, 'bin/sfprocessor.js')}`,
      },
      stdio: ['pipe', 'pipe', 'inherit'],
      timeout: 30_000,
      killSignal: 'SIGKILL',
    });
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.output += text;
      this.#changed();
    });
    this.#closed = once(this.#child, 'close').then(() => {
      this.#hasEnded = true;
      this.#changed();
    });
  }

  /** Types. */
  type(keys: string): void {
    this.#child.stdin!.write(keys);
  }

  /** Waits until the output matches; rejects where it ends before. */
  async until(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.output)) {
      if (this.#hasEnded) throw new Error(`it ended with ${JSON.stringify(this.output)}`);
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }

  /** Waits for the end; gives the exit status. */
  async end(): Promise<number | null> {
    await this.#closed;
    return this.#child.exitCode;
  }

  /** What the terminal shows: lines, of which erased parts are gone. Colours are left out. */
  get screen(): string[] {
    return this.output
      .replaceAll(/\x1b\[[\d;]*m/g, '')
      .replaceAll('\r\n', '\n')
      .split('\n')
      .map((line) => line.slice(line.lastIndexOf('\r\x1b[K') + 1).replace(/^\x1b\[K/, ''));
  }
}
