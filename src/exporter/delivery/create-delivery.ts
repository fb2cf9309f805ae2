import type { TransportComponent, TransportEnvironment } from '../component.js';
import { Delivery, type DeliveryEvents } from './delivery.js';
import { type DeliveryOptionValues, deliveryPolicy } from './policy.js';

/** What an exporter's output has to say. */
export interface OutputEvents extends DeliveryEvents {
  /** Something was found and put right; all records are written. */
  warned(message: string): void;
}

/** Creates the transport of an exporter's stanza and what delivers to it. @param options those of the stanza itself */
export function createDelivery(
  component: TransportComponent,
  transportOptions: unknown,
  options: DeliveryOptionValues,
  events: OutputEvents,
  environment: Omit<TransportEnvironment, 'warned'>,
): Delivery {
  const warned = (message: string): void => events.warned(message);
  const transport = component.create(transportOptions, { ...environment, warned });
  const policy = deliveryPolicy(options, component.retries ?? Number.POSITIVE_INFINITY);
  return new Delivery(component.name, transport, policy, {
    now: environment.now,
    random: Math.random,
    wait: waitOrAborted,
    events,
  });
}

/** A longer one would end at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

function waitOrAborted(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, Math.min(milliseconds, LONGEST_TIMER));
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
