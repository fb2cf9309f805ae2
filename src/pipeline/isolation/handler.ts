import type { Handler, HandlerComponent, StreamEnvironment, StreamHandler } from '../../reader/handler.js';
import type { FlatBatch } from '../../records/flat-batch.js';
import type { Shared } from '../../streams/receiver.js';
import { misfit, recordsIn } from './gate.js';
import { type Guard, isThenable } from './guard.js';

/** The methods that receive one entity or record. */
const METHODS = [
  'onHeader',
  'onContainer',
  'onPod',
  'onProcess',
  'onFile',
  'onProcessEvent',
  'onProcessFlow',
  'onFileEvent',
  'onFileFlow',
  'onNetworkFlow',
  'onK8sEvent',
] as const;

/** Wraps a handler plugin and catches its failures. */
export function isolateHandler(plugin: HandlerComponent, guard: Guard): Partial<HandlerComponent> {
  return {
    create(options, { now, log }) {
      const handler = guard.create(() => plugin.create(options, { now, log }), ['openStream']);
      return { openStream: (stream) => openStream(handler, stream, plugin.out, guard) };
    },
  };
}

/** Opens the handler of a stream. If that fails, the records of the stream are counted as lost. */
function openStream(handler: Handler, stream: StreamEnvironment, type: string | null, guard: Guard): StreamHandler {
  let isOpen = true;
  const emit = (item: object): void => {
    const problem = isOpen ? misfit(item, type) : 'emitted an item after the end of a stream';
    if (problem === null) stream.emit(item);
    else {
      guard.failed(problem, recordsIn(item));
      (item as Shared | null)?.release?.();
    }
  };
  const result = guard.call('openStream', () => ({ opened: handler.openStream({ name: stream.name, emit }) }));
  const { opened = null } = result ?? {};
  if (typeof opened !== 'object' || opened === null) {
    if (result !== undefined) guard.failed('openStream did not return an object');
    return {
      onBatch(batch) {
        guard.lose(batch.count);
        return undefined;
      },
    };
  }
  return new IsolatedHandler(opened, guard, () => {
    isOpen = false;
  }).handler;
}

/** Wraps the handler of a stream: each record whose method throws is counted as lost. */
class IsolatedHandler {
  /** Has only the methods that the plugin has, since the reader does less work for records without a method. */
  readonly handler: StreamHandler;
  readonly #inner: StreamHandler;
  readonly #guard: Guard;
  readonly #onEnd: () => void;
  /** Whether the handler is no longer called, because a batch did not settle in time. */
  #isDisabled = false;

  constructor(inner: StreamHandler, guard: Guard, onEnd: () => void) {
    this.#inner = inner;
    this.#guard = guard;
    this.#onEnd = onEnd;
    const handler: Record<string, unknown> = { end: () => this.#end() };
    for (const name of METHODS) {
      if (typeof inner[name] === 'function') handler[name] = (value: never) => this.#handle(name, value);
    }
    if (typeof inner.onBatch === 'function') handler.onBatch = (batch: FlatBatch) => this.#batch(batch);
    this.handler = handler as StreamHandler;
  }

  #handle(name: (typeof METHODS)[number], value: never): void {
    if (this.#isDisabled) this.#guard.lose(1);
    else this.#guard.call(name, () => this.#inner[name]!(value), 1);
  }

  #batch(batch: FlatBatch): Promise<void> | undefined {
    if (this.#isDisabled) {
      this.#guard.lose(batch.count);
      return undefined;
    }
    const { count } = batch;
    const busy: unknown = this.#guard.call('onBatch', () => this.#inner.onBatch!(batch), count);
    return isThenable(busy) ? this.#wait(busy, count) : undefined;
  }

  async #wait(busy: PromiseLike<unknown>, records: number): Promise<void> {
    this.#isDisabled = (await this.#guard.settle('onBatch', busy, records)) === 'late';
  }

  #end(): void {
    if (!this.#isDisabled && typeof this.#inner.end === 'function') this.#guard.call('end', () => this.#inner.end!());
    this.#onEnd();
  }
}
