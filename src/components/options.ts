/**
 * How the keys of a stanza are described. From one description come reading with defaults, did-you-mean, the JSON Schema
 * for editors and the reference.
 *
 * The forms are JSON Schema's, made small: a general schema library takes longer to load than the whole start of the
 * program may take.
 */
import type { SourceRange, SourceText } from '../diagnostics/diagnostic.js';

/** A value as written, in whatever place. */
export interface Setting {
  readonly text: string;
  readonly source: SourceText;
  /** Null for a variable of the environment, which is its source as a whole. */
  readonly range: SourceRange | null;
  /** The values of an array, of which the text has them all. */
  readonly items?: readonly Setting[];
}

interface OptionBase {
  /** One sentence or two, for the reference and for editors. */
  readonly description: string;
  /** The value must never be shown. */
  readonly secret?: true;
  /** Applies only where another key of the stanza has this value, `export=file`. */
  readonly when?: string;
  /** Accepted without effect so far; a plain word why. */
  readonly inert?: string;
  /** Variables of the environment that set it besides its own, for deployments that have them. */
  readonly variables?: readonly string[];
}

/** Any text but an empty one; null where there is no default and nothing is written. */
export interface TextOption<V extends string | null = string | null> extends OptionBase {
  readonly type: 'text';
  readonly default: V;
  /** Whether an array of texts may be written, which is one text with commas. */
  readonly list?: true;
}

/** One text or an array of them, each with its place; null where nothing is written. */
export interface TextsOption extends OptionBase {
  readonly type: 'texts';
  readonly default: null;
  /** Whether the texts are paths: what does not exist where the program runs is looked for beside the pipeline file. */
  readonly paths?: true;
}

/** One of some words. */
export interface ChoiceOption<V extends string = string> extends OptionBase {
  readonly type: 'choice';
  readonly choices: readonly V[];
  /** Words that are known but not built yet. */
  readonly planned?: readonly string[];
  /** Other spellings, by word. */
  readonly synonyms?: Readonly<Record<string, V>>;
  /** What an unknown word is taken for, with a warning; without it, it is an error. */
  readonly fallback?: V;
  readonly default: V;
}

/** `on` or `off`, `true` or `false`, `yes` or `no`, `1` or `0`. */
export interface SwitchOption extends OptionBase {
  readonly type: 'switch';
  readonly default: boolean;
}

export interface IntegerOption extends OptionBase {
  readonly type: 'integer';
  readonly minimum: number;
  readonly maximum: number;
  readonly default: number;
}

/** A number of bytes, with a suffix `k`, `M`, `G` where wanted (powers of 1024). 0 where there is none. */
export interface SizeOption extends OptionBase {
  readonly type: 'size';
  readonly default: number;
}

/** A time such as `30s`, `15m`, `24h`, `7d` or a plain number of {@link plain}; milliseconds inside. */
export interface DurationOption extends OptionBase {
  readonly type: 'duration';
  readonly plain: 'minutes' | 'seconds';
  readonly default: number;
}

export type Option =
  | TextOption
  | TextsOption
  | ChoiceOption
  | SwitchOption
  | IntegerOption
  | SizeOption
  | DurationOption;

/** Options by key. */
export type StanzaSchema = Readonly<Record<string, Option>>;

/** The option that gives values of a type. */
type OptionFor<V> = [V] extends [boolean]
  ? SwitchOption
  : [V] extends [number]
    ? IntegerOption | SizeOption | DurationOption
    : [V] extends [string]
      ? string extends V
        ? TextOption<string>
        : ChoiceOption<V>
      : [V] extends [string | null]
        ? TextOption<null>
        : TextsOption;

/** The schema that gives the values of a type: one option for each of its keys. */
export type SchemaOf<T> = { readonly [K in keyof T]: OptionFor<T[K]> };
