/** Detects output files that the run also reads, or that several outputs write. */
import { closeSync, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Preparation } from '../components/processor.js';
import { fileIdentity, isRotated } from '../config/file-identity.js';
import type { PipelineTree } from '../config/wiring.js';
import type { Diagnostics, SourceRange, SourceText } from '../diagnostics/diagnostic.js';
import { MAGIC } from '../sysflow/container-header.js';
import type { PipelineDriver } from './pipeline.js';
import { type StagePlan, stagesOf } from './tree.js';

/** A file that a run reads. */
export interface FileRead {
  readonly path: string;
  /** The name in messages: `the input 'a.sf'`. */
  readonly name: string;
  /** Whether the file was found in a folder, where files that are not traces are skipped. */
  readonly isListed: boolean;
}

/** A file that a run writes, and where the user asked for it. */
export interface FileWritten {
  /** Null for standard output. */
  readonly path: string | null;
  readonly name: string;
  /** See `fileIdentity`; null if nothing can be overwritten. */
  readonly identity: string | null;
  /** Number of earlier files that rotation keeps; 0 without rotation. */
  readonly rotateKeep: number;
  readonly source: SourceText;
  readonly range: SourceRange;
}

/** The files that the exporters of a pipeline write. @param stdout the identity of standard output */
export function exporterFiles(tree: PipelineTree, stdout: string | null): FileWritten[] {
  const stanzas = stagesOf(tree.drivers.flatMap(({ receivers }) => receivers));
  return stanzas.flatMap(({ outputs, source, range }) =>
    outputs.map(({ path, rotateKeep }): FileWritten => {
      if (path === null) return { path, name: 'standard output', identity: stdout, rotateKeep, source, range };
      return { path, name: `the output file '${path}'`, identity: fileIdentity(path), rotateKeep, source, range };
    }),
  );
}

/** The files that drivers read. */
export function inputFiles(drivers: readonly PipelineDriver[]): FileRead[] {
  return drivers.flatMap(({ driver }) =>
    (driver.files ?? []).map(({ path, isListed }) => ({ path, name: `the input '${path}'`, isListed })),
  );
}

/** The files that the stages have read before the start. */
export function preparedFiles(prepared: ReadonlyMap<StagePlan, Preparation>): FileRead[] {
  return [...prepared.values()].flatMap(({ files }) => files.map((file) => ({ ...file, isListed: false })));
}

/**
 * Reports each file that is written and that the run also reads, rotates away or writes a second time, before anything is
 * written. Files are compared by identity, so links and rotated files are detected.
 */
export function checkFiles(written: readonly FileWritten[], read: readonly FileRead[], diagnostics: Diagnostics): void {
  const report = ({ source, range }: FileWritten, message: string): void =>
    diagnostics.error('file-conflict', message, source, range, 'write to another file');
  const harmful = written.filter(({ identity }) => identity !== null);
  if (harmful.length === 0) return;
  for (const one of read) {
    const identity = fileIdentity(one.path);
    for (const other of harmful) {
      const isSame = identity === other.identity;
      if (!isSame && !isMoved(other, one.path)) continue;
      if (one.isListed && !isTrace(one.path)) continue;
      report(other, isSame ? `${other.name} is also ${one.name}` : `rotating ${other.name} would move ${one.name}`);
    }
  }
  for (const [i, one] of harmful.entries()) {
    for (const other of harmful.slice(0, i)) {
      if (one.path === null && other.path === null) continue;
      if (one.identity === other.identity) {
        if (!isReported(one, other)) report(one, `${one.name} is also ${other.name}`);
      } else if (isMoved(one, other.path)) report(one, `rotating ${one.name} would move ${other.name}`);
      else if (isMoved(other, one.path)) report(other, `rotating ${other.name} would move ${one.name}`);
    }
  }
}

/** Whether rotation of a file moves or deletes another one. */
function isMoved({ path, rotateKeep }: FileWritten, other: string | null): boolean {
  return rotateKeep > 0 && path !== null && other !== null && isRotated(path, rotateKeep, other);
}

/** Whether both are the same path in the pipeline file, which the check of the wiring already reports. */
function isReported(one: FileWritten, other: FileWritten): boolean {
  if (one.path === null || other.path === null || one.source !== other.source) return false;
  return resolve(one.path) === resolve(other.path);
}

/** Whether a file begins like a trace. */
function isTrace(path: string): boolean {
  const start = new Uint8Array(MAGIC.length);
  try {
    const descriptor = openSync(path, 'r');
    try {
      readSync(descriptor, start, 0, start.length, 0);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return false;
  }
  return MAGIC.equals(start);
}
