import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { BUILT_IN } from '../../components/builtins.js';
import type { ComponentKind } from '../../components/component.js';
import { resourcePath } from '../../config/resources.js';
import { nearestName } from '../../diagnostics/nearest.js';
import { systemReason } from '../../diagnostics/system-reason.js';
import type { Command } from '../command.js';
import type { CommandIo } from '../command-io.js';
import { type OptionTable, readOptions, usageProblem } from '../option-table.js';
import { VERSION } from '../version.js';

/** A trace that ships with the program, used as input in the examples of most kinds. */
const TRACE = 'node_modules/sfprocessor/resources/traces/web-attack.sf';

/** Kinds, with the path on which `npm start` runs the pipeline. */
const KINDS: Readonly<Record<ComponentKind, string>> = {
  // The example driver generates its records.
  driver: 'example',
  handler: TRACE,
  processor: TRACE,
  encoder: TRACE,
  transport: TRACE,
  action: TRACE,
  language: TRACE,
};

/** Steps required before `npm start`, by kind. */
const NOTES: Partial<Readonly<Record<ComponentKind, string>>> = {
  transport: 'The pipeline writes to port 9000, where something must listen, such as `nc -lk 9000`.\n\n',
};

const OPTIONS: OptionTable = {
  local: {
    value: 'PATH',
    description: 'Take sfprocessor from a folder or a package file (.tgz) instead of the registry of packages',
  },
};

/** `sfprocessor new-plugin`: creates a package with a plugin, its test and a pipeline that uses it. */
export const newPluginCommand: Command = {
  name: 'new-plugin',
  usage: '[--local PATH] KIND NAME',
  summary: 'Write a package with a plugin of a kind, to begin from',
  options: OPTIONS,
  words: Object.keys(KINDS),
  async run(args, io) {
    const options = readOptions(newPluginCommand, args, io);
    if (typeof options === 'number') return options;
    const [kind, name, ...others] = options.words;
    if (kind === undefined || name === undefined || others.length > 0) {
      return usageProblem(newPluginCommand, 'a kind and a name are needed', io);
    }
    const local = options.values.get('local');
    const problem = kindProblem(kind) ?? nameProblem(kind as ComponentKind, name) ?? localProblem(local);
    if (problem !== null) return usageProblem(newPluginCommand, problem, io);
    if (existsSync(name)) {
      io.err(`'${name}' exists already; nothing was written`);
      return 1;
    }
    const version = local === undefined ? `^${VERSION}` : `file:${resolve(local)}`;
    return write(kind as ComponentKind, name, version, io);
  },
};

function kindProblem(kind: string): string | null {
  if (Object.hasOwn(KINDS, kind)) return null;
  const near = nearestName(kind, Object.keys(KINDS));
  const hint = near === undefined ? `the kinds are ${Object.keys(KINDS).join(', ')}` : `did you mean '${near}'?`;
  return `unknown kind '${kind}'; ${hint}`;
}

/** Checks the name, which names the folder, the package and the component. */
function nameProblem(kind: ComponentKind, name: string): string | null {
  if (!/^[a-z0-9][a-z0-9._-]{0,99}$/.test(name) || name === 'node_modules') {
    return `'${name}' cannot be the name: it takes up to 100 small letters, digits, '-', '_' and '.', with a letter or digit first`;
  }
  if (name === 'sfprocessor') return "'sfprocessor' is the program itself";
  const isTaken = BUILT_IN.of(kind).some((component) => component.name === name);
  return isTaken ? `the ${kind} '${name}' is built in` : null;
}

function localProblem(path: string | undefined): string | null {
  return path === undefined || existsSync(path) ? null : `'${path}' does not exist`;
}

async function write(kind: ComponentKind, name: string, version: string, io: CommandIo): Promise<number> {
  const files = new Map([
    ['package.json', `${JSON.stringify(manifest(kind, name, version), null, 2)}\n`],
    ['tsconfig.json', `${JSON.stringify(COMPILER_OPTIONS, null, 2)}\n`],
    ['.gitignore', 'node_modules\ndist\n'],
    ['README.md', (await template('README.md', kind, name)).replace('{{note}}', NOTES[kind] ?? '')],
  ]);
  for (const file of (await readdir(resourcePath(`templates/${kind}`))).sort()) {
    const folder = file === 'index.ts' ? 'src/' : file === 'index.test.ts' ? 'test/' : '';
    files.set(`${folder}${file}`, await template(`${kind}/${file}`, kind, name));
  }
  try {
    for (const [file, text] of files) {
      const path = join(name, file);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text, { flag: 'wx' });
    }
  } catch (error) {
    io.err(`'${name}' cannot be written: ${systemReason(error)}`);
    return 1;
  }
  io.print(`${[...files.keys()].map((file) => `${name}/${file}`).join('\n')}\n`);
  io.print(`\nNow:\n  cd ${name}\n  npm install\n  npm test\n  npm start\n`);
  return 0;
}

/** Returns a template file with its placeholders replaced. */
async function template(file: string, kind: string, name: string): Promise<string> {
  const text = await readFile(resourcePath(`templates/${file}`), 'utf8');
  return text.replaceAll('{{kind}}', kind).replaceAll('{{name}}', name);
}

function manifest(kind: ComponentKind, name: string, version: string): object {
  return {
    name,
    version: '0.1.0',
    description: `A plugin of sfprocessor: the ${kind} ${name}`,
    keywords: ['sfprocessor-plugin'],
    type: 'module',
    exports: './dist/src/index.js',
    files: ['dist/src'],
    scripts: {
      build: 'tsc',
      test: 'tsc && node --test dist/test/index.test.js',
      start: `tsc && sfprocessor -config pipeline.json ${KINDS[kind]}`,
      prepack: 'tsc',
    },
    devDependencies: { '@types/node': '^20.19.43', sfprocessor: version, typescript: '^7.0.2' },
  };
}

const COMPILER_OPTIONS = {
  compilerOptions: {
    target: 'es2023',
    lib: ['es2023'],
    module: 'nodenext',
    types: ['node'],
    rootDir: '.',
    outDir: 'dist',
    declaration: true,
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: true,
  },
  include: ['src', 'test'],
};
