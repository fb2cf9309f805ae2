/** Components by kind and name, and the stanza schemas that their options form. */
import type { AnyComponent, Component, ComponentKind, PlannedComponent } from './component.js';
import type { ChoiceOption, Option, StanzaSchema } from './options.js';
import type { AnyProcessor, SlotValue } from './processor.js';

/** A processor with all keys of its stanza. */
export interface ProcessorStanza {
  readonly component: AnyProcessor;
  /** Its slots, its own options, and those of the components that its slots may name. */
  readonly schema: StanzaSchema;
}

/** Options that every driver has. */
const DRIVER_OPTIONS: StanzaSchema = {
  path: {
    type: 'text',
    default: null,
    description:
      'The trace, folder or socket to read, `-` for standard input; without it, the path on the command line.',
  },
};

/** The components of a program. */
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

  /** The components of a kind. */
  of(kind: ComponentKind): readonly AnyComponent[] {
    return this.#components.filter((component) => component.kind === kind);
  }

  /** The types of channels that processors read and write. */
  get channelTypes(): readonly string[] {
    const types = [...this.processors.values()].flatMap(({ component }) => [component.in, component.out]);
    const handled = this.#components.map(declaredOut);
    return [...new Set([...types, ...handled])].filter((type) => type !== null && type !== undefined);
  }

  /** Whether a key belongs to a planned component, whatever its options will be. */
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

  /** The choice between the components of a kind. */
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

  /** The options of the components of a kind, each behind the name of its component. */
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

/** The type of the channels that a processor writes with the components that its slots name; null for the end of a branch. */
export function outTypeOf(processor: AnyProcessor, slots: Readonly<Record<string, AnyComponent>>): string | null {
  const slot = processor.outOf === undefined ? undefined : slots[processor.outOf];
  const declared = slot === undefined ? undefined : declaredOut(slot);
  return declared === undefined ? processor.out : declared;
}

/** The type of channel that a component of a slot declares to write, as handlers do; undefined if it declares none. */
function declaredOut(component: AnyComponent): string | null | undefined {
  return 'out' in component ? (component.out as string | null) : undefined;
}

/** The components of the slots of a processor, with their options. */
export function slotValues(
  slots: Readonly<Record<string, AnyComponent>>,
  values: Readonly<Record<string, unknown>>,
): Record<string, SlotValue> {
  const entries = Object.entries(slots).map(([key, component]) => {
    return [key, { component, options: ownOptions(component, values) }] as const;
  });
  return Object.fromEntries(entries);
}

/** The options of a component among those of a stanza, without its name. */
export function ownOptions<Options>(
  { name, options }: Component<Options>,
  values: Readonly<Record<string, unknown>>,
): Options {
  const own = Object.keys(options as StanzaSchema).map((key) => [key, values[`${name}.${key}`]]);
  // Each value was read by the option of its key, which is what the type says.
  return Object.fromEntries(own) as Options;
}
