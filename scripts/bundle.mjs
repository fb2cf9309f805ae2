/**
 * Bundles the compiled program into ES modules in `dist/bundle`: the command, the inflater thread, and the library's
 * entry points. They share chunks, so that each class exists only once.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const compiled = join(root, 'dist/src');
const outdir = join(root, 'dist/bundle');

rmSync(outdir, { recursive: true, force: true });
await build({
  entryPoints: ['index.js', 'sysflow/index.js', 'cli/start.js', 'cli/trace-inflater-thread.js'].map((path) =>
    join(compiled, path),
  ),
  outbase: compiled,
  outdir,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  charset: 'utf8',
  legalComments: 'inline',
  logLevel: 'warning',
  // Chunks are in the folder of the command, so that paths relative to a module (resources, the thread's entry) stay
  // valid.
  chunkNames: 'cli/[name]-[hash]',
  // Use the ES modules of these packages: their entries for Node are CommonJS and UMD, which call require().
  alias: {
    'jsonc-parser': join(root, 'node_modules/jsonc-parser/lib/esm/main.js'),
    yaml: join(root, 'node_modules/yaml/browser/dist/index.js'),
  },
});
