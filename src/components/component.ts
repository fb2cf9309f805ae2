/** The common interface of everything that plugs into the program. Each kind adds to {@link Component} what it needs to be created, in the folder of the kind. */
import type { ChoiceOption, SchemaOf, StanzaSchema } from './options.js';

export type ComponentKind = 'driver' | 'handler' | 'processor' | 'encoder' | 'transport' | 'language' | 'action';

/**
 * Properties of every component. The pipeline file and environment variables are parsed and checked by its options,
 * from which the JSON Schema and the reference page are generated too.
 */
export interface Component<Options = unknown> {
  readonly kind: ComponentKind;
  /** The name in pipeline files. */
  readonly name: string;
  /** One sentence for the reference documentation. */
  readonly summary: string;
  readonly options: SchemaOf<Options>;
  /**
   * Health check before the pipeline starts, such as whether a server responds or a file can be opened. It has a time
   * limit, after which `signal` is aborted.
   *
   * @returns one sentence per problem; any problem ends the program before it reads records
   */
  check?(options: Options, signal: AbortSignal): Promise<readonly string[]>;
}

/** A component of any option type. */
// biome-ignore lint/suspicious/noExplicitAny: options go to the component that declares them
export type AnyComponent = Component<any>;

/**
 * A key of a processor's stanza whose value names a component. Keys of that component's options start with its name:
 * `file.path`.
 */
export interface Slot extends Pick<ChoiceOption, 'default' | 'description'> {
  readonly kind: ComponentKind;
}

/** A problem with the combination of options in a stanza. */
export interface OptionsProblem {
  readonly code: 'missing-key' | 'invalid-value';
  readonly message: string;
}

/** A file that a transport writes to; a null path means standard output. */
export interface OutputFile {
  readonly path: string | null;
  /** The option that names the file. */
  readonly key: string;
  /** Number of older files that rotation keeps; 0 without rotation. */
  readonly rotateKeep: number;
}

/** The part of a transport that checks of pipeline files use. */
export interface TransportDescription<Options = unknown> extends Component<Options> {
  readonly kind: 'transport';
  /** Returns the files that the transport writes to with these options. */
  outputs?(options: Options): readonly OutputFile[];
}

/** A component that is documented but not supported yet. Its name and options are declared so that diagnostics can say so. */
export interface PlannedComponent extends Pick<Component, 'kind' | 'name' | 'summary'> {
  readonly options: StanzaSchema;
}
