import type { Writable } from 'node:stream';
import type { Component, ProcessorComponent, TransportDescription } from '../components/component.js';
import { VAULT_OPTIONS, type VaultOptions } from '../components/vault-options.js';
import { DELIVERY_OPTIONS, type DeliveryOptionValues } from './delivery/policy.js';
import type { Encoder } from './encoder.js';
import type { Transport } from './transport.js';

/** The options of the exporter itself. */
export interface ExporterOptionValues extends VaultOptions, DeliveryOptionValues {
  readonly buffer: number;
  readonly 'cluster.id': string | null;
}

export const exporterProcessor: ProcessorComponent<ExporterOptionValues> = {
  kind: 'processor',
  name: 'exporter',
  summary: 'Encodes records and sends them on',
  in: 'eventchan',
  out: null,
  slots: {
    export: { kind: 'transport', default: 'terminal', description: 'Where records go.' },
    format: { kind: 'encoder', default: 'json', description: 'How records are encoded.' },
  },
  options: {
    buffer: {
      type: 'integer',
      minimum: 0,
      maximum: 1_000_000,
      default: 0,
      description:
        'How many records are written at once at most; 0 leaves it to the program, which writes pieces of a megabyte. Records wait no longer than 50 ms in either case.',
    },
    'cluster.id': {
      type: 'text',
      default: null,
      inert: 'no output shows it yet',
      variables: ['CLUSTER_ID'],
      description: 'Name of the cluster, for outputs that show it.',
    },
    ...DELIVERY_OPTIONS,
    ...VAULT_OPTIONS,
  },
  ignoredVariables: { type: "'export' says where records go" },
};

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
  /** Takes what was found and put right, with the target; all records are written. */
  readonly warned: (message: string) => void;
}

/** Where records may go. */
export interface TransportComponent<Options = unknown> extends TransportDescription<Options> {
  /** `terminal` where people may read the output, `nothing` where nobody reads it, so that records need no encoding. */
  readonly writesTo?: 'terminal' | 'nothing';
  /** How often in a row failed attempts are repeated where the stanza leaves that open; left out: without end. */
  readonly retries?: number;
  create(options: Options, environment: TransportEnvironment): Transport;
}
