/**
 * Describes the keys of a stanza. One description supplies parsing, defaults, spelling suggestions, the JSON Schema for
 * editors and the reference documentation.
 *
 * The forms are a small subset of JSON Schema: loading a general schema library would take longer than the whole
 * program may take to start.
 */
import type { SourceRange, SourceText } from '../diagnostics/diagnostic.js';

/** A value as the user wrote it, with its source. */
export interface Setting {
  readonly text: string;
  readonly source: SourceText;
  /** Null for an environment variable, whose value is the whole source. */
  readonly range: SourceRange | null;
  /** The items of an array; `text` contains all of them. */
  readonly items?: readonly Setting[];
}

interface OptionBase {
  /** One or two sentences for the reference documentation and for editors. */
  readonly description: string;
  /** The value is never shown in messages. */
  readonly secret?: true;
  /** The option applies only if another key of the stanza has this value, such as `export=file`. */
  readonly when?: string;
  /** The option is accepted without effect; the text is the reason. */
  readonly inert?: string;
  /** Additional environment variables that set the option, for existing deployments. */
  readonly variables?: readonly string[];
}

/** A non-empty text; null if it is not set and has no default. */
export interface TextOption<V extends string | null = string | null> extends OptionBase {
  readonly type: 'text';
  readonly default: V;
  /** Whether an array of strings is accepted too; its items are joined with commas. */
  readonly list?: true;
}

/** One text or an array of texts, each with its position; null if not set. */
export interface TextsOption extends OptionBase {
  readonly type: 'texts';
  readonly default: null;
  /** Whether the texts are paths: a path missing in the working directory is searched beside the pipeline file. */
  readonly paths?: true;
}

/** One of several words. */
export interface ChoiceOption<V extends string = string> extends OptionBase {
  readonly type: 'choice';
  readonly choices: readonly V[];
  /** Values that are documented but not supported yet. */
  readonly planned?: readonly string[];
  /** Synonyms of words, mapped to the word they stand for. */
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

/** A duration such as `30s`, `15m`, `24h`, `7d`, or a plain number in the unit {@link plain}; stored in milliseconds. */
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
