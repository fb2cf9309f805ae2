/** The API report: what the package exports and what that refers to, as the compiler declares it. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NOTICE, page } from './markdown.js';

/** The report of an entry point. @param path its compiled declarations (`.d.ts`) */
export function apiReport(title: string, path: string): string {
  const modules = new Modules();
  const exported = new Map([...modules.exportsOf(path)].sort(byName));
  const others = new Map([...modules.referredTo(exported.values())].sort(byName));
  const parts = [`# ${title}`, NOTICE, block(exported)];
  if (others.size > 0) parts.push('## Not exported, but referred to', block(others));
  return page(parts);
}

/** A declaration and the module that it stands in. */
interface Declaration {
  readonly name: string;
  readonly text: string;
  readonly path: string;
}

/** What a module declares, imports and passes on, by name; imports and what is passed on by path. */
interface Module {
  readonly declared: ReadonlyMap<string, Declaration>;
  readonly exported: ReadonlySet<string>;
  readonly imported: ReadonlyMap<string, string>;
  /** Null for all that the other module exports. */
  readonly passedOn: readonly { readonly names: readonly string[] | null; readonly path: string }[];
}

class Modules {
  readonly #modules = new Map<string, Module>();

  /** The declarations that a module exports, by name. */
  exportsOf(path: string): Map<string, Declaration> {
    const { declared, exported, passedOn } = this.#module(path);
    const found = new Map([...declared].filter(([name]) => exported.has(name)));
    for (const { names, path: from } of passedOn) {
      const others = this.exportsOf(from);
      for (const name of names ?? others.keys()) {
        const declaration = others.get(name);
        if (declaration === undefined) throw new Error(`${path}: '${name}' is not declared in ${from}`);
        found.set(name, declaration);
      }
    }
    return found;
  }

  /** The declarations of the project that some refer to, and those that these refer to, by name, without the first ones. */
  referredTo(declarations: Iterable<Declaration>): Map<string, Declaration> {
    const known = new Set(declarations);
    const found = new Map<string, Declaration>();
    // A set is walked to its end, with what is added meanwhile.
    for (const { text, path } of known) {
      for (const [name] of text.matchAll(/\b[A-Z]\w*\b/g)) {
        const other = this.#find(path, name);
        if (other === undefined || known.has(other)) continue;
        known.add(other);
        found.set(name, other);
      }
    }
    return found;
  }

  #find(path: string, name: string): Declaration | undefined {
    const { declared, imported } = this.#module(path);
    const from = imported.get(name);
    return declared.get(name) ?? (from === undefined ? undefined : this.exportsOf(from).get(name));
  }

  #module(path: string): Module {
    let module = this.#modules.get(path);
    if (module === undefined) {
      module = readModule(path);
      this.#modules.set(path, module);
    }
    return module;
  }
}

function readModule(path: string): Module {
  const declared = new Map<string, Declaration>();
  const exported = new Set<string>();
  const imported = new Map<string, string>();
  const passedOn: Module['passedOn'][number][] = [];
  for (const text of statementsOf(readFileSync(path, 'utf8'))) {
    const [, word, names, from] = /^(export|import) (?:type )?(?:\{([^}]*)\}|\*) from '(\..+)';$/s.exec(text) ?? [];
    if (from !== undefined) {
      const target = join(dirname(path), from.replace(/\.js$/, '.d.ts'));
      if (!existsSync(target)) throw new Error(`${path}: there is no ${from}`);
      const list = names === undefined ? null : namesIn(names);
      if (word === 'export') passedOn.push({ names: list, path: target });
      else for (const name of list ?? []) imported.set(name, target);
      continue;
    }
    const [, isExported, name] =
      /^(export )?(?:declare )?(?:abstract )?(?:class|const|enum|function|interface|let|type) (\w+)/.exec(text) ?? [];
    if (name === undefined) continue;
    // Overloads of a function are one declaration.
    const before = declared.get(name);
    declared.set(name, { name, path, text: before === undefined ? text : `${before.text}\n${text}` });
    if (isExported !== undefined) exported.add(name);
  }
  return { declared, exported, imported, passedOn };
}

/** The names of `{ type A, B }`. */
function namesIn(list: string): string[] {
  return list
    .split(',')
    .map((word) => word.trim().replace(/^type /, ''))
    .filter((name) => name !== '');
}

/** The statements of declarations, without comments. The compiler begins each at the start of a line. */
function statementsOf(text: string): string[] {
  const statements: string[] = [];
  const lines = text.replaceAll(/\/\*.*?\*\//gs, '').split('\n');
  for (const line of lines.filter((one) => one.trim() !== '')) {
    if (/^(export|declare|import|interface|type)\b/.test(line)) statements.push(line);
    else if (statements.length > 0) statements.push(`${statements.pop()}\n${line}`);
  }
  return statements;
}

function block(declarations: ReadonlyMap<string, Declaration>): string {
  return `\`\`\`ts\n${[...declarations.values()].map(({ text }) => text).join('\n\n')}\n\`\`\``;
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
