/**
 * Bundles the compiled program into one script, `dist/bundle/cli/program.script`, and keeps beside it the bytecode of what
 * a usual run needs. `src/cli/bundled-script.ts` runs it.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const compiled = join(root, 'dist/src/cli');
/** As deep below the root as the modules that are bundled, so that they find the resources. */
const bundle = join(root, 'dist/bundle/cli');
/** The parts of the program: modules whose import runs it. */
const PARTS = ['main', 'file-worker-thread', 'trace-decoder-thread'];

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

async function makeBundle() {
  const { build } = await import('esbuild');
  const cases = PARTS.map((part) => `case ${JSON.stringify(part)}: await import('./${part}.js'); break;`);
  const { outputFiles } = await build({
    stdin: { contents: `switch (part) { ${cases.join(' ')} }`, resolveDir: compiled },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    charset: 'ascii',
    define: { 'import.meta.url': 'moduleUrl' },
    plugins: [builtins],
    logLevel: 'warning',
  });
  rmSync(bundle, { recursive: true, force: true });
  mkdirSync(bundle, { recursive: true });
  const code = outputFiles[0].text;
  writeFileSync(join(bundle, 'program.script'), `(async function (part, builtin, moduleUrl) {\n${code}})`);
  for (const part of PARTS) {
    const lines = [
      "import { readBundle } from '../../src/cli/bundled-script.js';",
      `await readBundle(import.meta.url).run('${part}');`,
    ];
    writeFileSync(join(bundle, `${part}.js`), `${lines.join('\n')}\n`);
  }
}

/** Runs the program as its users do, in a process of its own, which then keeps the bytecode of what ran. */
function keepBytecode() {
  const arguments_ = [fileURLToPath(import.meta.url), '--bytecode'];
  const { status, stderr, error } = spawnSync(process.execPath, arguments_, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the bundle does not run: ${error?.message ?? stderr}`);
}

async function runAndKeepBytecode() {
  const { readBundle } = await import(pathToFileURL(join(compiled, 'bundled-script.js')).href);
  const { script, bytecodePath, run } = readBundle(pathToFileURL(join(bundle, 'main.js')).href);
  const config = join(tmpdir(), `sfprocessor-bundle-${process.pid}.json`);
  const usual = [
    ['-version'],
    ['-driver', 'file', '-config', config, '-log', 'error', 'resources/traces'],
    ['alert', 'resources/traces'],
  ];
  const pipeline = [
    { processor: 'sysflowreader', handler: 'flattener', in: 'sysflow sysflowchan', out: 'flat flattenerchan' },
    {
      processor: 'policyengine',
      in: 'flat flattenerchan',
      out: 'evt eventchan',
      policies: join(root, 'resources/policies'),
    },
    { processor: 'exporter', in: 'evt eventchan', export: 'terminal', format: 'json' },
  ];
  writeFileSync(config, JSON.stringify({ pipeline }));
  try {
    for (const command of usual) {
      process.argv.splice(2, process.argv.length, ...command);
      await run('main');
      if (process.exitCode !== 0) throw new Error(`'sfprocessor ${command.join(' ')}' fails`);
    }
  } finally {
    rmSync(config);
  }
  writeFileSync(bytecodePath, script.createCachedData());
}

if (process.argv.includes('--bytecode')) await runAndKeepBytecode();
else {
  await makeBundle();
  keepBytecode();
}
