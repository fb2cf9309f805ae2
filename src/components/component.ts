/** What plugs into the program. Each kind adds to {@link Component} what it needs to be created, in the folder of the kind. */
import type { ChoiceOption, SchemaOf, StanzaSchema } from './options.js';

export type ComponentKind = 'driver' | 'handler' | 'processor' | 'encoder' | 'transport';

/**
 * What every component says of itself. The options give the reading of the pipeline file and the environment, their checks, the
 * JSON Schema and the reference page.
 */
export interface Component<Options = unknown> {
  readonly kind: ComponentKind;
  /** How pipeline files name it. */
  readonly name: string;
  /** One sentence for the reference. */
  readonly summary: string;
  readonly options: SchemaOf<Options>;
}

/** A component of which only it itself knows the type of its options. */
// biome-ignore lint/suspicious/noExplicitAny: options go to the component that declares them
export type AnyComponent = Component<any>;

/** A key of a processor's stanza whose value names a component; the options of that one follow its name: `file.path`. */
export interface Slot extends Pick<ChoiceOption, 'default' | 'description'> {
  readonly kind: ComponentKind;
}

/** Something that is wrong with the options of a stanza as a whole. */
export interface OptionsProblem {
  readonly code: 'missing-key' | 'invalid-value';
  readonly message: string;
}

/** A stage of a pipeline. */
export interface ProcessorComponent<Options = unknown> extends Component<Options> {
  readonly kind: 'processor';
  /** The type of the channels that it reads. */
  readonly in: string;
  /** The type of the channels that it writes; null for the end of a branch. */
  readonly out: string | null;
  /** Keys that name other components, by key. */
  readonly slots: Readonly<Record<string, Slot>>;
  /** Variables of the environment that deployments set for it and that have no effect, each with the reason, by key. */
  readonly ignoredVariables?: Readonly<Record<string, string>>;
  /**
   * Checks options together.
   *
   * @param written the keys that the user has set, whether their values can be read or not
   */
  verify?(options: Options, written: ReadonlySet<string>): readonly OptionsProblem[];
}

/** Where a transport writes; null stands for standard output. */
export interface OutputFile {
  readonly path: string | null;
  /** The option that names it. */
  readonly key: string;
  /** How many earlier files rotation keeps beside it; 0 without rotation. */
  readonly rotateKeep: number;
}

/** The part of a transport that a pipeline file is checked by. */
export interface TransportDescription<Options = unknown> extends Component<Options> {
  readonly kind: 'transport';
  /** The files that it writes with some options. */
  outputs?(options: Options): readonly OutputFile[];
}

/** A processor of which only it itself knows the type of its options. */
// biome-ignore lint/suspicious/noExplicitAny: options go to the component that declares them
export type AnyProcessor = ProcessorComponent<any>;

/** A component that is documented and not built yet: its name and options are known, so that both are reported as such. */
export interface PlannedComponent extends Pick<Component, 'kind' | 'name' | 'summary'> {
  readonly options: StanzaSchema;
}
