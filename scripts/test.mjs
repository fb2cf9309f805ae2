/**
 * `npm test [-- WORD…] [--OPTION…]`: builds if needed and runs the compiled tests, either all or those whose path
 * contains one of the words. Passes options to `node --test`.
 */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';

await prepare();

const args = process.argv.slice(2);
const words = args.filter((arg) => !arg.startsWith('-'));
const options = args.filter((arg) => arg.startsWith('-'));

// Lists the sources, since Node 20 does not support globs here and a deleted test may have left its output.
const files = readdirSync(join(root, 'test'), { recursive: true })
  .filter((path) => path.endsWith('.test.ts'))
  .map((path) => join('dist', 'test', path.replace(/\.ts$/, '.js')))
  .filter((path) => words.length === 0 || words.some((word) => path.includes(word)))
  .sort();
if (files.length === 0) {
  process.stderr.write(`no test file has ${words.join(' or ')} in its path\n`);
  process.exit(1);
}

const concurrency = `--test-concurrency=${availableParallelism()}`;
const child = spawn(process.execPath, ['--test', concurrency, ...options, ...files], { cwd: root, stdio: 'inherit' });
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
