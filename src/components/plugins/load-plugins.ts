/** Loads plugins: finds their modules, imports them and checks what they export. */
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

/** Time limit for loading a module, milliseconds. */
const LOAD_LIMIT = 10_000;

export interface PluginSources {
  /** Folders of plugins, in the order in which they are loaded. */
  readonly folders: readonly string[];
  /** The plugins that a pipeline file names: paths relative to the file, and names of packages. */
  readonly named?: readonly Setting[];
}

export interface LoadOptions {
  /** Built-in components, whose names plugins cannot use. */
  readonly builtIn: ComponentTable;
  /** The only accepted kind; any kind if omitted. */
  readonly kind?: ComponentKind;
  /** Time limit for loading a module, milliseconds. */
  readonly limit?: number;
}

/**
 * Loads plugins. Reports and skips those that cannot be loaded. If two components have the same kind and name, the
 * later one is used.
 *
 * @param diagnostics receives all problems, each with its file
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
  /** Plugins by kind and name. */
  readonly plugins = new Map<string, Plugin>();
  readonly #options: LoadOptions;
  readonly #diagnostics: Diagnostics;
  /** Real paths of the modules that were loaded already. */
  readonly #loaded = new Set<string>();

  constructor(options: LoadOptions, diagnostics: Diagnostics) {
    this.#options = options;
    this.#diagnostics = diagnostics;
  }

  /** @param setting where the pipeline file names the module, if it does */
  async load(found: FoundModule, setting: Setting | null): Promise<void> {
    const { file, problem } = found;
    if (problem !== null) {
      if (setting === null) this.#unreadable(problem, { path: file, text: '' }, null, found.hint);
      else this.#unreadable(`'${setting.text}': ${problem}`, setting.source, setting.range, found.hint);
      return;
    }
    const identity = realpathSync(file);
    if (this.#loaded.has(identity)) return;
    this.#loaded.add(identity);
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

  /** @param what the subject of messages if the value has no name */
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

  /** Imports a module; reports a failure and returns null. */
  async #import(file: string): Promise<{ readonly default?: unknown } | null> {
    const { limit = LOAD_LIMIT } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((done) => {
      timer = setTimeout(() => done(null), limit);
    });
    try {
      const module = await Promise.race([import(pathToFileURL(resolve(file)).href), late]);
      if (module === null) {
        this.#unreadable(`loading took longer than ${limit / 1000} s`, { path: file, text: '' }, null);
      }
      return module as { default?: unknown } | null;
    } catch (error) {
      this.#notLoaded(file, error);
      return null;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Reports a module that threw while loading, with the position in its text or in a module that it imports. */
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

/**
 * Returns where an error occurred: the first position in a file of its stack trace. Syntax errors have none, so `node
 * --check` locates them.
 */
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
