import type { ProcessorComponent } from '../components/component.js';

const MINUTE = 60_000;

/** The options of the reader: its rate limiter. */
export interface ReaderOptionValues {
  readonly 'filter.enabled': boolean;
  readonly 'filter.maxage': number;
}

export const sysflowReader: ProcessorComponent<ReaderOptionValues> = {
  kind: 'processor',
  name: 'sysflowreader',
  summary: 'Keeps the entities of a stream and hands its records to a handler',
  in: 'sysflowchan',
  out: 'flattenerchan',
  slots: {
    handler: { kind: 'handler', default: 'flattener', description: 'What becomes of the records.' },
  },
  options: {
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
  },
};
