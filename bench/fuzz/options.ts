/** Options of the fuzzing commands: numbers and words, each with a value. */
import type { CommandIo } from '../../src/cli/command-io.js';
import { parseOptions } from '../../src/cli/options.js';
import { textTable } from '../../src/cli/text-table.js';

export interface FuzzOption {
  /** Placeholder of the value: `N` for an integer, otherwise a word. */
  readonly value: string;
  /** The minimum of a number. */
  readonly least?: number;
  readonly description: string;
}

type Outputs = Pick<CommandIo, 'out' | 'err'>;

const PROCESS_OUTPUTS: Outputs = {
  out: (text) => void process.stdout.write(text),
  err: (text) => process.stderr.write(text),
};

/** Values of options by name. */
export interface FuzzValues {
  /** The number of an option, or its default. */
  number(name: string, otherwise: number): number;
  /** Returns the word of an option, or null. */
  word(name: string): string | null;
}

/**
 * Reads the options of `npm run SCRIPT`. `--help` prints them; a problem is printed as a sentence above them.
 *
 * @returns the exit status if the command must end
 */
export function readFuzzOptions(
  script: string,
  table: Readonly<Record<string, FuzzOption>>,
  args: readonly string[],
  io: Outputs = PROCESS_OUTPUTS,
): FuzzValues | number {
  const rows = Object.entries(table).map(([name, { value, description }]) => [`  --${name} ${value}`, description]);
  const help = `npm run ${script} [-- OPTION…]\n${textTable(rows)}`;
  const specs = Object.keys(table).map((name) => ({ kind: 'value', name }) as const);
  const options = parseOptions(args, [...specs, { kind: 'flag', name: 'help', letter: 'h' }]);
  const problem = typeof options === 'string' ? options : problemOf(table, options.values, options.words);
  if (typeof options === 'string' || problem !== null) {
    for (const line of [problem, ...help.trimEnd().split('\n')]) io.err(`${line}\n`);
    return 2;
  }
  if (options.flags.has('help')) {
    io.out(help);
    return 0;
  }
  const { values } = options;
  return {
    number: (name, otherwise) => Number(values.get(name) ?? otherwise),
    word: (name) => values.get(name) ?? null,
  };
}

function problemOf(
  table: Readonly<Record<string, FuzzOption>>,
  values: ReadonlyMap<string, string>,
  words: readonly string[],
): string | null {
  if (words.length > 0) return `'${words[0]}' is not an option`;
  for (const [name, text] of values) {
    const { value, least = Number.MIN_SAFE_INTEGER } = table[name]!;
    if (value !== 'N') continue;
    const isWhole = /^-?\d+$/.test(text) && Number.isSafeInteger(Number(text));
    if (!isWhole || Number(text) < least) {
      const from = least === Number.MIN_SAFE_INTEGER ? '' : ` from ${least}`;
      return `--${name} must be an integer${from}, not '${text}'`;
    }
  }
  return null;
}
