/**
 * Checks property by property whether an export of a plugin is a component, since plugins need not be written in
 * TypeScript.
 */
import type { ComponentKind } from '../component.js';
import { SUPPORTED_API_VERSIONS } from './plugin.js';

type Fields = Readonly<Record<string, unknown>>;

interface KindShape {
  /** Names of required and of optional functions. */
  readonly required: readonly string[];
  readonly optional?: readonly string[];
  /** Properties that name a channel type; with `nullable`, null marks the end of a branch. */
  readonly channels?: Readonly<Record<string, 'type' | 'nullable'>>;
}

const SHAPES: Readonly<Record<ComponentKind, KindShape>> = {
  driver: { required: ['create'] },
  handler: { required: ['create'], channels: { out: 'nullable' } },
  processor: {
    required: ['create'],
    optional: ['verify', 'threads', 'prepare'],
    channels: { in: 'type', out: 'nullable' },
  },
  encoder: { required: ['create'] },
  transport: { required: ['create'], optional: ['outputs'] },
  language: { required: ['claims', 'load', 'describe'] },
  action: { required: ['run'] },
};

const KINDS = Object.keys(SHAPES) as ComponentKind[];

/** Keys of a processor's stanza that identify and connect it. */
const RESERVED_KEYS = ['processor', 'driver', 'in', 'out', '_comment'];

/** Checks the shape of a component exported by a plugin. Returns one sentence per problem. */
export function shapeProblems(value: unknown): string[] {
  if (!isObject(value)) return [`is ${described(value)}, not a component`];
  try {
    return new ShapeCheck(value).problems;
  } catch (error) {
    return [`cannot be read: ${error instanceof Error ? error.message : String(error)}`];
  }
}

class ShapeCheck {
  readonly problems: string[] = [];
  readonly #component: Fields;

  constructor(component: Fields) {
    this.#component = component;
    const { apiVersion, kind } = component;
    if (!this.#versionFits(apiVersion)) return;
    this.#name();
    if (!isText(component.summary)) this.#wrong('summary', 'one sentence', component.summary);
    if (!KINDS.includes(kind as ComponentKind)) this.#wrong('kind', `one of ${KINDS.join(', ')}`, kind);
    else this.#kind(SHAPES[kind as ComponentKind]);
    this.#optionalFunctions(['check']);
    this.#options(component.options);
    if (kind === 'processor') this.#processor();
    if (kind === 'language') this.#extensions();
    if (kind === 'transport') this.#choice('writesTo', ['terminal', 'nothing']);
  }

  /** Whether the other properties can be checked: other versions may have other properties. */
  #versionFits(version: unknown): boolean {
    if (SUPPORTED_API_VERSIONS.includes(version as number)) return true;
    const supported = `this program supports ${SUPPORTED_API_VERSIONS.map((one) => `apiVersion ${one}`).join(', ')}`;
    if (version === undefined) {
      const { name, run, kind } = this.#component;
      const action = "kind: 'action', summary: '…', options: {}";
      const also = kind === undefined && isText(name) && typeof run === 'function' ? `, ${action}` : '';
      const missing = `apiVersion: ${SUPPORTED_API_VERSIONS.at(-1)}${also}`;
      this.problems.push(`does not declare the interface version; add ${missing}`);
    } else this.problems.push(`is written for apiVersion ${described(version)}; ${supported}`);
    return false;
  }

  #name(): void {
    const { name } = this.#component;
    if (typeof name !== 'string' || !/^[A-Za-z0-9_.-]+$/.test(name)) {
      this.#wrong('name', 'a text of letters, digits, _, - and .', name);
    }
  }

  #kind({ required, optional = [], channels = {} }: KindShape): void {
    for (const name of required) {
      const value = this.#component[name];
      if (typeof value !== 'function') this.#wrong(name, 'a function', value);
    }
    this.#optionalFunctions(optional);
    for (const [name, form] of Object.entries(channels)) {
      const value = this.#component[name];
      const isFine = (form === 'nullable' && value === null) || (typeof value === 'string' && /^\S+$/.test(value));
      const expected = `a type of channel, such as 'eventchan'${form === 'nullable' ? ', or null for none' : ''}`;
      if (!isFine) this.#wrong(name, expected, value);
    }
  }

  #optionalFunctions(names: readonly string[]): void {
    for (const name of names) {
      const value = this.#component[name];
      if (value !== undefined && typeof value !== 'function') this.#wrong(name, 'a function', value);
    }
  }

  #extensions(): void {
    const { extensions } = this.#component;
    const isFine = Array.isArray(extensions) && extensions.length > 0 && extensions.every(isText);
    if (!isFine) this.#wrong('extensions', "an array of ends of file names, such as ['.yaml']", extensions);
  }

  #choice(name: string, words: readonly string[]): void {
    const value = this.#component[name];
    if (value !== undefined && !words.includes(value as string)) this.#wrong(name, `one of ${words.join(', ')}`, value);
  }

  #processor(): void {
    const { slots = {}, outOf, options } = this.#component;
    if (!isObject(slots)) this.#wrong('slots', 'an object', slots);
    for (const [key, slot] of isObject(slots) ? Object.entries(slots) : []) {
      const place = `slots.${key}`;
      if (!isObject(slot)) {
        this.#wrong(place, 'an object with kind, default and description', slot);
        continue;
      }
      if (!KINDS.includes(slot.kind as ComponentKind))
        this.#wrong(`${place}.kind`, `one of ${KINDS.join(', ')}`, slot.kind);
      for (const name of ['default', 'description'])
        if (!isText(slot[name])) this.#wrong(`${place}.${name}`, 'a text', slot[name]);
    }
    if (outOf !== undefined && !(isObject(slots) && typeof outOf === 'string' && Object.hasOwn(slots, outOf))) {
      this.#wrong('outOf', 'a key of slots', outOf);
    }
    for (const key of isObject(options) ? Object.keys(options) : []) {
      const isTaken = RESERVED_KEYS.includes(key) || (isObject(slots) && Object.hasOwn(slots, key));
      if (isTaken) this.problems.push(`options.${key}: the key is reserved in stanzas; rename it`);
    }
  }

  #options(options: unknown): void {
    if (!isObject(options)) {
      this.#wrong('options', 'an object, {} for no options', options);
      return;
    }
    for (const [key, option] of Object.entries(options)) {
      const place = `options.${key}`;
      if (!/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(key))
        this.problems.push(`${place}: a key is letters, digits, _, - and .`);
      if (!isObject(option)) {
        this.#wrong(place, 'an object with type, default and description', option);
        continue;
      }
      if (!isText(option.description)) this.#wrong(`${place}.description`, 'a text', option.description);
      this.#optionValues(place, option);
    }
  }

  #optionValues(place: string, option: Fields): void {
    const { type, default: value } = option;
    if (type === 'integer') this.#integer(place, option);
    else if (type === 'choice') this.#choices(place, option);
    else if (type === 'text') this.#default(place, value, value === null || isText(value), 'a text, or null for none');
    else if (type === 'texts') this.#default(place, value, value === null, 'null');
    else if (type === 'switch') this.#default(place, value, typeof value === 'boolean', 'true or false');
    else if (type === 'size') this.#default(place, value, isCount(value), 'a number of bytes');
    else if (type === 'duration') {
      this.#default(place, value, isCount(value), 'a number of milliseconds');
      const { plain } = option;
      if (plain !== 'minutes' && plain !== 'seconds') this.#wrong(`${place}.plain`, "'minutes' or 'seconds'", plain);
    } else this.#wrong(`${place}.type`, 'one of text, texts, choice, switch, integer, size, duration', type);
  }

  #integer(place: string, { minimum, maximum, default: value }: Fields): void {
    for (const [name, bound] of Object.entries({ minimum, maximum })) {
      if (!Number.isSafeInteger(bound)) this.#wrong(`${place}.${name}`, 'an integer', bound);
    }
    const isWithin = (value as number) >= (minimum as number) && (value as number) <= (maximum as number);
    const expected = `an integer from ${described(minimum)} to ${described(maximum)}`;
    this.#default(place, value, Number.isSafeInteger(value) && isWithin, expected);
  }

  #choices(place: string, { choices, default: value }: Fields): void {
    const areFine = Array.isArray(choices) && choices.length > 0 && choices.every(isText);
    if (!areFine) this.#wrong(`${place}.choices`, 'an array of words', choices);
    else this.#default(place, value, choices.includes(value as string), `one of ${choices.join(', ')}`);
  }

  #default(place: string, value: unknown, isFine: boolean, expected: string): void {
    if (!isFine) this.#wrong(`${place}.default`, expected, value);
  }

  #wrong(place: string, expected: string, value: unknown): void {
    this.problems.push(
      value === undefined ? `${place} is missing: ${expected}` : `${place} is ${described(value)}, not ${expected}`,
    );
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Formats a value for a message. */
function described(value: unknown): string {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return `'${value.length > 60 ? `${value.slice(0, 60)}…` : value}'`;
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
