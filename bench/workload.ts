import { copyFileSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The larger reference traces, of which the measured folder is made. */
const LARGER = ['1621959914', 'k8s_small.sf', 'mon.1531776682.sf', 'mon.1531776712.sf', 'mon.1531776742.sf'];

/** Where things are that the benchmark may use. */
export interface Places {
  /** The root of the working copy. */
  readonly root: string;
  /** The folder of reference data, or null where there is none. */
  readonly reference: string | null;
  /** The original, or null. */
  readonly original: string | null;
  /** A folder for what is made and written. */
  readonly work: string;
}

/** A folder of traces to read. */
export interface Workload {
  readonly path: string;
  readonly files: number;
  readonly megabytes: number;
  readonly copies: number;
}

/** Makes a folder with so many copies of each larger reference trace, or of each bundled one where there is no reference data. */
export function makeWorkload(places: Places, copies: number): Workload {
  const path = join(places.work, `traces-${copies}`);
  const sources = traceFiles(places);
  let bytes = 0;
  if (!existsSync(path)) mkdirSync(path);
  for (let copy = 0; copy < copies; copy++) {
    for (const source of sources) {
      bytes += statSync(source).size;
      copyFileSync(source, join(path, `${String(copy).padStart(3, '0')}-${source.slice(source.lastIndexOf('/') + 1)}`));
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
