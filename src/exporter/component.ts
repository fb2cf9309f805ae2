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

/** What the exporter needs besides what every processor has. */
export interface ExporterEnvironment extends ProcessorEnvironment {
  /** Standard output, and whether people see it on a terminal that shows colours. */
  readonly stdout: Writable;
  readonly color: boolean;
  /** Whether the records are those of several traces. */
  readonly sources: boolean;
  /** The program's version. */
  readonly version: string;
  /** Creates an accelerated writer that produces the same lines as an encoder. */
  accelerate(encoder: Encoder, plain: EncodedLines): LineWriter;
  /** Called when the reader of standard output has closed it. */
  outputClosed(): void;
}

/** What encoders are created with. */
export interface EncoderEnvironment {
  /** Whether people see the output on a terminal that shows colours. */
  readonly color: boolean;
  /** Whether the records are those of several traces. */
  readonly sources: boolean;
  /** The program's version. */
  readonly version: string;
}

/** A format. */
export interface EncoderComponent<Options = unknown> extends Component<Options> {
  readonly kind: 'encoder';
  create(options: Options, environment: EncoderEnvironment): Encoder;
}

/** What transports are created with. */
export interface TransportEnvironment {
  /** Standard output. */
  readonly stdout: Writable;
  /** The time in milliseconds. */
  readonly now: () => number;
  /** Logs a problem that was repaired without losing records, with the target. */
  readonly warned: (message: string) => void;
}

/** Where records may go. */
export interface TransportComponent<Options = unknown> extends TransportDescription<Options> {
  /** `terminal` if people may read the output; `nothing` if the output is discarded, so that records need no encoding. */
  readonly writesTo?: 'terminal' | 'nothing';
  /** Default number of retries in a row; absent: unlimited. */
  readonly retries?: number;
  create(options: Options, environment: TransportEnvironment): Transport;
}
