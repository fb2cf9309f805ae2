import type { ReadTracesOptions } from '../authoring/read-traces.js';
import { openPipe } from '../drivers/open-pipe.js';
import { ContainerReader, type ContainerReaderOptions, type TraceError } from '../sysflow/index.js';
import { stoppedText } from '../telemetry/stopped-text.js';
import type { Command, CommandIo } from './command.js';

/** Opens a trace; `-` is standard input. */
export async function openTrace(
  path: string,
  options: ContainerReaderOptions = {},
): Promise<ContainerReader | TraceError> {
  if (path === '-') return ContainerReader.from(process.stdin, 'standard input', options);
  const pipe = await openPipe(path);
  return pipe === null ? ContainerReader.open(path, options) : ContainerReader.from(pipe, path, options);
}

/** How a command reads traces. @param failed the exit status once one cannot be read */
export function readingOf(io: CommandIo, failed: number): ReadTracesOptions {
  return {
    open: openTrace,
    stop: io.stopSignal(),
    onProblem: ({ severity }) => {
      if (severity === 'error') io.note(failed);
    },
  };
}

/** A size for people: `123 B`, `4.5 KiB`. */
export function byteText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return unit === 0 ? `${value} B` : `${value.toFixed(1)} ${units[unit]}`;
}

/**
 * Tells what a command has not read since it was stopped.
 *
 * @param begun how many of its traces it had opened
 * @param part the one that it left; null where none was open
 */
export function reportUnread(
  { name }: Pick<Command, 'name'>,
  paths: readonly string[],
  begun: number,
  part: string | null,
  io: CommandIo,
): void {
  const parts = part === null ? [] : [part];
  const text = stoppedText({ files: paths.length - begun, of: paths.length, parts });
  if (text !== null) io.err(`sfprocessor ${name}: ${text}\n`);
}

/** A sentence for a trace that cannot be read, from a command that takes traces and no folders. */
export function traceErrorText({ code, path, message }: TraceError): string {
  const hint =
    code === 'folder' ? '; name the traces in it: only the pipeline, alert, explain and backtest read folders' : '';
  return `${path} ${message}${hint}`;
}
