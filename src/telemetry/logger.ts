/**
 * The program's own log, in the line format of the original, `[Info] 2026/11/24 18:21:56 …`, so that existing searches
 * and filters continue to work. Event data in a message cannot start a new line.
 */
import { printable } from '../diagnostics/format.js';

/** Levels in ascending order; each includes the messages of all later ones. `health` is for state changes. */
export const LOG_LEVELS = ['trace', 'info', 'warn', 'error', 'health', 'quiet'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A level that a message can have. */
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
   * @param level the lowest level that is written
   * @param write receives a line with its line end
   * @param now returns the time in milliseconds
   */
  constructor(level: LogLevel, write: (line: string) => void, now: () => number) {
    this.#from = LOG_LEVELS.indexOf(level);
    this.#write = write;
    this.#now = now;
  }

  /** Writes a message, unless its level is too low. */
  log(level: LogEvent, message: string): void {
    if (LOG_LEVELS.indexOf(level) < this.#from) return;
    this.#write(`${LABELS[level]} ${timestamp(this.#now())} ${printable(message)}\n`);
  }
}

/** Formats a local time like Go's standard logger. */
function timestamp(milliseconds: number): string {
  const time = new Date(milliseconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  const date = `${time.getFullYear()}/${two(time.getMonth() + 1)}/${two(time.getDate())}`;
  return `${date} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}
