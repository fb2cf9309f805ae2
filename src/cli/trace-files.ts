import type { ReadTracesOptions } from '../authoring/read-traces.js';
import { fileIdentity, openFileIdentity } from '../config/file-identity.js';
import { openPipe } from '../drivers/open-pipe.js';
import { isSkippedFile, STANDARD_INPUT, type TraceArgument } from '../drivers/trace-files.js';
import { ContainerReader, type ContainerReaderOptions, type TraceError } from '../sysflow/index.js';
import { unreadFilesText } from '../telemetry/unread-files-text.js';
import type { Command } from './command.js';
import type { CommandIo } from './command-io.js';
import { standardInput } from './standard-input.js';

/** Opens a trace; `-` is standard input. */
export async function openTrace(
  path: string,
  options: ContainerReaderOptions = {},
): Promise<ContainerReader | TraceError> {
  if (path === STANDARD_INPUT) return ContainerReader.from(standardInput(), 'standard input', options);
  const pipe = await openPipe(path);
  return pipe === null ? ContainerReader.open(path, options) : ContainerReader.from(pipe, path, options);
}

/** Options for reading traces: stop signals, progress, and exit status 3 if one cannot be read. */
export function readingOf(io: CommandIo): ReadTracesOptions {
  return {
    now: Date.now,
    stdin: standardInput,
    stop: io.stopSignal(),
    showProgress: io.showProgress,
    onProblem: ({ severity }) => {
      if (severity === 'error') io.note(3);
    },
  };
}

/** Formats a size: `123 B`, `4.5 KiB`. */
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
 * Reports on standard error that a trace cannot be read.
 *
 * @param folder whether it was found in a folder, where files that are not traces are skipped
 * @returns the resulting exit status
 */
export function reportUnread(command: string, error: TraceError, folder: boolean, io: CommandIo): 0 | 3 {
  const passedOver = isSkippedFile(error, folder);
  io.err(`sfprocessor ${command}: ${error.path} ${error.message}${passedOver ? '; skipped' : ''}`);
  return passedOver ? 0 : 3;
}

/**
 * Reports on standard error the traces that a stopped command has not read.
 *
 * @param count how many traces it was to read
 * @param begun how many of them it had opened
 * @param part the one that it left; null if none was open
 */
export function reportStopped(
  { name }: Pick<Command, 'name'>,
  count: number,
  begun: number,
  part: string | null,
  io: CommandIo,
): void {
  const text = unreadFilesText({ files: count - begun, of: count, parts: part === null ? [] : [part] });
  if (text !== null) io.err(`sfprocessor ${name}: ${text}`);
}

/**
 * Whether standard output goes to one of the traces that a command is to read, or to a file of a folder of them: what it
 * prints would become part of the trace. Reports it.
 */
export function printsIntoTrace(traces: readonly TraceArgument[], command: string, io: CommandIo): boolean {
  const output = openFileIdentity(1);
  if (output === null) return false;
  const files = traces.filter(({ path, error }) => path !== STANDARD_INPUT && error === null);
  const trace = files.find(({ path }) => fileIdentity(path) === output);
  if (trace === undefined) return false;
  io.err(`sfprocessor ${command}: standard output is also the trace ${trace.path}; write to another file`);
  return true;
}
