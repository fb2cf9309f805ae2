import type { Writable } from 'node:stream';
import type { Component, TransportDescription } from '../components/component.js';
import type { ProcessorEnvironment } from '../components/processor.js';
import type { VaultOptions } from '../components/vault-options.js';
import type { DeliveryOptionValues } from './delivery/policy.js';
import type { EncodedLines } from './encoded-lines.js';
import type { Encoder, LineWriter } from './encoder.js';
import type { Transport } from './transport.js';

/** The options of the exporter itself. */
export interface ExporterOptionValues extends VaultOptions, DeliveryOptionValues {
  readonly buffer: number;
  readonly 'cluster.id': string | null;
}

/** The environment of the exporter. */
export interface ExporterEnvironment extends ProcessorEnvironment {
  /** Standard output; `color` is true if it is a terminal that supports colours. */
  readonly stdout: Writable;
  readonly color: boolean;
  /** Whether the records come from several traces. */
  readonly sources: boolean;
  /** The program's version. */
  readonly version: string;
  /** Returns a faster writer of the same lines as an encoder's, or `plain`. */
  accelerate(encoder: Encoder, plain: EncodedLines): LineWriter;
  /** Called when the reader of standard output has closed it. */
  outputClosed(): void;
}

/** The environment that an encoder is created with. */
export interface EncoderEnvironment {
  /** Whether the output is a terminal that supports colours. */
  readonly color: boolean;
  /** Whether the records come from several traces. */
  readonly sources: boolean;
  /** The program's version. */
  readonly version: string;
}

/** An output format. */
export interface EncoderComponent<Options = unknown> extends Component<Options> {
  readonly kind: 'encoder';
  create(options: Options, environment: EncoderEnvironment): Encoder;
}

/** The environment that a transport is created with. */
export interface TransportEnvironment {
  /** Standard output. */
  readonly stdout: Writable;
  /** Returns the current time in milliseconds. */
  readonly now: () => number;
  /** Logs a warning about a problem that the transport has repaired, without loss of records. The message names the target. */
  readonly warned: (message: string) => void;
}

/** A destination of records. */
export interface TransportComponent<Options = unknown> extends TransportDescription<Options> {
  /** `terminal` if people may read the output; `nothing` if it is discarded, so that records need no encoding. */
  readonly writesTo?: 'terminal' | 'nothing';
  /** Most consecutive retries unless the stanza sets a limit; unlimited if undefined. */
  readonly retries?: number;
  create(options: Options, environment: TransportEnvironment): Transport;
}
