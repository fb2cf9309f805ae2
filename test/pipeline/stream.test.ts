import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Acceleration } from '../../src/accel/index.js';
import { OFFERED_BATCHES, Stream } from '../../src/pipeline/stream.js';
import type { Receiver } from '../../src/streams/receiver.js';
import type { RecordBatch } from '../../src/sysflow/record-batch.js';
import { RecordKind } from '../../src/sysflow/record-types.js';
import { BatchBuilder } from '../support/records.js';

const one = (): RecordBatch => new BatchBuilder().event(RecordKind.processEvent, {}).batch;

test('a driver that pushes without waiting filled memory; now so many pushes are open, and the rest is dropped and counted', async () => {
  const taken: (() => void)[] = [];
  const slow: Receiver<RecordBatch> = {
    push: () => new Promise((resolve) => taken.push(resolve)),
    end: async () => {},
  };
  const stream = new Stream('s', slow, new Acceleration(0).openStream(), () => {});
  const pushes = Array.from({ length: OFFERED_BATCHES + 10 }, () => stream.push(one()));
  assert.equal(taken.length, OFFERED_BATCHES);
  assert.deepEqual(
    [stream.records, stream.dropped, stream.losses.flood, stream.losses.late],
    [OFFERED_BATCHES, 10, 10, 0],
  );
  for (const take of taken) take();
  await Promise.all(pushes);
  void stream.push(one());
  assert.equal(taken.length, OFFERED_BATCHES + 1);
  taken.at(-1)!();
  await stream.close();
  await stream.push(one());
  assert.deepEqual([stream.dropped, stream.losses.flood, stream.losses.late], [11, 10, 1]);
});
