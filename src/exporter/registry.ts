/** The tables of encoders and transports. A new one is a file of its own and a line here. */
import type { Writable } from 'node:stream';
import type { Encoder } from './encoder.js';
import { createEcsEncoder } from './encoders/ecs.js';
import { createJsonEncoder } from './encoders/json.js';
import { createTextEncoder } from './encoders/text.js';
import type { Transport, TransportEvents } from './transport.js';
import { FileTransport } from './transports/file.js';
import { NullTransport } from './transports/null.js';
import { TerminalTransport } from './transports/terminal.js';

/** What encoders are made with. */
export interface EncoderOptions {
  /** Whether people see the output on a terminal that shows colours. */
  readonly color: boolean;
  /** The program's version. */
  readonly version: string;
}

/** Formats by name. */
export const ENCODERS: ReadonlyMap<string, (options: EncoderOptions) => Encoder> = new Map<
  string,
  (options: EncoderOptions) => Encoder
>([
  ['json', () => createJsonEncoder()],
  ['ecs', ({ version }) => createEcsEncoder(version)],
  ['text', ({ color }) => createTextEncoder(color)],
]);

/** What transports are made with; see the keys of the exporter. */
export interface TransportOptions {
  /** Standard output. */
  readonly stdout: Writable;
  readonly file: {
    readonly path: string;
    readonly rotateSize: number;
    readonly rotateAge: number;
    readonly rotateKeep: number;
  };
  /** The time in milliseconds. */
  readonly now: () => number;
}

/** Transports by name. */
export const TRANSPORTS: ReadonlyMap<string, (options: TransportOptions, events: TransportEvents) => Transport> =
  new Map<string, (options: TransportOptions, events: TransportEvents) => Transport>([
    ['terminal', ({ stdout }, events) => new TerminalTransport(stdout, events)],
    ['file', ({ file, now }, events) => new FileTransport({ ...file, now }, events)],
    ['null', () => new NullTransport()],
  ]);
