import { join } from 'node:path';
import { systemCode, TraceError } from '../sysflow/errors.js';
import { fileIdentity, folderNames, pathStats } from '../sysflow/system-path.js';

/** The path that stands for standard input. */
export const STANDARD_INPUT = '-';

/** The files of an input path. */
export interface TraceFiles {
  /** As it was given. */
  readonly path: string;
  /** Paths in name order. */
  readonly paths: readonly string[];
  /** Bytes of each; 0 if that is not known. */
  readonly sizes: readonly number[];
  /** Whether they are those of a folder, where files that are not traces are skipped. */
  readonly folder: boolean;
}

/**
 * Finds the files of a path: itself, or the files of a folder (not of folders in it), ordered by the bytes of names. A file to
 * which several names of a folder lead is found once, under the first. A link that leads nowhere is among the files: reading
 * it reports the problem. The calls are synchronous: nothing else has to run yet, and they take a tenth of the time.
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
  const met = new Set<string>();
  const paths: string[] = [];
  const sizes: number[] = [];
  for (const name of folderNames(path)) {
    const file = join(path, name);
    const found = look(file);
    if (found === null || met.has(found.identity)) continue;
    met.add(found.identity);
    paths.push(file);
    sizes.push(found.size);
  }
  return { path, paths, sizes, folder: true };
}

/** Size and identity of a file; null if it is not a file. If `stat` fails it counts as a file, and reading it reports the error. */
function look(path: string): { readonly size: number; readonly identity: string } | null {
  try {
    const stats = pathStats(path);
    return stats.isFile() ? { size: Number(stats.size), identity: fileIdentity(path, stats) } : null;
  } catch {
    return { size: 0, identity: path };
  }
}

/** A trace that is to be read. */
export interface TraceArgument {
  readonly path: string;
  /** Whether it was found in a folder. */
  readonly folder: boolean;
  /** Bytes of the file; null if that is not known (standard input, a named pipe). */
  readonly bytes: number | null;
  /** Why it cannot be read; null if the path can be opened. */
  readonly error: TraceError | null;
}

/** The traces that arguments name, in their order: files, folders of files, and `-` once for standard input. */
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

/** The files of a path as traces to be read. */
export function tracesOf({ paths, sizes, folder }: TraceFiles): TraceArgument[] {
  return paths.map((path, i) => ({ path, folder, bytes: sizes[i] === 0 ? null : sizes[i]!, error: null }));
}

/** Bytes of traces; null if that of one is not known. */
export function bytesOf(traces: readonly TraceArgument[]): number | null {
  if (traces.some(({ bytes, error }) => bytes === null && error === null)) return null;
  return traces.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
}

function refused(error: TraceError, folder: boolean): TraceArgument {
  return { path: error.path, folder, bytes: null, error };
}

/** Codes of files that may as well be of another format. */
const FOREIGN: ReadonlySet<string> = new Set(['not-avro', 'bad-schema', 'compression']);

/** File names of traces, compressed or not. */
const TRACE_NAME = /\.sf(\.\w+)?$/i;

/**
 * Whether an unreadable file is skipped with a warning: it was found in a folder, and it is empty or neither its name nor
 * its content is that of a trace.
 *
 * @param folder whether the file was found in a folder, not named
 */
export function isSkippedFile({ code, path }: TraceError, folder: boolean): boolean {
  return folder && (code === 'empty' || (FOREIGN.has(code) && !TRACE_NAME.test(path)));
}
