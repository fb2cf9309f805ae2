/**
 * The program's own log: lines as the original writes them, `[Info] 2026/11/24 18:21:56 …`, so that what operators grep
 * for goes on working. Event data in a message cannot start another line.
 */
import { printable } from '../diagnostics/format.js';

/** Levels from most to least talkative; each prints itself and those after it. `health` is for state changes. */
export const LOG_LEVELS = ['trace', 'info', 'warn', 'error', 'health', 'quiet'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A level at which something can be said. */
export type LogEvent = Exclude<LogLevel, 'quiet'>;

const LABELS: Readonly<Record<LogEvent, string>> = {
  trace: '[Trace]',
  info: '[Info]',
  warn: '[Warn]',
  error: '[Error]',
  health: '[Health]',
};

export class Logger {
  readonly #from: number;
  readonly #write: (line: string) => void;
  readonly #now: () => number;

  /**
   * @param level the least important level that is written
   * @param write takes a line with its end
   * @param now the time in milliseconds
   */
  constructor(level: LogLevel, write: (line: string) => void, now: () => number) {
    this.#from = LOG_LEVELS.indexOf(level);
    this.#write = write;
    this.#now = now;
  }

  /** Writes a message, if its level is to be written. */
  log(level: LogEvent, message: string): void {
    if (LOG_LEVELS.indexOf(level) < this.#from) return;
    this.#write(`${LABELS[level]} ${timestamp(this.#now())} ${printable(message)}\n`);
  }
}

/** Local time as Go's standard logger prints it. */
function timestamp(milliseconds: number): string {
  const time = new Date(milliseconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  const date = `${time.getFullYear()}/${two(time.getMonth() + 1)}/${two(time.getDate())}`;
  return `${date} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}
