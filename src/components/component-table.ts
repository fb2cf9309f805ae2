/** Components by kind and name, and the stanza schemas that their options form. */
import type { AnyComponent, Component, ComponentKind, PlannedComponent } from './component.js';
import type { ChoiceOption, Option, StanzaSchema } from './options.js';
import type { AnyProcessor, SlotValue } from './processor.js';

/** A processor with all keys of its stanza. */
export interface ProcessorStanza {
  readonly component: AnyProcessor;
  /** Its slots, its own options, and the options of the components that its slots can name. */
  readonly schema: StanzaSchema;
}

/** Options of every driver. */
const DRIVER_OPTIONS: StanzaSchema = {
  path: {
    type: 'text',
    default: null,
    description:
      'The trace, folder or socket to read, `-` for standard input; without it, the path on the command line.',
  },
};

/** The components available to a program. */
export class ComponentTable {
  /** The processors by name. */
  readonly processors: ReadonlyMap<string, ProcessorStanza>;
  /** The keys of a driver's stanza. */
  readonly driverSchema: StanzaSchema;
  readonly #components: readonly AnyComponent[];
  readonly #planned: readonly PlannedComponent[];

  constructor(components: readonly AnyComponent[], planned: readonly PlannedComponent[]) {
    this.#components = components;
    this.#planned = planned;
    this.processors = new Map(
      components
        .filter((component): component is AnyProcessor => component.kind === 'processor')
        .map((component) => [component.name, { component, schema: this.#stanza(component) }]),
    );
    const driver = { kind: 'driver', default: 'file', description: 'What reads the records.' } as const;
    this.driverSchema = { driver: this.#choice(driver), ...DRIVER_OPTIONS, ...this.#optionsOf('driver', 'driver') };
  }

  /**
   * Returns this table with more components; a component replaces one of the same kind and name. New languages precede the existing
   * ones, the last of which accepts every text.
   */
  with(added: readonly AnyComponent[]): ComponentTable {
    const isKept = ({ kind, name }: PlannedComponent | AnyComponent): boolean =>
      !added.some((other) => other.kind === kind && other.name === name);
    const languages = added.filter(({ kind }) => kind === 'language');
    const others = added.filter(({ kind }) => kind !== 'language');
    return new ComponentTable(
      [...languages, ...this.#components.filter(isKept), ...others],
      this.#planned.filter(isKept),
    );
  }

  /** The component of a kind and name; undefined if there is none. */
  find(kind: ComponentKind, name: string): AnyComponent | undefined {
    return this.#components.find((component) => component.kind === kind && component.name === name);
  }

  /** Returns the components of a kind. */
  of(kind: ComponentKind): readonly AnyComponent[] {
    return this.#components.filter((component) => component.kind === kind);
  }

  /** Types of the channels that processors read and write. */
  get channelTypes(): readonly string[] {
    const types = [...this.processors.values()].flatMap(({ component }) => [component.in, component.out]);
    const handled = this.#components.map(declaredOut);
    return [...new Set([...types, ...handled])].filter((type) => type !== null && type !== undefined);
  }

  /** Whether a key belongs to a planned component, whose options may not be defined yet. */
  isPlanned(key: string): boolean {
    return this.#planned.some(({ name }) => key.startsWith(`${name}.`));
  }

  #stanza({ slots = {}, options }: AnyProcessor): StanzaSchema {
    const schema: Record<string, Option> = {};
    for (const [key, slot] of Object.entries(slots)) schema[key] = this.#choice(slot);
    Object.assign(schema, options);
    for (const [key, { kind }] of Object.entries(slots)) Object.assign(schema, this.#optionsOf(kind, key));
    return schema;
  }

  /** Returns the option that chooses among the components of a kind. */
  #choice({ kind, description, ...rest }: { kind: ComponentKind; default: string; description: string }): ChoiceOption {
    const built = this.of(kind);
    const planned = this.#planned.filter((one) => one.kind === kind);
    const summaries = built.map(({ name, summary }) => `\`${name}\`: ${summary}`);
    return {
      type: 'choice',
      ...rest,
      choices: built.map(({ name }) => name),
      ...(planned.length === 0 ? {} : { planned: planned.map(({ name }) => name) }),
      description: `${description} ${summaries.join('; ')}.`,
    };
  }

  /** Returns the options of all components of a kind, each key prefixed with the name of its component. */
  #optionsOf(kind: ComponentKind, key: string): StanzaSchema {
    const schema: Record<string, Option> = {};
    for (const component of [...this.#components, ...this.#planned]) {
      if (component.kind !== kind) continue;
      for (const [name, option] of Object.entries(component.options as StanzaSchema)) {
        schema[`${component.name}.${name}`] = { ...option, when: `${key}=${component.name}` };
      }
    }
    return schema;
  }
}

/**
 * Returns the type of the channels that a processor writes, given the components in its slots; null at the end of a
 * branch.
 */
export function outTypeOf(processor: AnyProcessor, slots: Readonly<Record<string, AnyComponent>>): string | null {
  const slot = processor.outOf === undefined ? undefined : slots[processor.outOf];
  const declared = slot === undefined ? undefined : declaredOut(slot);
  return declared === undefined ? processor.out : declared;
}

/** The type of channel that a component of a slot declares to write, as handlers do; undefined if it declares none. */
function declaredOut(component: AnyComponent): string | null | undefined {
  return 'out' in component ? (component.out as string | null) : undefined;
}

/** Returns the components in the slots of a processor, with their options. */
export function slotValues(
  slots: Readonly<Record<string, AnyComponent>>,
  values: Readonly<Record<string, unknown>>,
): Record<string, SlotValue> {
  const entries = Object.entries(slots).map(([key, component]) => {
    return [key, { component, options: ownOptions(component, values) }] as const;
  });
  return Object.fromEntries(entries);
}

/** Returns the default values of the options of a component. */
export function defaultOptions<Options>({ options }: Component<Options>): Options {
  const defaults = Object.entries(options as StanzaSchema).map(([key, option]) => [key, option.default]);
  // Each default has the type of its option's values.
  return Object.fromEntries(defaults) as Options;
}

/** Extracts the options of a component from those of a stanza; removes the component's name from their keys. */
export function ownOptions<Options>(
  { name, options }: Component<Options>,
  values: Readonly<Record<string, unknown>>,
): Options {
  const own = Object.keys(options as StanzaSchema).map((key) => [key, values[`${name}.${key}`]]);
  // The option of each key has parsed its value, so the values have the declared types.
  return Object.fromEntries(own) as Options;
}
