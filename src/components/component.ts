/** The common interface of everything that plugs into the program. Each kind adds to {@link Component} what it needs to be created, in the folder of the kind. */
import type { ChoiceOption, SchemaOf, StanzaSchema } from './options.js';

export type ComponentKind = 'driver' | 'handler' | 'processor' | 'encoder' | 'transport' | 'language' | 'action';

/**
 * What every component declares. The options give the reading of the pipeline file and the environment, their checks, the
 * JSON Schema and the reference page.
 */
export interface Component<Options = unknown> {
  readonly kind: ComponentKind;
  /** How pipeline files name it. */
  readonly name: string;
  /** One sentence for the reference. */
  readonly summary: string;
  readonly options: SchemaOf<Options>;
  /**
   * Health check before the start: whether a server answers, a file can be opened. Runs with a time limit, after which `signal`
   * is aborted.
   *
   * @returns what is wrong, a sentence each; a problem ends the program before it reads anything
   */
  check?(options: Options, signal: AbortSignal): Promise<readonly string[]>;
}

/** A component of any option type. */
// biome-ignore lint/suspicious/noExplicitAny: options go to the component that declares them
export type AnyComponent = Component<any>;

/** A key of a processor's stanza whose value names a component; the options of that one follow its name: `file.path`. */
export interface Slot extends Pick<ChoiceOption, 'default' | 'description'> {
  readonly kind: ComponentKind;
}

/** A problem with the options of a stanza as a whole. */
export interface OptionsProblem {
  readonly code: 'missing-key' | 'invalid-value';
  readonly message: string;
}

/** Where a transport writes; null stands for standard output. */
export interface OutputFile {
  readonly path: string | null;
  /** The option that names it. */
  readonly key: string;
  /** How many earlier files rotation keeps beside it; 0 without rotation. */
  readonly rotateKeep: number;
}

/** The part of a transport by which a pipeline file is checked. */
export interface TransportDescription<Options = unknown> extends Component<Options> {
  readonly kind: 'transport';
  /** The files that it writes with some options. */
  outputs?(options: Options): readonly OutputFile[];
}

/** A component that is documented and not supported yet: its name and options are known, so that both are reported as such. */
export interface PlannedComponent extends Pick<Component, 'kind' | 'name' | 'summary'> {
  readonly options: StanzaSchema;
}
