import type { ProcessorComponent } from '../components/processor.js';
import { VAULT_OPTIONS } from '../components/vault-options.js';
import type { ExporterEnvironment, ExporterOptionValues } from './component.js';
import { DELIVERY_OPTIONS } from './delivery/policy.js';
import { ExporterStage } from './exporter-stage.js';

export const exporterProcessor: ProcessorComponent<ExporterOptionValues, ExporterEnvironment> = {
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
  create: (options, environment) => new ExporterStage(options, environment),
};
