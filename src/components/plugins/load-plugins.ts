/** Loading plugins: finds their modules, imports them, checks what they export. */
import { spawnSync } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Diagnostics, SourceRange, SourceText } from '../../diagnostics/diagnostic.js';
import type { AnyComponent, ComponentKind } from '../component.js';
import type { ComponentTable } from '../component-table.js';
import type { Setting } from '../options.js';
import { shapeProblems } from './check-shape.js';
import { type FoundModule, modulesOfFolder, namedModule } from './find-modules.js';
import { type Plugin, setPluginFile } from './plugin.js';

/** How long a module may take to load, milliseconds. */
const LOAD_LIMIT = 10_000;

export interface PluginSources {
  /** Folders of plugins, in the order in which they are read. */
  readonly folders: readonly string[];
  /** What a pipeline file names under `plugins`, each relative to the file or the name of a package. */
  readonly named?: readonly Setting[];
}

export interface LoadOptions {
  /** The components whose names plugins cannot take. */
  readonly builtIn: ComponentTable;
  /** The only kind that is expected; left out: any. */
  readonly kind?: ComponentKind;
  /** How long a module may take to load, milliseconds. */
  readonly limit?: number;
}

/**
 * Loads plugins. What cannot be loaded is reported and left out; of two components of a kind with one name the later one counts.
 *
 * @param diagnostics gets all that is wrong, each with the file
 */
export async function loadPlugins(
  { folders, named = [] }: PluginSources,
  options: LoadOptions,
  diagnostics: Diagnostics,
): Promise<Plugin[]> {
  const loader = new PluginLoader(options, diagnostics);
  for (const folder of folders) for (const found of modulesOfFolder(folder)) await loader.load(found, null);
  const program = dirname(fileURLToPath(import.meta.url));
  for (const one of named) await loader.load(namedModule(one.text, dirname(one.source.path), program), one);
  return [...loader.plugins.values()];
}

class PluginLoader {
  /** By kind and name. */
  readonly plugins = new Map<string, Plugin>();
  readonly #options: LoadOptions;
  readonly #diagnostics: Diagnostics;
  /** Modules that were met, links followed. */
  readonly #met = new Set<string>();

  constructor(options: LoadOptions, diagnostics: Diagnostics) {
    this.#options = options;
    this.#diagnostics = diagnostics;
  }

  /** @param setting where a pipeline file names it */
  async load(found: FoundModule, setting: Setting | null): Promise<void> {
    const { file, problem } = found;
    if (problem !== null) {
      if (setting === null) this.#unreadable(problem, { path: file, text: '' }, null, found.hint);
      else this.#unreadable(`'${setting.text}': ${problem}`, setting.source, setting.range, found.hint);
      return;
    }
    const identity = realpathSync(file);
    if (this.#met.has(identity)) return;
    this.#met.add(identity);
    const exported = await this.#import(file);
    if (exported === null) return;
    const { default: value } = exported;
    if (value === undefined) {
      this.#invalid(file, 'the module has no default export, which would be the component or an array of them');
      return;
    }
    if (!Array.isArray(value)) this.#add(file, value, 'the default export');
    else for (const [i, one] of value.entries()) this.#add(file, one, `component ${i + 1} of the default export`);
  }

  /** @param what how messages call the value where it has no name */
  #add(file: string, value: unknown, what: string): void {
    const problems = shapeProblems(value);
    const { kind, name } = (value ?? {}) as Partial<AnyComponent>;
    const isNamed = typeof kind === 'string' && typeof name === 'string' && name !== '';
    for (const problem of problems) this.#invalid(file, `${isNamed ? `${kind} '${name}'` : what}: ${problem}`);
    if (problems.length > 0) return;
    const component = value as AnyComponent;
    const wanted = this.#options.kind;
    if (wanted !== undefined && component.kind !== wanted) {
      this.#invalid(file, `${kind} '${name}': this folder is for components of kind '${wanted}' only`);
      return;
    }
    const source = { path: file, text: '' };
    const others = this.#options.builtIn.of(component.kind).map((one) => one.name.toLowerCase());
    if (others.includes(component.name.toLowerCase())) {
      this.#diagnostics.error('duplicate-name', `${kind} '${name}' is built in`, source, null, 'choose another name');
      return;
    }
    const key = `${kind} ${component.name.toLowerCase()}`;
    const other = this.plugins.get(key);
    if (other !== undefined) {
      const message = `${kind} '${name}' is also in ${other.file}; this one is used`;
      this.#diagnostics.warning('duplicate-name', message, source, null);
    }
    setPluginFile(component, file);
    this.plugins.set(key, { component, file });
  }

  /** The exports of a module; null where it does not load, which is reported. */
  async #import(file: string): Promise<{ readonly default?: unknown } | null> {
    const { limit = LOAD_LIMIT } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((done) => {
      timer = setTimeout(() => done(null), limit);
    });
    try {
      const module = await Promise.race([import(pathToFileURL(resolve(file)).href), late]);
      if (module === null) {
        this.#unreadable(`it has not loaded within ${limit / 1000} s`, { path: file, text: '' }, null);
      }
      return module as { default?: unknown } | null;
    } catch (error) {
      this.#notLoaded(file, error);
      return null;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Reports a module that threw while it was loaded, at the place in its text or in that of a module which it imports. */
  #notLoaded(file: string, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    const place = placeOf(error, file);
    const text = place === null ? null : textOf(place.file);
    if (place === null || text === null) this.#unreadable(message, { path: file, text: '' }, null);
    else {
      const path = place.file === resolve(file) ? file : place.file;
      this.#unreadable(message, { path, text }, rangeAt(text, place.line, place.column));
    }
  }

  #unreadable(message: string, source: SourceText, range: SourceRange | null, hint?: string): void {
    this.#diagnostics.error('plugin-unreadable', message, source, range, hint);
  }

  #invalid(file: string, message: string): void {
    this.#diagnostics.error('invalid-plugin', message, { path: file, text: '' }, null);
  }
}

interface Place {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly column: number;
}

/** Where an error arose: the first place of its stack that is in a file. Errors of syntax have none: Node's own check tells it. */
function placeOf(error: unknown, file: string): Place | null {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const [, url, line, column] = /(file:\/\/[^\s)]+?):(\d+)(?::(\d+))?(?=[\s)]|$)/.exec(stack) ?? [];
  if (url !== undefined && fileURLToPath(url) !== fileURLToPath(import.meta.url)) {
    return { file: fileURLToPath(url), line: Number(line), column: Number(column ?? 1) };
  }
  if (!(error instanceof SyntaxError)) return null;
  const { stderr } = spawnSync(process.execPath, ['--check', resolve(file)], { encoding: 'utf8', timeout: LOAD_LIMIT });
  const [, path, at, , marked] = /^(.*):(\d+)\n(.*)\n( *)\^/.exec(stderr) ?? [];
  return path === undefined ? null : { file: path, line: Number(at), column: (marked ?? '').length + 1 };
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function rangeAt(text: string, line: number, column: number): SourceRange {
  const lines = text.split('\n');
  const start = lines.slice(0, line - 1).reduce((sum, { length }) => sum + length + 1, 0) + column - 1;
  return { start: Math.min(start, text.length), end: Math.min(start + 1, text.length) };
}
