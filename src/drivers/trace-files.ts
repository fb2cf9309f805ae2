import { join } from 'node:path';
import { systemCode, TraceError } from '../sysflow/errors.js';
import { fileIdentity, folderNames, pathStats } from '../sysflow/system-path.js';

/** The path that stands for standard input. */
export const STANDARD_INPUT = '-';

/** The files of an input path. */
export interface TraceFiles {
  /** The path as given. */
  readonly path: string;
  /** Paths in name order. */
  readonly paths: readonly string[];
  /** Size of each file in bytes; 0 if unknown. */
  readonly sizes: readonly number[];
  /** Whether the path is a folder, where files that are not traces are skipped. */
  readonly folder: boolean;
}

/**
 * Finds the files of a path: the path itself, or the files of a folder (without subfolders), ordered by the bytes of their names.
 * A file with several names in the folder is listed once, under the first. A broken link is listed: reading it reports the error.
 * The calls are synchronous, which takes a tenth of the time, and no other work is pending.
 */
export function findTraces(path: string): TraceFiles | TraceError {
  if (path === STANDARD_INPUT) return { path, paths: [path], sizes: [0], folder: false };
  try {
    const root = pathStats(path);
    if (!root.isDirectory()) return { path, paths: [path], sizes: [Number(root.size)], folder: false };
    return filesOf(path);
  } catch (error) {
    const code = systemCode(error);
    const message = code === 'ENOENT' ? 'does not exist' : `cannot be read: ${code}`;
    return new TraceError('unreadable', message, path);
  }
}

function filesOf(path: string): TraceFiles {
  const seen = new Set<string>();
  const paths: string[] = [];
  const sizes: number[] = [];
  for (const name of folderNames(path)) {
    const file = join(path, name);
    const found = fileOf(file);
    if (found === null || seen.has(found.identity)) continue;
    seen.add(found.identity);
    paths.push(file);
    sizes.push(found.size);
  }
  return { path, paths, sizes, folder: true };
}

/** Size and identity of a file; null if the path is not a file. If `stat` fails, it counts as a file: reading it reports the error. */
function fileOf(path: string): { readonly size: number; readonly identity: string } | null {
  try {
    const stats = pathStats(path);
    return stats.isFile() ? { size: Number(stats.size), identity: fileIdentity(path, stats) } : null;
  } catch {
    return { size: 0, identity: path };
  }
}

/** A trace to read. */
export interface TraceArgument {
  readonly path: string;
  /** Whether it was found in a folder. */
  readonly folder: boolean;
  /** Size of the file in bytes; null if unknown (standard input, a named pipe). */
  readonly bytes: number | null;
  /** Why the trace cannot be read; null if the path can be opened. */
  readonly error: TraceError | null;
}

/** Expands arguments to traces, in order: files, the files of folders, and `-`, at most once, for standard input. */
export function expandTraces(paths: readonly string[]): TraceArgument[] {
  return paths.flatMap((path, i) => {
    if (path === STANDARD_INPUT && paths.indexOf(path) < i) {
      return [
        refused(new TraceError('unreadable', 'is named twice and can be read only once', 'standard input'), false),
      ];
    }
    const found = findTraces(path);
    if (found instanceof TraceError) return [refused(found, false)];
    if (found.paths.length === 0) return [refused(new TraceError('empty', 'is a folder without files', path), true)];
    return tracesOf(found);
  });
}

/** The files of a path as traces to read. */
export function tracesOf({ paths, sizes, folder }: TraceFiles): TraceArgument[] {
  return paths.map((path, i) => ({ path, folder, bytes: sizes[i] === 0 ? null : sizes[i]!, error: null }));
}

/** Total size of traces in bytes; null if one is unknown. */
export function bytesOf(traces: readonly TraceArgument[]): number | null {
  if (traces.some(({ bytes, error }) => bytes === null && error === null)) return null;
  return traces.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
}

function refused(error: TraceError, folder: boolean): TraceArgument {
  return { path: error.path, folder, bytes: null, error };
}

/** Error codes of files that may have another format. */
const FOREIGN: ReadonlySet<string> = new Set(['not-avro', 'bad-schema', 'compression']);

/** File names of traces, compressed or not. */
const TRACE_NAME = /\.sf(\.\w+)?$/i;

/**
 * Whether an unreadable file is skipped with a warning instead of counting as a failure: a file in a folder that is empty, or
 * that neither its name nor its content shows to be a trace.
 *
 * @param folder whether the file was found in a folder, not named by the user
 */
export function isSkippedFile({ code, path }: TraceError, folder: boolean): boolean {
  return folder && (code === 'empty' || (FOREIGN.has(code) && !TRACE_NAME.test(path)));
}
