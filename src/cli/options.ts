import { nearestName } from '../diagnostics/nearest.js';

/** An option of a subcommand. */
export interface OptionSpec {
  /** `flag` has no value, `value` takes the next word or the text after `=`. */
  readonly kind: 'flag' | 'value';
  /** The long name without dashes. `no-x` has no special meaning. */
  readonly name: string;
  /** The letter of the short form `-x`. */
  readonly letter?: string;
}

export interface ParsedOptions {
  readonly flags: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, string>;
  /** All values of each option in their order. */
  readonly all: ReadonlyMap<string, readonly string[]>;
  /** Words that are not options. */
  readonly words: readonly string[];
}

/**
 * Parses the options of a subcommand: `--name value`, `--name=value`, `-n value`, and long names after one dash, as in
 * Go. `--` ends the options.
 *
 * @param stopAtWord whether the first word that is not an option ends them too, because it begins another command
 * @returns a sentence on what is wrong, where something is
 */
export function parseOptions(
  args: readonly string[],
  specs: readonly OptionSpec[],
  stopAtWord = false,
): ParsedOptions | string {
  const flags = new Set<string>();
  const values = new Map<string, string>();
  const all = new Map<string, string[]>();
  const words: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '--') {
      words.push(...args.slice(i + 1));
      break;
    }
    if (arg === '-' || !arg.startsWith('-')) {
      if (stopAtWord) {
        words.push(...args.slice(i));
        break;
      }
      words.push(arg);
      continue;
    }
    const [, name, value] = /^--?([^=]*)(?:=([\s\S]*))?$/.exec(arg)!;
    const spec = specs.find((candidate) => candidate.name === name || candidate.letter === name);
    if (spec === undefined) return unknownOption(arg, name!, specs);
    if (spec.kind === 'flag') {
      if (value !== undefined) return `option '--${spec.name}' takes no value`;
      flags.add(spec.name);
      continue;
    }
    const given = value ?? args[++i];
    if (given === undefined) return `option '--${spec.name}' needs a value`;
    values.set(spec.name, given);
    all.set(spec.name, [...(all.get(spec.name) ?? []), given]);
  }
  return { flags, values, all, words };
}

function unknownOption(arg: string, name: string, specs: readonly OptionSpec[]): string {
  const nearest = nearestName(
    name,
    specs.map((spec) => spec.name),
  );
  const hint = nearest === undefined ? '' : `; did you mean '--${nearest}'?`;
  return `unknown option '${arg.split('=', 1)[0]}'${hint}`;
}

/** The values of an option that takes a list and may be given more than once, joined by commas; undefined if it is not given. */
export function listOf({ all }: ParsedOptions, name: string): string | undefined {
  return all.get(name)?.join(',');
}

/** Process ids, separated by commas; null if a word is none. */
export function parsePids(text: string): ReadonlySet<bigint> | null {
  return /^\d{1,18}(,\d{1,18})*$/.test(text) ? new Set(text.split(',').map(BigInt)) : null;
}

/** Parses an integer of at least 0; null if invalid. */
export function parseCount(text: string): number | null {
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}
