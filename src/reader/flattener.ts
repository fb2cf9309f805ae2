import type { FlatBatch } from '../records/flat-batch.js';
import type { HandlerComponent, StreamHandler } from './handler.js';

/** Emits the events of each batch, joined with their entities. Entities and process flows are not emitted. */
export function flattenStream(emit: (batch: FlatBatch) => void): StreamHandler {
  return {
    onBatch(batch) {
      if (batch.count === 0) return undefined;
      batch.retain();
      emit(batch);
      return undefined;
    },
  };
}

export const flattenerHandler: HandlerComponent = {
  kind: 'handler',
  name: 'flattener',
  summary: 'joins each event with its entities',
  options: {},
  out: 'flattenerchan',
  create: () => ({ openStream: ({ emit }) => flattenStream(emit) }),
};
