/** Components that pipeline files of the original name and that are not supported yet. */
import type { PlannedComponent } from './component.js';

const SECOND = 1000;

export const PLANNED: readonly PlannedComponent[] = [
  { kind: 'driver', name: 'socket', summary: 'Reads what a collector sends to a unix socket', options: {} },
  { kind: 'driver', name: 'kafka', summary: 'Reads a Kafka topic', options: {} },
  {
    kind: 'transport',
    name: 'syslog',
    summary: 'a syslog server',
    options: {
      proto: {
        variables: ['EXPORTER_PROTO'],
        type: 'choice',
        choices: ['tcp', 'tls', 'udp'],
        synonyms: { 'tcp+tls': 'tls' },
        default: 'tcp',
        description: 'How the syslog server is reached.',
      },
      tag: { type: 'text', default: 'sysflow', description: 'The tag of the messages.' },
      source: {
        variables: ['EXPORTER_SOURCE'],
        type: 'text',
        default: null,
        description: 'The host name in the messages.',
      },
      host: { variables: ['EXPORTER_HOST'], type: 'text', default: 'localhost', description: 'The server.' },
      port: {
        variables: ['EXPORTER_PORT'],
        type: 'integer',
        minimum: 1,
        maximum: 65535,
        default: 514,
        description: 'The port of the server.',
      },
    },
  },
  {
    kind: 'transport',
    name: 'es',
    summary: 'Elasticsearch or OpenSearch',
    options: {
      addresses: {
        type: 'text',
        list: true,
        default: null,
        description: 'Addresses of the servers, with commas between them.',
      },
      index: { type: 'text', default: null, description: 'The index to write to.' },
      username: { type: 'text', default: null, secret: true, description: 'The user.' },
      password: {
        type: 'text',
        default: null,
        secret: true,
        description: 'The password of the user.',
      },
      'bulk.numWorkers': {
        type: 'integer',
        minimum: 0,
        maximum: 1024,
        default: 0,
        description: 'How many bulk requests run side by side; 0 for one per core.',
      },
      'bulk.flushBuffer': {
        type: 'size',
        default: 5_000_000,
        description: 'Send a bulk request when it has so many bytes.',
      },
      'bulk.flushTimeout': {
        type: 'duration',
        plain: 'seconds',
        default: 30 * SECOND,
        description: 'Send a bulk request after this time at the latest.',
      },
    },
  },
  { kind: 'transport', name: 'kafka', summary: 'a Kafka topic', options: {} },
];
