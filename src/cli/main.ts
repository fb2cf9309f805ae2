/** The command: flags as the original has them, or a subcommand as the first word. */
import { existsSync } from 'node:fs';
import { printable } from '../diagnostics/format.js';
import { nearestName } from '../diagnostics/nearest.js';
import { systemReason } from '../diagnostics/system-reason.js';
import { addressSpace } from './address-space.js';
import { COMMANDS } from './commands.js';
import { FLAGS } from './flags.js';
import { parseGoFlags } from './go-flags.js';
import { eraseBefore, ProgressLine } from './progress.js';
import type { RunIo } from './run-request.js';

/** The line that shows progress, from the first time on. */
let progressLine: ProgressLine | null = null;

/** What the program is run with. The streams are opened when they are used: that takes longer than starting a thread. */
const io: RunIo = {
  out(text) {
    if (process.stdout.listenerCount('error') === 0) process.stdout.on('error', endWithoutOutput);
    progressLine?.erase();
    process.stdout.write(text);
  },
  err(text) {
    // Messages that nobody reads (`2>&1 | head`) are no failure.
    if (process.stderr.listenerCount('error') === 0) process.stderr.on('error', () => {});
    progressLine?.erase();
    process.stderr.write(text);
  },
  get color() {
    return process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
  },
  get stdout() {
    return process.stdout.isTTY ? eraseBefore(process.stdout, () => progressLine?.erase()) : process.stdout;
  },
  get showProgress(): RunIo['showProgress'] {
    if (process.stderr.isTTY !== true || process.env.TERM === 'dumb') return undefined;
    const line = new ProgressLine({
      write: (text) => process.stderr.write(text),
      // A terminal that does not know its size says 0.
      columns: () => process.stderr.columns || 80,
      now: Date.now,
    });
    progressLine = line;
    return (progress) => line.start(progress);
  },
  process,
};

async function main(args: readonly string[]): Promise<number> {
  const command = COMMANDS.get(args[0] ?? '');
  if (command !== undefined) {
    const { problem } = addressSpace();
    return problem === null ? (await command()).run(args.slice(1), io) : noRoom(problem);
  }
  const mistaken = args[0] === undefined || /^-|^$/.test(args[0]) ? null : await mistakenFor(args[0]);
  if (mistaken !== null) return mistaken;
  const flags = parseGoFlags(args, FLAGS);
  if (flags.problem !== null) {
    const help = /^flag provided but not defined: -(h|help)$/.test(flags.problem);
    if (!help) io.err(`${flags.problem}\n`);
    await printUsage(help);
    return help ? 0 : 2;
  }
  if (flags.switches.get('version') === true) {
    const { versionLine } = await import('./version.js');
    io.out(`${versionLine()}\n`);
    return 0;
  }
  const test = flags.switches.get('test') === true;
  const [path, ...unread] = flags.rest;
  if (path === undefined && !test) {
    await printUsage(false);
    return 1;
  }
  const space = addressSpace();
  if (space.problem !== null) return noRoom(space.problem);
  const { run } = await import('./run.js');
  return run({ flags, path: path ?? null, unread, space, test }, io);
}

/** Deals with a word that is no path and looks like a command; null where it does not. */
async function mistakenFor(word: string): Promise<number | null> {
  if (existsSync(word)) return null;
  const nearest = nearestName(word, COMMANDS.keys());
  if (nearest === undefined) return null;
  io.err(`'${printable(word)}' is neither a command nor a path; did you mean '${nearest}'?\n`);
  return 2;
}

function noRoom(problem: string): number {
  io.err(`sfprocessor: ${problem}\n`);
  return 3;
}

async function printUsage(asked: boolean): Promise<void> {
  const { usageText } = await import('./usage.js');
  (asked ? io.out : io.err)(await usageText(COMMANDS));
}

/**
 * Ends a subcommand that cannot write. Whoever reads the output may leave at any time (`| head`): that is a normal end; all
 * else, such as a full disk, is a failure.
 */
function endWithoutOutput(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(0);
  io.err(`sfprocessor: standard output: ${systemReason(error)}\n`);
  process.exit(3);
}

process.exitCode = await main(process.argv.slice(2));
