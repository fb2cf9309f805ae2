/** Values as written, and their parsing by a schema. */
import type { ChoiceOption, Option, SchemaOf, Setting, StanzaSchema } from '../components/options.js';
import type { Diagnostics, Severity } from '../diagnostics/diagnostic.js';
import { nearestName } from '../diagnostics/nearest.js';
import { parseDuration, parseSize } from './quantities.js';

const SWITCH_WORDS: ReadonlyMap<string, boolean> = new Map([
  ['on', true],
  ['true', true],
  ['yes', true],
  ['1', true],
  ['off', false],
  ['false', false],
  ['no', false],
  ['0', false],
]);

/** Parses settings like {@link readValues}, with the schema of an options type. */
export function readOptions<T>(
  schema: SchemaOf<T>,
  settings: ReadonlyMap<string, Setting>,
  diagnostics: Diagnostics,
): T {
  // The option of each key has parsed its value, so the values have the declared types.
  return readValues(schema as StanzaSchema, settings, diagnostics) as T;
}

/** Parses the settings of a stanza by its schema; missing and invalid values get their defaults. */
export function readValues(
  schema: StanzaSchema,
  settings: ReadonlyMap<string, Setting>,
  diagnostics: Diagnostics,
): OptionValues {
  const values: Record<string, Value | null> = {};
  for (const [key, option] of Object.entries(schema)) {
    const setting = settings.get(key);
    const fallback = option.default ?? null;
    if (setting === undefined) {
      values[key] = fallback;
      continue;
    }
    const reading = readSetting(key, option, setting, diagnostics);
    // An invalid value of a key that does not apply is only a warning.
    if (reading.problem !== null) {
      const harmless = option.inert !== undefined || !applies(option, schema, settings);
      const severity: Severity = harmless ? 'warning' : 'error';
      const { code, message, hint } = reading.problem;
      diagnostics.add({ code, severity, message, source: setting.source, range: setting.range, ...hintOf(hint) });
    } else if (option.inert !== undefined && reading.value !== fallback) {
      diagnostics.warning('unsupported-key', `'${key}' has no effect: ${option.inert}`, setting.source, setting.range);
    }
    values[key] = reading.problem === null ? reading.value : fallback;
  }
  return values;
}

/** Whether a key applies, given the other values of its stanza. */
export function applies(option: Option, schema: StanzaSchema, settings: ReadonlyMap<string, Setting>): boolean {
  if (option.when === undefined) return true;
  const [key, value] = option.when.split('=') as [string, string];
  return (settings.get(key)?.text ?? schema[key]?.default) === value;
}

/** Values by key; the option of each key determines the type. */
export type OptionValues = Readonly<Record<string, unknown>>;

type Value = string | number | boolean | readonly Setting[];

interface Problem {
  readonly code: 'invalid-value' | 'unknown-name';
  readonly message: string;
  readonly hint?: string;
}

type Reading =
  | { readonly problem: null; readonly value: Value }
  | { readonly problem: Problem; readonly value?: undefined };

function readSetting(key: string, option: Option, setting: Setting, diagnostics: Diagnostics): Reading {
  const { text } = setting;
  const isList = option.type === 'texts' || (option.type === 'text' && option.list === true);
  if (setting.items !== undefined && !isList) {
    return { problem: { code: 'invalid-value', message: `'${key}' takes one value, not an array` } };
  }
  switch (option.type) {
    case 'text':
    case 'texts': {
      const items = setting.items ?? [setting];
      if (items.length === 0)
        return { problem: { code: 'invalid-value', message: `'${key}' is an array without values` } };
      if (items.some((item) => item.text.trim() === '')) {
        return { problem: { code: 'invalid-value', message: `'${key}' has an empty value` } };
      }
      return { problem: null, value: option.type === 'text' ? text : items };
    }
    case 'choice':
      return readChoice(key, option, setting, diagnostics);
    case 'switch': {
      const value = SWITCH_WORDS.get(text.toLowerCase());
      return value === undefined ? wrong(key, option, text, "is neither 'on' nor 'off'") : { problem: null, value };
    }
    case 'integer': {
      const value = /^[+-]?[0-9]+$/.test(text) ? Number(text) : Number.NaN;
      const { minimum, maximum } = option;
      if (value >= minimum && value <= maximum) return { problem: null, value };
      return wrong(key, option, text, `is not a number from ${minimum} to ${maximum}`);
    }
    case 'size': {
      const value = parseSize(text);
      return value === null
        ? wrong(key, option, text, "is not a number of bytes such as '500000' or '64M'")
        : { problem: null, value };
    }
    case 'duration': {
      const value = parseDuration(text, option.plain);
      return value === null
        ? wrong(key, option, text, `is not a time such as '30s', '15m', '24h' or a number of ${option.plain}`)
        : { problem: null, value };
    }
  }
}

function readChoice(key: string, option: ChoiceOption, setting: Setting, diagnostics: Diagnostics): Reading {
  const written = setting.text.toLowerCase();
  const word = option.synonyms?.[written] ?? written;
  const choice = option.choices.find((one) => one.toLowerCase() === word);
  if (choice !== undefined) return { problem: null, value: choice };
  if (option.planned?.includes(word)) {
    const message = `'${key}' does not support '${word}' yet`;
    return { problem: { code: 'unknown-name', message, hint: listed(option.choices) } };
  }
  const near = nearestName(word, [...option.choices, ...(option.planned ?? []), ...Object.keys(option.synonyms ?? {})]);
  const hint = near === undefined ? listed(option.choices) : `did you mean '${near}'?`;
  const message = `unknown value '${setting.text}' of '${key}'`;
  if (option.fallback === undefined) return { problem: { code: 'unknown-name', message, hint } };
  diagnostics.warning('unknown-name', `${message}; '${option.fallback}' is used`, setting.source, setting.range, hint);
  return { problem: null, value: option.fallback };
}

function listed(choices: readonly string[]): string {
  const names = choices.map((choice) => `'${choice}'`);
  if (names.length === 1) return `the only value is ${names[0]}`;
  return `the values are ${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

function wrong(key: string, option: Option, text: string, what: string): Reading {
  const subject = option.secret === true ? `the value of '${key}'` : `'${key}': '${text}'`;
  return { problem: { code: 'invalid-value', message: `${subject} ${what}` } };
}

function hintOf(hint: string | undefined): { hint?: string } {
  return hint === undefined ? {} : { hint };
}
