/** Tables of a subcommand's options, used for parsing, checks, messages and `--help`. */
import type { CommandIo } from './command-io.js';
import { type OptionSpec, type ParsedOptions, parseCount, parseOptions } from './options.js';
import { textTable } from './text-table.js';

/** An option: `--name VALUE`, or a flag if it has no value. */
export interface TableOption {
  /** Placeholder of the value, as in `--policy PATH`; omitted for a flag. */
  readonly value?: string;
  /** The letter of the short form `-x`. */
  readonly letter?: string;
  /** The permitted values. */
  readonly choices?: readonly string[];
  /** Whether the value must be an integer of at least 0. */
  readonly count?: boolean;
  /** Checks a value. @returns what it must be, such as `a time`, if it is wrong */
  readonly check?: (value: string) => string | null;
  /** One sentence without a final period. */
  readonly description: string;
}

/** Options by name. */
export type OptionTable = Readonly<Record<string, TableOption>>;

/** The option that every command accepts. */
export const HELP_OPTION: OptionTable = { help: { letter: 'h', description: 'Show this help' } };

/** The description of a command, for usage texts. */
export interface Described {
  readonly name: string;
  /** The arguments in the usage line. */
  readonly usage: string;
  /** One sentence for the list of commands. */
  readonly summary: string;
  /** Its options, from which help, completion and the manual page are generated. */
  readonly options: OptionTable;
}

/**
 * Reads the arguments of a subcommand. `-h` prints its options; a problem is printed with the usage line.
 *
 * @param stopAtWord whether the first word that is not an option ends them, because it begins another command
 * @returns the exit status where there is nothing more to do
 */
export function readOptions(
  command: Described,
  args: readonly string[],
  io: CommandIo,
  stopAtWord = false,
): ParsedOptions | number {
  const table = { ...command.options, ...HELP_OPTION };
  const specs = Object.entries(table).map(([name, { value, letter }]): OptionSpec => {
    return { kind: value === undefined ? 'flag' : 'value', name, ...(letter === undefined ? {} : { letter }) };
  });
  const options = parseOptions(args, specs, stopAtWord);
  if (typeof options === 'string') return usageProblem(command, options, io);
  if (options.flags.has('help')) {
    io.print(`${usageLine(command)}\n\n${command.summary}.\n\n${optionsText(table)}`);
    return 0;
  }
  // The arguments of a command that `record` runs are not ours to check.
  if (!stopAtWord && options.words.includes('')) return usageProblem(command, 'an argument is empty', io);
  for (const [name, option] of Object.entries(table)) {
    for (const value of options.all.get(name) ?? []) {
      const problem = valueProblem(name, option, value);
      if (problem !== null) return usageProblem(command, problem, io);
    }
  }
  return options;
}

/** Prints what is wrong with the arguments, and the usage line; returns the exit status. */
export function usageProblem(command: Described, problem: string, io: CommandIo): number {
  io.err(problem);
  io.err(usageLine(command));
  return 2;
}

/** The number of an option, or its default. */
export function countOf(options: ParsedOptions, name: string, otherwise: number): number {
  const value = options.values.get(name);
  return value === undefined ? otherwise : Number(value);
}

/**
 * Defines the option `-n`, `--limit` for the amount of output; 0 for no limit.
 *
 * @param what such as `records`
 * @param preset text of the default, such as `all`
 */
export function limitOption(what: string, preset: string): OptionTable {
  const description = `Show at most N ${what}; 0 for all. Default: ${preset}`;
  return { limit: { letter: 'n', value: 'N', count: true, description } };
}

/**
 * Returns the limit of {@link limitOption}.
 *
 * @param preset the default; 0 for no limit
 */
export function limitOf(options: ParsedOptions, preset: number): number {
  return countOf(options, 'limit', preset) || Number.POSITIVE_INFINITY;
}

function usageLine({ name, usage }: Described): string {
  return `usage: sfprocessor ${name} ${usage}`.trimEnd();
}

/** Formats the options with their descriptions, one per line. */
function optionsText(table: OptionTable): string {
  return textTable(
    Object.entries(table).map(([name, { value, letter, description }]) => {
      const long = value === undefined ? `--${name}` : `--${name} ${value}`;
      return [`  ${letter === undefined ? '    ' : `-${letter}, `}${long}`, description];
    }),
  );
}

function valueProblem(name: string, { choices, count, check }: TableOption, value: string): string | null {
  if (value === '') return `--${name} is empty`;
  if (choices !== undefined && !choices.includes(value)) {
    return `--${name} is one of ${choices.join(', ')}, not '${value}'`;
  }
  if (count === true && parseCount(value) === null) return `--${name} takes a number, not '${value}'`;
  const wanted = check?.(value) ?? null;
  return wanted === null ? null : `--${name} takes ${wanted}, not '${value}'`;
}
