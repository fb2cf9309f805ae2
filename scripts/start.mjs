/**
 * `npm start [-- ARGUMENT…]`: builds if needed, then either prints the alerts of the bundled rules on the bundled
 * traces, or runs the command with the arguments.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';

await prepare();

const own = process.argv.slice(2);
const bundled = ['alert', 'resources/traces'];
const child = spawn(process.execPath, [join(root, 'bin/sfprocessor.js'), ...(own.length > 0 ? own : bundled)], {
  cwd: own.length > 0 ? process.cwd() : root,
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
