import type { ProcessorComponent, ProcessorEnvironment, Stage } from '../components/processor.js';
import type { HandlerComponent } from './handler.js';
import { ReaderStage } from './reader-stage.js';

const MINUTE = 60_000;

/** The options of the reader: its rate limiter. */
export interface ReaderOptionValues {
  readonly handlerlibpath: string;
  readonly 'filter.enabled': boolean;
  readonly 'filter.maxage': number;
}

export const sysflowReader: ProcessorComponent<ReaderOptionValues> = {
  kind: 'processor',
  name: 'sysflowreader',
  summary: 'Keeps the entities of a stream and hands its records to a handler',
  in: 'sysflowchan',
  out: 'flattenerchan',
  outOf: 'handler',
  slots: {
    handler: { kind: 'handler', default: 'flattener', description: 'What becomes of the records.' },
  },
  options: {
    // The plugin loader reads this option before the rest of the file.
    handlerlibpath: {
      type: 'text',
      default: '../resources/handlers',
      description: 'A folder of handlers that are plugins; the default is looked for beside the program.',
    },
    'filter.enabled': {
      type: 'switch',
      default: false,
      description: 'Whether to suppress records that were already seen within `filter.maxage`.',
    },
    'filter.maxage': {
      type: 'duration',
      plain: 'minutes',
      default: 24 * 60 * MINUTE,
      description: 'For how long the rate limiter remembers a record.',
    },
  },
  create: createStage,
};

function createStage(options: ReaderOptionValues, environment: ProcessorEnvironment): Stage {
  const { now, log, next } = environment;
  const { component, options: handlerOptions } = environment.slots.handler!;
  const handler = (component as HandlerComponent).create(handlerOptions, { now, log });
  const rateLimit = options['filter.enabled'] ? { maxAge: options['filter.maxage'], now } : null;
  return new ReaderStage({ rateLimit }, handler, next);
}
