/**
 * Parses command lines by the rules of Go's `flag` package, as in the original (source: its
 * documentation):
 *
 *     arguments = { flag } [ "--" ] { word }
 *     flag      = ( "-" | "--" ) name [ "=" value ] | ( "-" | "--" ) name value
 *
 * A switch takes a value only with `=`. Parsing stops at the first word that is not a flag; a lone `-` is such a word.
 */

/** A flag: a switch, or one with a value. */
export interface FlagSpec {
  readonly name: string;
  readonly type: 'switch' | 'text';
}

/** The flags and the words after them, or a problem. */
export type ParsedFlags =
  | {
      readonly problem: null;
      readonly switches: ReadonlyMap<string, boolean>;
      readonly texts: ReadonlyMap<string, string>;
      readonly rest: readonly string[];
    }
  | { readonly problem: string };

/** Values of switches that Go accepts. */
const SWITCH_VALUES: ReadonlyMap<string, boolean> = new Map([
  ...['1', 't', 'T', 'true', 'TRUE', 'True'].map((word) => [word, true] as const),
  ...['0', 'f', 'F', 'false', 'FALSE', 'False'].map((word) => [word, false] as const),
]);

/** Parses a command line. If a flag is repeated, the last value is used. */
export function parseGoFlags(args: readonly string[], specs: readonly FlagSpec[]): ParsedFlags {
  const types = new Map(specs.map((spec) => [spec.name, spec.type]));
  const switches = new Map<string, boolean>();
  const texts = new Map<string, string>();
  let i = 0;
  for (; i < args.length; i++) {
    const arg = args[i]!;
    if (!arg.startsWith('-') || arg === '-') break;
    if (arg === '--') {
      i++;
      break;
    }
    const [, name, given] = /^--?([^=]*)(?:=(.*))?$/s.exec(arg)!;
    if (name === undefined || name === '' || name.startsWith('-')) return { problem: `bad flag syntax: ${arg}` };
    const type = types.get(name);
    if (type === undefined) return { problem: `flag provided but not defined: -${name}` };
    if (type === 'switch') {
      const value = given === undefined ? true : SWITCH_VALUES.get(given);
      if (value === undefined) return { problem: `invalid boolean value "${given}" for -${name}` };
      switches.set(name, value);
    } else {
      const value = given ?? args[++i];
      if (value === undefined) return { problem: `flag needs an argument: -${name}` };
      texts.set(name, value);
    }
  }
  return { problem: null, switches, texts, rest: args.slice(i) };
}
