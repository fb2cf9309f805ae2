/**
 * How the keys of a stanza are described. From one description come reading with defaults, did-you-mean, the JSON Schema
 * for editors and the reference.
 *
 * The forms are JSON Schema's, made small: a general schema library takes longer to load than the whole start of the
 * program may take.
 */
import type { SourceRange, SourceText } from '../diagnostics/diagnostic.js';

/** A value as the user wrote it, with its source. */
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
  /** The value is never shown in messages. */
  readonly secret?: true;
  /** Applies only where another key of the stanza has this value, `export=file`. */
  readonly when?: string;
  /** The option is accepted without effect; the text is the reason. */
  readonly inert?: string;
  /** Variables of the environment that set it besides its own, for deployments that have them. */
  readonly variables?: readonly string[];
}

/** A non-empty text; null if it is not set and has no default. */
export interface TextOption<V extends string | null = string | null> extends OptionBase {
  readonly type: 'text';
  readonly default: V;
  /** Whether an array of texts may be written, which is one text with commas. */
  readonly list?: true;
}

/** One text or an array of texts, each with its position; null if not set. */
export interface TextsOption extends OptionBase {
  readonly type: 'texts';
  readonly default: null;
  /** Whether the texts are paths: a path missing in the working directory is searched beside the pipeline file. */
  readonly paths?: true;
}

/** One of some words. */
export interface ChoiceOption<V extends string = string> extends OptionBase {
  readonly type: 'choice';
  readonly choices: readonly V[];
  /** Values that are documented but not supported yet. */
  readonly planned?: readonly string[];
  /** Other spellings, by word. */
  readonly synonyms?: Readonly<Record<string, V>>;
  /** The value used for an unknown word, with a warning; without it, an unknown word is an error. */
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

/** A number of bytes, with a suffix `k`, `M`, `G` where wanted (powers of 1024). 0 if there is none. */
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

/** The option whose values have a given type. */
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

/** The schema whose values have a given type: one option for each key. */
export type SchemaOf<T> = { readonly [K in keyof T]: OptionFor<T[K]> };
