import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ComponentTable } from '../components/component-table.js';
import { type Diagnostic, Diagnostics, type SourceText } from '../diagnostics/diagnostic.js';
import { systemReason } from '../diagnostics/system-reason.js';
import { type Environment, readEnvironment } from './environment.js';
import { type PipelineFile, readPipelineFile } from './pipeline-file.js';
import { type PipelineTree, wirePipeline } from './wiring.js';

export interface PipelineSettings {
  /** The known components. */
  readonly components: ComponentTable;
  /** Overrides; see `environment.ts`. */
  readonly environment: Environment;
  /** The driver named on the command line; null to use those of the file, or `file` if it has none. */
  readonly driver: string | null;
  /** The path on the command line; null or left out if there is none. */
  readonly path?: string | null;
}

/** Largest pipeline file accepted, bytes. */
const MAX_FILE_BYTES = 4 << 20;

/**
 * Loads a pipeline file: reads it, applies environment variables and secrets, and checks the result.
 *
 * @returns null if nothing can run; the diagnostics may contain errors in either case
 */
export async function loadPipeline(
  path: string,
  settings: PipelineSettings,
  diagnostics: Diagnostics,
): Promise<PipelineTree | null> {
  const source = readPipelineSource(path, diagnostics);
  return source === null ? null : loadPipelineText(source, settings, diagnostics);
}

/** Loads a pipeline from a text like {@link loadPipeline}. */
export async function loadPipelineText(
  source: SourceText,
  { components, environment, driver, path = null }: PipelineSettings,
  diagnostics: Diagnostics,
): Promise<PipelineTree | null> {
  const found = new Diagnostics();
  const overrides = readEnvironment(environment, components, found);
  const file = await readPipelineFile(source, { components, overrides, driver }, found);
  const tree = file === null ? null : wirePipeline(file, components, driver, found);
  if (file !== null && path !== null) reportUnreadPath(file, path, found);
  for (const item of inOrder(found.items, source)) diagnostics.add(item);
  return tree;
}

/** Reports a path on the command line that no driver reads, since all drivers of the file have their own paths. */
function reportUnreadPath({ source, drivers }: PipelineFile, path: string, diagnostics: Diagnostics): void {
  const own = drivers.flatMap(({ options, pathRange }) =>
    options.path === null ? [] : [{ of: options.path, pathRange }],
  );
  if (own.length === 0 || own.length < drivers.length || own.some(({ of }) => resolve(of) === resolve(path))) return;
  const message = `the path is given here and on the command line, as '${path}'; this one is used`;
  diagnostics.warning('duplicate-key', message, source, own[0]!.pathRange);
}

/**
 * Sorts diagnostics: those of the file last, by position. Removes duplicates, since a variable can apply to several
 * stanzas.
 */
function inOrder(items: readonly Diagnostic[], file: SourceText): Diagnostic[] {
  const offset = ({ source, range }: Diagnostic): number => (source === file ? (range?.start ?? 0) : -1);
  const unique = items.filter((item, i) => items.findIndex((other) => isSame(item, other)) === i);
  return unique.sort((a, b) => offset(a) - offset(b));
}

function isSame(a: Diagnostic, b: Diagnostic): boolean {
  return a.message === b.message && a.source === b.source && a.range?.start === b.range?.start;
}

/** Reads the text of a pipeline file; null if it cannot be read, which is reported. */
export function readPipelineSource(path: string, diagnostics: Diagnostics): SourceText | null {
  const unreadable = (reason: string): null => {
    const message = `the pipeline file cannot be read: ${reason}`;
    diagnostics.error('file-unreadable', message, { path, text: '' }, null, "name it with '-config FILE'");
    return null;
  };
  try {
    const { size } = statSync(path);
    if (size > MAX_FILE_BYTES) return unreadable(`it has more than ${MAX_FILE_BYTES} bytes`);
    return { path, text: readFileSync(path, 'utf8') };
  } catch (error) {
    return unreadable(systemReason(error));
  }
}
