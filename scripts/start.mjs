/** `npm start [-- ARGUMENT…]`: builds where needed and shows a bundled trace as enriched activity, or runs the command with the arguments. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';

await prepare();

const own = process.argv.slice(2);
const bundled = ['-config', 'resources/pipelines/activity.json', '-log', 'warn', 'resources/traces/web-attack.sf'];
const child = spawn(process.execPath, [join(root, 'bin/sfprocessor.js'), ...(own.length > 0 ? own : bundled)], {
  cwd: own.length > 0 ? process.cwd() : root,
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
