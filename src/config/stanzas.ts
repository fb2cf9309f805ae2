/** The keys of every stanza of a pipeline file, with their defaults: the table that parsing and documentation come from. */
import type { SchemaOf } from './schema.js';
import type { Setting } from './settings.js';

const MINUTE = 60_000;
const SECOND = 1000;

/** A driver of the pipeline file. */
export interface DriverOptions {
  readonly driver: 'file';
  readonly path: string | null;
}

export const DRIVER_SCHEMA: SchemaOf<DriverOptions> = {
  driver: {
    type: 'choice',
    choices: ['file'],
    planned: ['socket', 'kafka'],
    default: 'file',
    description: 'What reads the records: `file` reads a trace, or the traces of a folder in the order of their names.',
  },
  path: {
    type: 'text',
    default: null,
    description:
      'The trace, folder or socket to read, `-` for standard input; without it, the path on the command line.',
  },
};

/** The sysflowreader: entities, and the flattener with its rate limiter. */
export interface ReaderStanzaOptions {
  readonly handler: 'flattener';
  readonly 'filter.enabled': boolean;
  readonly 'filter.maxage': number;
}

export const SYSFLOWREADER_SCHEMA: SchemaOf<ReaderStanzaOptions> = {
  handler: {
    type: 'choice',
    choices: ['flattener'],
    default: 'flattener',
    description: 'What becomes of the records: the flattener joins each event with its entities.',
  },
  'filter.enabled': {
    type: 'switch',
    default: false,
    description: 'Whether records that were seen already within `filter.maxage` are held back.',
  },
  'filter.maxage': {
    type: 'duration',
    plain: 'minutes',
    default: 24 * 60 * MINUTE,
    description: 'For how long the rate limiter remembers a record.',
  },
};

/** The policy engine. */
export interface EngineStanzaOptions {
  /** Policy files and folders, each with where it is written. */
  readonly policies: readonly Setting[] | null;
  readonly mode: 'alert' | 'enrich' | 'bypass';
  readonly language: 'sysflow';
  readonly config: string | null;
  readonly strict: boolean;
  readonly monitor: 'none' | 'local';
  readonly 'monitor.interval': number;
  readonly concurrency: number;
  readonly actiondir: string;
}

export const POLICYENGINE_SCHEMA: SchemaOf<EngineStanzaOptions> = {
  policies: {
    type: 'texts',
    default: null,
    description:
      'A policy file, or a folder that is read with its subfolders (`.yaml`, `.yml`; files of rule tests, `.test.yaml`, are passed over); or an array of them. Required in mode `alert`.',
  },
  mode: {
    type: 'choice',
    choices: ['alert', 'enrich', 'bypass'],
    fallback: 'enrich',
    default: 'alert',
    description:
      '`alert` passes on records that a rule matches, `enrich` all records with the rules that match attached, `bypass` all records untouched.',
  },
  language: {
    type: 'choice',
    choices: ['sysflow'],
    planned: ['sigma'],
    synonyms: { falco: 'sysflow' },
    default: 'sysflow',
    description: 'The language of the policies. `falco` is accepted for rules in the SysFlow dialect.',
  },
  config: {
    type: 'text',
    default: null,
    inert: 'Sigma rules are not supported yet',
    description: 'The field mapping of Sigma rules.',
  },
  strict: {
    type: 'switch',
    default: false,
    description: 'Refuse to start where a policy file or rule has an error, instead of running the others.',
  },
  monitor: {
    type: 'choice',
    choices: ['none', 'local'],
    default: 'none',
    description:
      'Whether policies are loaded again when they change: `local` watches the files, those in subfolders too.',
  },
  'monitor.interval': {
    type: 'duration',
    plain: 'seconds',
    default: 30 * SECOND,
    description: 'How often the files are looked at, at most ten times a second.',
  },
  concurrency: {
    type: 'integer',
    minimum: 1,
    maximum: 1024,
    default: 5,
    description:
      'How many threads read a large trace or a folder of them, at most one per core. The order of the output does not change.',
  },
  actiondir: {
    type: 'text',
    default: '../resources/actions',
    description: 'The folder of the actions that rules may name; the default is looked for beside the program.',
  },
};

/** An exporter: encoder, transport and secrets. */
export interface ExporterStanzaOptions {
  readonly export: 'terminal' | 'file' | 'null';
  readonly format: 'json' | 'ecs' | 'text';
  readonly buffer: number;
  readonly 'cluster.id': string | null;
  readonly 'file.path': string;
  readonly 'file.rotate.size': number;
  readonly 'file.rotate.age': number;
  readonly 'file.rotate.keep': number;
  readonly 'syslog.proto': 'tcp' | 'tls' | 'udp';
  readonly 'syslog.tag': string;
  readonly 'syslog.source': string | null;
  readonly 'syslog.host': string;
  readonly 'syslog.port': number;
  readonly 'es.addresses': string | null;
  readonly 'es.index': string | null;
  readonly 'es.username': string | null;
  readonly 'es.password': string | null;
  readonly 'es.bulk.numWorkers': number;
  readonly 'es.bulk.flushBuffer': number;
  readonly 'es.bulk.flushTimeout': number;
  readonly 'vault.secrets': boolean;
  readonly 'vault.path': string;
  readonly 'vault.encoding': 'none' | 'base64';
}

export const EXPORTER_SCHEMA: SchemaOf<ExporterStanzaOptions> = {
  export: {
    type: 'choice',
    choices: ['terminal', 'file', 'null'],
    planned: ['syslog', 'es', 'kafka'],
    default: 'terminal',
    description: 'Where records go: standard output, a file, or nowhere (to measure what comes before).',
  },
  format: {
    type: 'choice',
    choices: ['json', 'ecs', 'text'],
    default: 'json',
    description:
      '`json` is the SysFlow schema, version 5; `ecs` the Elastic Common Schema 8.2; `text` a line for people to read.',
  },
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
    description: 'Name of the cluster, for outputs that show it.',
  },
  'file.path': {
    type: 'text',
    default: './export.out',
    when: 'export=file',
    description:
      'The file to append to. It is opened again on SIGHUP. Where it ends within a line, as after a crash, the first record starts on a new line, and the log says so.',
  },
  'file.rotate.size': {
    type: 'size',
    default: 0,
    when: 'export=file',
    description: 'Start a new file when this one would grow beyond so many bytes (`64M`, `1G`); 0 for never.',
  },
  'file.rotate.age': {
    type: 'duration',
    plain: 'minutes',
    default: 0,
    when: 'export=file',
    description: 'Start a new file when this one is older (`24h`); 0 for never.',
  },
  'file.rotate.keep': {
    type: 'integer',
    minimum: 1,
    maximum: 10_000,
    default: 7,
    when: 'export=file',
    description: 'How many earlier files are kept: `export.out.1` is the latest.',
  },
  'syslog.proto': {
    type: 'choice',
    choices: ['tcp', 'tls', 'udp'],
    synonyms: { 'tcp+tls': 'tls' },
    default: 'tcp',
    when: 'export=syslog',
    description: 'How the syslog server is reached.',
  },
  'syslog.tag': { type: 'text', default: 'sysflow', when: 'export=syslog', description: 'The tag of the messages.' },
  'syslog.source': {
    type: 'text',
    default: null,
    when: 'export=syslog',
    description: 'The host name in the messages.',
  },
  'syslog.host': { type: 'text', default: 'localhost', when: 'export=syslog', description: 'The server.' },
  'syslog.port': {
    type: 'integer',
    minimum: 1,
    maximum: 65535,
    default: 514,
    when: 'export=syslog',
    description: 'The port of the server.',
  },
  'es.addresses': {
    type: 'text',
    list: true,
    default: null,
    when: 'export=es',
    description: 'Addresses of the servers, with commas between them.',
  },
  'es.index': { type: 'text', default: null, when: 'export=es', description: 'The index to write to.' },
  'es.username': { type: 'text', default: null, secret: true, when: 'export=es', description: 'The user.' },
  'es.password': {
    type: 'text',
    default: null,
    secret: true,
    when: 'export=es',
    description: 'The password of the user.',
  },
  'es.bulk.numWorkers': {
    type: 'integer',
    minimum: 0,
    maximum: 1024,
    default: 0,
    when: 'export=es',
    description: 'How many bulk requests run side by side; 0 for one per core.',
  },
  'es.bulk.flushBuffer': {
    type: 'size',
    default: 5_000_000,
    when: 'export=es',
    description: 'Send a bulk request when it has so many bytes.',
  },
  'es.bulk.flushTimeout': {
    type: 'duration',
    plain: 'seconds',
    default: 30 * SECOND,
    when: 'export=es',
    description: 'Send a bulk request after this time at the latest.',
  },
  'vault.secrets': {
    type: 'switch',
    default: true,
    description:
      'Whether secrets that are not set here are read from files in `vault.path`, one a key, named as the key.',
  },
  'vault.path': { type: 'text', default: '/run/secrets', description: 'The folder of the secrets.' },
  'vault.encoding': {
    type: 'choice',
    choices: ['none', 'base64'],
    default: 'none',
    description: 'How the secrets are encoded.',
  },
};

/** The processors, by name. */
export const PROCESSOR_SCHEMAS: {
  readonly sysflowreader: SchemaOf<ReaderStanzaOptions>;
  readonly policyengine: SchemaOf<EngineStanzaOptions>;
  readonly exporter: SchemaOf<ExporterStanzaOptions>;
} = {
  sysflowreader: SYSFLOWREADER_SCHEMA,
  policyengine: POLICYENGINE_SCHEMA,
  exporter: EXPORTER_SCHEMA,
};

export type ProcessorName = keyof typeof PROCESSOR_SCHEMAS;

/** What each processor reads and writes; null for the end of a branch. */
export const PROCESSOR_CHANNELS: Readonly<Record<ProcessorName, { readonly in: string; readonly out: string | null }>> =
  {
    sysflowreader: { in: 'sysflowchan', out: 'flattenerchan' },
    policyengine: { in: 'flattenerchan', out: 'eventchan' },
    exporter: { in: 'eventchan', out: null },
  };
