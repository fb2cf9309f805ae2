/** Builds if needed, then runs a compiled command of the working copy: `node scripts/run.mjs bench/main.js [ARGUMENT…]`. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { prepare, root } from './prepare.mjs';

const [command] = process.argv.splice(2, 1);
await prepare();
await import(pathToFileURL(join(root, 'dist', command)).href);
