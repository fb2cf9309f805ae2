import type { TransportComponent, TransportEnvironment } from '../component.js';
import { Delivery, type DeliveryEvents } from './delivery.js';
import { type DeliveryOptionValues, deliveryPolicy } from './policy.js';

/** The events of an exporter's output, to be logged. */
export interface OutputEvents extends DeliveryEvents {
  /** A problem was repaired without loss of records. */
  warned(message: string): void;
}

/** Creates the transport of an exporter's stanza, and its delivery. @param options the delivery options of the stanza */
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

/** Longest time of `setTimeout`, milliseconds; a longer timer would fire at once. */
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
