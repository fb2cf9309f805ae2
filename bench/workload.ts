import { copyFileSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The larger reference traces, which form the workload. */
const LARGER = ['1621959914', 'k8s_small.sf', 'mon.1531776682.sf', 'mon.1531776712.sf', 'mon.1531776742.sf'];

/** A program that is run alternately with this one. */
export interface Rival {
  readonly name: string;
  readonly command: readonly string[];
  /** Whether it is so slow with many rules that it reads only a few traces. */
  readonly isSlow: boolean;
  /** Additional environment variables. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Paths and programs that the benchmark may use. */
export interface Places {
  /** The root of the working copy. */
  readonly root: string;
  /** The folder of reference data, or null if there is none. */
  readonly reference: string | null;
  /** Programs to run alternately with this one. */
  readonly rivals: readonly Rival[];
  /** A folder for generated files and outputs. */
  readonly work: string;
}

/** A folder of traces to read. */
export interface Workload {
  readonly path: string;
  readonly files: number;
  readonly megabytes: number;
  readonly copies: number;
}

/**
 * Makes a folder with so many copies of each larger reference trace, or of each bundled one if there is no reference data.
 *
 * @param parts 2 to distribute them over subfolders `a` and `b`
 */
export function makeWorkload(places: Places, copies: number, parts: 1 | 2 = 1): Workload {
  const path = join(places.work, `traces-${copies}-${parts}`);
  const sources = traceFiles(places);
  const folders = parts === 1 ? [path] : [join(path, 'a'), join(path, 'b')];
  const isNew = !existsSync(path);
  for (const folder of folders) mkdirSync(folder, { recursive: true });
  let bytes = 0;
  for (let copy = 0; copy < copies; copy++) {
    for (const source of sources) {
      bytes += statSync(source).size;
      const name = `${String(copy).padStart(3, '0')}-${source.slice(source.lastIndexOf('/') + 1)}`;
      if (isNew) copyFileSync(source, join(folders[copy % parts]!, name));
    }
  }
  return { path, files: copies * sources.length, megabytes: bytes / 1e6, copies };
}

function traceFiles({ reference, root }: Places): string[] {
  if (reference !== null) return LARGER.map((name) => join(reference, 'traces', name));
  const bundled = join(root, 'resources/traces');
  return readdirSync(bundled)
    .filter((name) => name.endsWith('.sf'))
    .map((name) => join(bundled, name));
}
