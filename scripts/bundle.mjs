/**
 * Bundles the compiled program into scripts in `dist/bundle/cli`, and keeps beside each the bytecode of what a usual run
 * needs. `src/cli/bundled-script.ts` runs them.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules, createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const compiled = join(root, 'dist/src/cli');
/** As deep below the root as the modules that are bundled, so that they find the resources. */
const bundle = join(root, 'dist/bundle/cli');

/**
 * The bundles, each with the modules that others import from it. `start` is what has to be done before the threads of a run
 * can start, and imports all else from `program`; a module that both have is there twice, so no object that one hands to
 * the other may be told by its class. An inflater needs little, and its start is waited for.
 */
const BUNDLES = {
  start: ['./main.js'],
  program: ['./file-worker-thread.js'],
  inflater: ['./trace-inflater-thread.js'],
};

/** The entries of the command and of its threads: modules that run when they are imported. */
const ENTRIES = Object.entries(BUNDLES).flatMap(([name, parts]) => parts.map((part) => ({ name, part })));

/** What `start` has of its own, though it is imported only when it is needed. */
const OWN_IMPORTS = ['./run.js'];

/** What stands for `import` in a script. */
const IMPORT = 'importModule';

/** Hands Node's own modules in through the function `builtin`, since a script has no import declarations. */
const builtins = {
  name: 'builtins',
  setup(build) {
    build.onResolve({ filter: /./ }, ({ path }) => {
      const name = path.replace(/^node:/, '');
      return builtinModules.includes(name) ? { path: name, namespace: 'builtin' } : undefined;
    });
    build.onLoad({ filter: /./, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = builtin("node:${path}");`,
    }));
  },
};

/** Leaves imports of parts of `program` as they are. */
const programImports = {
  name: 'program-imports',
  setup(build) {
    build.onResolve({ filter: /^\.\// }, ({ path, kind }) =>
      kind === 'dynamic-import' && ![...BUNDLES.start, ...OWN_IMPORTS].includes(path)
        ? { path, external: true }
        : undefined,
    );
  },
};

const common = { bundle: true, write: false, platform: 'node', target: 'node20.19', charset: 'ascii' };

async function makeBundles() {
  const { build } = await import('esbuild');
  rmSync(bundle, { recursive: true, force: true });
  mkdirSync(bundle, { recursive: true });
  // Loading it as CommonJS takes a sixth off the start of a thread.
  writeFileSync(join(bundle, 'package.json'), '{ "type": "commonjs" }\n');
  const reader = await build({ ...common, format: 'cjs', entryPoints: [join(compiled, 'bundles.js')] });
  writeFileSync(join(bundle, 'bundles.js'), reader.outputFiles[0].text);
  const bundled = async (parts, plugins) => {
    const cases = parts.map((part) => `case '${part}': exported = await import('${part}'); break;`);
    const { outputFiles } = await build({
      ...common,
      format: 'esm',
      stdin: { contents: `switch (part) { ${cases.join(' ')} }`, resolveDir: compiled },
      define: { 'import.meta.url': 'moduleUrl' },
      plugins: [builtins, ...plugins],
    });
    return outputFiles[0].text;
  };
  // A script has no imports of its own, so those are turned into calls: what is left of them is for modules that users name.
  // Node could import those for a script, but not for one whose bytecode is taken.
  const write = (name, code) => {
    if (code.includes(IMPORT)) throw new Error(`the bundle '${name}' has '${IMPORT}' of its own`);
    const body = code.replace(/\bimport\(/g, `${IMPORT}(`);
    writeFileSync(
      join(bundle, `${name}.script`),
      `(async function (part, builtin, moduleUrl, program, ${IMPORT}) {\nlet exported;\n${body}return exported;\n})`,
    );
  };
  const imported = [];
  const start = (await bundled(BUNDLES.start, [programImports])).replace(/\bimport\(("\.\/[^"]+")\)/g, (_, part) => {
    imported.push(JSON.parse(part));
    return `program(${part})`;
  });
  if (imported.length === 0) throw new Error("the bundle 'start' imports nothing from 'program'");
  write('start', start);
  write('program', await bundled([...BUNDLES.program, ...new Set(imported)], []));
  write('inflater', await bundled(BUNDLES.inflater, []));
  for (const { name, part } of ENTRIES) {
    const lines = [
      "const { Bundles } = require('./bundles.js');",
      "const { pathToFileURL } = require('node:url');",
      `new Bundles(pathToFileURL(__filename).href).run('${name}', '${part}');`,
    ];
    writeFileSync(join(bundle, part), `${lines.join('\n')}\n`);
  }
}

/** Keeps the bytecode of what runs, in processes of their own, as the bundles will be read. */
function keepBytecode() {
  for (const mode of ['--program', '--inflater']) {
    const args = [fileURLToPath(import.meta.url), mode];
    const { status, stderr, error } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
    if (status !== 0) throw new Error(`the bundle does not run (${mode}): ${error?.message ?? stderr}`);
  }
}

/** Reads the bundles as the command does. */
async function readBundles(builtin = createRequire(import.meta.url)) {
  const { Bundles } = await import(pathToFileURL(join(compiled, 'bundles.js')).href);
  return new Bundles(pathToFileURL(join(bundle, 'main.js')).href, builtin);
}

function keep(bundles, names) {
  for (const name of names) {
    const { script, bytecodePath } = bundles.read(name);
    writeFileSync(bytecodePath, script.createCachedData());
  }
}

/** Runs the program as its users do. */
async function runProgram() {
  const bundles = await readBundles();
  const config = join(tmpdir(), `sfprocessor-bundle-${process.pid}.json`);
  const policies = join(root, 'resources/policies');
  const pipeline = [
    { processor: 'sysflowreader', handler: 'flattener', in: 'sysflow sysflowchan', out: 'flat flattenerchan' },
    { processor: 'policyengine', in: 'flat flattenerchan', out: 'evt eventchan', policies },
    { processor: 'exporter', in: 'evt eventchan', export: 'terminal', format: 'json' },
  ];
  const usual = [
    ['-version'],
    ['-driver', 'file', '-config', config, '-log', 'error', 'resources/traces'],
    ['alert', 'resources/traces'],
  ];
  writeFileSync(config, JSON.stringify({ pipeline }));
  try {
    for (const command of usual) {
      process.argv.splice(2, process.argv.length, ...command);
      await bundles.run('start', './main.js');
      if (process.exitCode !== 0) throw new Error(`'sfprocessor ${command.join(' ')}' fails`);
    }
  } finally {
    rmSync(config);
  }
  keep(bundles, ['start', 'program']);
}

/** Runs an inflater as a thread does, but on this one, with a ring that has room for all. */
async function runInflater() {
  const buffer = new SharedArrayBuffer(1 << 23);
  const paths = [join(root, 'resources/traces/npm-install.sf')];
  const thread = {
    workerData: { paths, ring: { memory: { buffer }, address: 64, bytes: 1 << 22, wordsAt: 0 } },
    parentPort: { postMessage: () => {} },
  };
  const require = createRequire(import.meta.url);
  const bundles = await readBundles((name) => (name === 'node:worker_threads' ? thread : require(name)));
  await bundles.run('inflater', './trace-inflater-thread.js');
  keep(bundles, ['inflater']);
}

switch (process.argv[2]) {
  case '--program':
    await runProgram();
    break;
  case '--inflater':
    await runInflater();
    break;
  default:
    await makeBundles();
    keepBytecode();
}
