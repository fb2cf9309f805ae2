import { fileIdentity, openFileIdentity } from '../config/file-identity.js';
import { printable } from '../diagnostics/format.js';
import { findTraces, isPassedOver, STANDARD_INPUT } from '../drivers/trace-files.js';
import { ContainerReader, type ContainerReaderOptions, type TraceError } from '../sysflow/index.js';
import type { CommandIo } from './command.js';

/** Opens a trace; `-` is standard input. */
export async function openTrace(
  path: string,
  options: ContainerReaderOptions = {},
): Promise<ContainerReader | TraceError> {
  return path === STANDARD_INPUT
    ? ContainerReader.from(process.stdin, 'standard input', options)
    : ContainerReader.open(path, options);
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
 * Says on standard error that a trace cannot be read.
 *
 * @param folder whether it was found in a folder, where files that are no traces are passed over
 * @returns the exit status that comes of it
 */
export function reportUnread(command: string, error: TraceError, folder: boolean, io: CommandIo): 0 | 3 {
  const passedOver = isPassedOver(error, folder);
  const sentence = printable(`${error.path} ${error.message}`);
  io.err(`sfprocessor ${command}: ${sentence}${passedOver ? '; passed over' : ''}\n`);
  return passedOver ? 0 : 3;
}

/**
 * Whether standard output goes to one of the traces that a command is to read, or to a file of a folder of them: what it
 * prints would become part of the trace. Tells so.
 */
export function printsIntoTrace(paths: readonly string[], command: string, io: CommandIo): boolean {
  const output = openFileIdentity(1);
  if (output === null) return false;
  for (const path of paths) {
    const found = path === '-' ? null : findTraces(path);
    const files = found !== null && 'paths' in found ? found.paths : [];
    const trace = files.find((file) => fileIdentity(file) === output);
    if (trace === undefined) continue;
    io.err(`sfprocessor ${command}: standard output is also the trace ${printable(trace)}; write to another file\n`);
    return true;
  }
  return false;
}
