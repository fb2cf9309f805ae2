import type { SchemaOf } from '../../components/options.js';

/** How to handle records that arrive faster than they can be sent. */
export type Overflow = 'block' | 'dropNewest' | 'dropOldest';

/** How records are delivered. */
export interface DeliveryPolicy {
  /** Memory of pieces in bytes at which `overflow` applies; one piece is always accepted. */
  readonly queueSize: number;
  readonly overflow: Overflow;
  /** Most consecutive retries; may be infinite. */
  readonly retries: number;
  /** Milliseconds before the first retry; each further retry waits twice as long. */
  readonly delay: number;
  /** Longest time between two attempts in milliseconds. */
  readonly maxDelay: number;
  /** How long failed attempts are retried while the program ends, in milliseconds. */
  readonly drain: number;
}

/** The delivery options of a stanza. */
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
    description:
      'Most memory for encoded records that are not written yet. One piece is always accepted, even if it is larger.',
  },
  'queue.overflow': {
    type: 'choice',
    choices: ['block', 'dropNewest', 'dropOldest'],
    synonyms: { dropnewest: 'dropNewest', dropoldest: 'dropOldest' },
    default: 'block',
    description:
      'What happens when the queue is full. `block`: earlier stages wait, and so do other receivers of the same records. ' +
      '`dropNewest`, `dropOldest`: records are dropped and counted, and nothing waits.',
  },
  'retry.limit': {
    type: 'integer',
    minimum: -1,
    maximum: 1_000_000,
    default: -1,
    description:
      'Most consecutive retries of records that could not be written. After that they are lost and counted, and so are all further ' +
      'records until writing works again, which is tried every `retry.delay`. -1 uses the default of the output: 0 for `terminal` ' +
      'and `file`, which therefore never delay the program when they fail; no limit for outputs over a network.',
  },
  'retry.delay': {
    type: 'duration',
    plain: 'seconds',
    default: SECOND,
    description: 'How long to wait before the first retry; each further wait is twice as long.',
  },
  'retry.maxdelay': {
    type: 'duration',
    plain: 'seconds',
    default: 30 * SECOND,
    description: 'The longest wait between two attempts.',
  },
  'retry.drain': {
    type: 'duration',
    plain: 'seconds',
    default: 30 * SECOND,
    description:
      'How long failed attempts are retried while the program ends. If `queue.overflow` drops records, it also limits the wait for a slow output.',
  },
};

/** The policy of a stanza. @param retries the transport's default for `retry.limit` */
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
 * Milliseconds before a retry: doubled for each consecutive failure, up to the longest delay, then reduced at random by up to half,
 * so that many senders do not retry at the same time.
 *
 * @param failures consecutive failed attempts, at least 1
 * @param random a random number from 0 up to 1, exclusive
 */
export function backoffDelay(
  { delay, maxDelay }: Pick<DeliveryPolicy, 'delay' | 'maxDelay'>,
  failures: number,
  random: number,
): number {
  return Math.min(maxDelay, delay * 2 ** (failures - 1)) * (1 - random / 2);
}
