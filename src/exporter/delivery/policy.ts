import type { SchemaOf } from '../../components/options.js';

/** What becomes of records that come faster than they can be sent. */
export type Overflow = 'block' | 'dropNewest' | 'dropOldest';

/** How records are delivered. */
export interface DeliveryPolicy {
  /** Bytes of memory that pieces take at most before `overflow` applies, or one piece where that is larger. */
  readonly queueSize: number;
  readonly overflow: Overflow;
  /** How often in a row a failed attempt is repeated; infinite: without end. */
  readonly retries: number;
  /** Milliseconds before the first repetition; each further one waits twice as long. */
  readonly delay: number;
  /** Milliseconds between two attempts at most. */
  readonly maxDelay: number;
  /** Milliseconds for which failed attempts are repeated once the program is to end. */
  readonly drain: number;
}

/** The options of a stanza that say how its records are delivered. */
export interface DeliveryOptionValues {
  readonly 'queue.size': number;
  readonly 'queue.overflow': Overflow;
  readonly 'retry.limit': number;
  readonly 'retry.delay': number;
  readonly 'retry.maxdelay': number;
  readonly 'retry.drain': number;
}

const SECOND = 1000;

export const DELIVERY_OPTIONS: SchemaOf<DeliveryOptionValues> = {
  'queue.size': {
    type: 'size',
    default: 20 << 20,
    description: 'How much memory encoded records take that are not written yet, or one piece where that is larger.',
  },
  'queue.overflow': {
    type: 'choice',
    choices: ['block', 'dropNewest', 'dropOldest'],
    synonyms: { dropnewest: 'dropNewest', dropoldest: 'dropOldest' },
    default: 'block',
    description:
      'What happens when the queue is full. `block`: what comes before waits, and other receivers of the same records with it. ' +
      '`dropNewest`, `dropOldest`: records are dropped and counted, and nothing waits.',
  },
  'retry.limit': {
    type: 'integer',
    minimum: -1,
    maximum: 1_000_000,
    default: -1,
    description:
      'How often in a row records are sent again that could not be written. Then they are lost and counted, and so is all that ' +
      'comes until writing works again, which is tried every `retry.delay`. -1 leaves it to the output: 0 for `terminal` and `file`, ' +
      'which therefore never hold up the program when they fail; no limit for outputs over a network.',
  },
  'retry.delay': {
    type: 'duration',
    plain: 'seconds',
    default: SECOND,
    description: 'How long to wait before records are sent again; each further time it is twice as long.',
  },
  'retry.maxdelay': {
    type: 'duration',
    plain: 'seconds',
    default: 30 * SECOND,
    description: 'The longest time between two tries.',
  },
  'retry.drain': {
    type: 'duration',
    plain: 'seconds',
    default: 30 * SECOND,
    description:
      'For how long failed tries are repeated when the program is to end. Where `queue.overflow` drops records, it also bounds the wait for an output that is slow.',
  },
};

/** The policy that a stanza asks for. @param retries the limit of the transport where the stanza leaves it to that */
export function deliveryPolicy(options: DeliveryOptionValues, retries: number): DeliveryPolicy {
  const limit = options['retry.limit'];
  return {
    queueSize: options['queue.size'],
    overflow: options['queue.overflow'],
    retries: limit < 0 ? retries : limit,
    delay: options['retry.delay'],
    maxDelay: options['retry.maxdelay'],
    drain: options['retry.drain'],
  };
}

/**
 * Milliseconds before an attempt is repeated: twice as long for each failure in a row, up to the longest delay, and up to half of
 * that less by chance, so that many senders do not come back all at once.
 *
 * @param failures attempts that failed in a row, at least 1
 * @param random a number from 0 up to 1
 */
export function backoffDelay(
  { delay, maxDelay }: Pick<DeliveryPolicy, 'delay' | 'maxDelay'>,
  failures: number,
  random: number,
): number {
  return Math.min(maxDelay, delay * 2 ** (failures - 1)) * (1 - random / 2);
}
