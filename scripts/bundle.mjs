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

/** The bundles, each with its parts: modules whose import runs them. A decoder needs little, and its start is waited for. */
const BUNDLES = { program: ['main', 'file-worker-thread'], decoder: ['trace-decoder-thread'] };

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

const common = { bundle: true, write: false, platform: 'node', target: 'node20.19', charset: 'ascii' };

async function makeBundles() {
  const { build } = await import('esbuild');
  rmSync(bundle, { recursive: true, force: true });
  mkdirSync(bundle, { recursive: true });
  // Loading it as CommonJS takes a sixth off the start of a thread.
  writeFileSync(join(bundle, 'package.json'), '{ "type": "commonjs" }\n');
  const reader = await build({ ...common, format: 'cjs', entryPoints: [join(compiled, 'bundled-script.js')] });
  writeFileSync(join(bundle, 'bundled-script.js'), reader.outputFiles[0].text);
  for (const [name, parts] of Object.entries(BUNDLES)) {
    const cases = parts.map((part) => `case '${part}': await import('./${part}.js'); break;`);
    const { outputFiles } = await build({
      ...common,
      format: 'esm',
      stdin: { contents: `switch (part) { ${cases.join(' ')} }`, resolveDir: compiled },
      define: { 'import.meta.url': 'moduleUrl' },
      plugins: [builtins],
    });
    const code = `(async function (part, builtin, moduleUrl) {\n${outputFiles[0].text}})`;
    writeFileSync(join(bundle, `${name}.script`), code);
    for (const part of parts) {
      const lines = [
        "const { readBundle } = require('./bundled-script.js');",
        "const { pathToFileURL } = require('node:url');",
        `readBundle('${name}', pathToFileURL(__filename).href).run('${part}');`,
      ];
      writeFileSync(join(bundle, `${part}.js`), `${lines.join('\n')}\n`);
    }
  }
}

/** Keeps the bytecode of what runs: each bundle in a process of its own, as it will be read. */
function keepBytecode() {
  for (const name of Object.keys(BUNDLES)) {
    const args = [fileURLToPath(import.meta.url), '--bytecode', name];
    const { status, stderr, error } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
    if (status !== 0) throw new Error(`the bundle '${name}' does not run: ${error?.message ?? stderr}`);
  }
}

async function runAndKeepBytecode(name) {
  const { readBundle } = await import(pathToFileURL(join(compiled, 'bundled-script.js')).href);
  const { script, bytecodePath, run } = readBundle(name, pathToFileURL(join(bundle, 'main.js')).href);
  await (name === 'program' ? runProgram(run) : runDecoder(run));
  writeFileSync(bytecodePath, script.createCachedData());
}

/** Runs the program as its users do. */
async function runProgram(run) {
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
      await run('main');
      if (process.exitCode !== 0) throw new Error(`'sfprocessor ${command.join(' ')}' fails`);
    }
  } finally {
    rmSync(config);
  }
}

/** Runs a decoder as a thread does, but on this one, with somebody who takes its batches at once. */
async function runDecoder(run) {
  const { BatchRing } = await import(pathToFileURL(join(root, 'dist/src/drivers/decoder-protocol.js')).href);
  const ring = new BatchRing();
  const paths = [join(root, 'resources/traces/npm-install.sf')];
  const thread = {
    workerData: { paths, memory: ring.memory },
    parentPort: { postMessage: ({ type, place }) => type === 'batch' && ring.free(place) },
  };
  const require = createRequire(import.meta.url);
  await run('trace-decoder-thread', (name) => (name === 'node:worker_threads' ? thread : require(name)));
}

const [mode, name] = process.argv.slice(2);
if (mode === '--bytecode') await runAndKeepBytecode(name);
else {
  await makeBundles();
  keepBytecode();
}
