/** Command-line entry: the flags of the original, or a subcommand as the first word. */
import { existsSync } from 'node:fs';
import { nearestName } from '../diagnostics/nearest.js';
import { addressSpace } from './address-space.js';
import { COMMANDS } from './commands.js';
import { FLAGS } from './flags.js';
import { parseGoFlags } from './go-flags.js';
import { ProcessIo } from './process-io.js';

const io = new ProcessIo();

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
    io.print(`${versionLine()}\n`);
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

/** Reports a word that is not a path and resembles a command. @returns the exit status, or null if it does not resemble one */
async function mistakenFor(word: string): Promise<number | null> {
  if (existsSync(word)) return null;
  const nearest = nearestName(word, COMMANDS.keys());
  if (nearest === undefined) return null;
  io.err(`'${word}' is neither a command nor a path; did you mean '${nearest}'?\n`);
  return 2;
}

function noRoom(problem: string): number {
  io.err(`sfprocessor: ${problem}\n`);
  return 3;
}

async function printUsage(asked: boolean): Promise<void> {
  const { usageText } = await import('./usage.js');
  const text = await usageText(COMMANDS);
  if (asked) io.print(text);
  else for (const line of text.trimEnd().split('\n')) io.err(line);
}

/**
 * Ends the program on an uncaught error, such as one in an action's timer. The text of the error is untrusted, so it is
 * escaped.
 */
function fail(error: unknown): void {
  if (io.takeUnexpected(error)) return;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  for (const line of `sfprocessor: unexpected error: ${text}`.split('\n')) io.err(line);
  process.exit(3);
}

process.on('uncaughtException', fail);
await io.end(await main(process.argv.slice(2)));
