import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Handler, HandlerComponent, StreamEnvironment, StreamHandler } from '../../../src/reader/handler.js';
import { ReaderStage } from '../../../src/reader/reader-stage.js';
import type { FlatBatch } from '../../../src/records/flat-batch.js';
import type { Shared } from '../../../src/streams/receiver.js';
import { RecordKind } from '../../../src/sysflow/record-types.js';
import { BatchBuilder, Collector } from '../../support/records.js';
import { Isolated, SETTLE } from './support/isolated.js';

const NAME = "handler 'h' (x.mjs)";

function handlerWith(openStream: (stream: StreamEnvironment) => StreamHandler): Isolated<HandlerComponent> {
  const common = { kind: 'handler', name: 'h', summary: 's', options: {}, out: 'flattenerchan' } as const;
  return new Isolated<HandlerComponent>({ ...common, create: () => ({ openStream }) });
}

const create = ({ component }: Isolated<HandlerComponent>): Handler =>
  component.create({}, { now: () => 0, log: () => {} });

/** Runs a batch with a process event and a file event through a reader with the handler. */
async function runBatches(plugin: Isolated<HandlerComponent>, times = 1): Promise<Collector<Shared>> {
  const next = new Collector<Shared>();
  const stage = new ReaderStage({ rateLimit: null }, create(plugin), next);
  const stream = stage.openStream('s');
  for (let i = 0; i < times; i++) {
    const builder = new BatchBuilder().event(RecordKind.processEvent, {}).event(RecordKind.fileEvent, {});
    await stream.push(builder.batch);
  }
  await stream.end();
  await stage.end();
  return next;
}

test('a handler whose method throws loses that record, and gets the others', async () => {
  let files = 0;
  const plugin = handlerWith(() => ({
    onProcessEvent: () => {
      throw new Error('not you');
    },
    onFileEvent: () => {
      files++;
    },
    end: () => {
      throw new Error('at the end');
    },
  }));
  const next = await runBatches(plugin);
  assert.ok(next.ended);
  assert.equal(files, 1);
  assert.deepEqual(plugin.lines, [
    `error ${NAME}: onProcessEvent threw: not you`,
    `error ${NAME}: end threw: at the end`,
  ]);
  assert.deepEqual(plugin.totals, [`error ${NAME}: 1 record was lost`]);
});

test('a handler that cannot open a stream loses its records, which are counted', async () => {
  const plugin = handlerWith(() => {
    throw new Error('closed');
  });
  await runBatches(plugin, 2);
  assert.deepEqual(plugin.lines, [`error ${NAME}: openStream threw: closed`]);
  assert.deepEqual(plugin.totals, [`error ${NAME}: 4 records were lost`]);
  const nothing = handlerWith(() => undefined as unknown as StreamHandler);
  await runBatches(nothing);
  assert.deepEqual(nothing.lines, [`error ${NAME}: openStream did not return an object`]);
  assert.deepEqual(nothing.totals, [`error ${NAME}: 2 records were lost`]);
});

test('a handler that never comes back from a batch gets nothing more of the stream', async () => {
  let batches = 0;
  const plugin = handlerWith(() => ({
    onBatch: () => {
      batches++;
      return new Promise(() => {});
    },
  }));
  await runBatches(plugin, 3);
  assert.equal(batches, 1);
  assert.deepEqual(plugin.lines, [`error ${NAME}: onBatch did not settle within ${SETTLE / 1000} s`]);
  assert.deepEqual(plugin.totals, [`error ${NAME}: 6 records were lost`]);
});

test('what a handler emits after the end of a stream, or to a channel of another type, is dropped and counted', async () => {
  let emit: StreamEnvironment['emit'] = () => assert.fail();
  const plugin = handlerWith((stream) => {
    emit = stream.emit;
    return {
      onBatch: (batch: FlatBatch) => {
        stream.emit({ no: 'batch' });
        batch.retain();
        stream.emit(batch);
        return undefined;
      },
    };
  });
  const next = await runBatches(plugin);
  emit({});
  assert.equal(next.items.length, 1);
  assert.deepEqual(plugin.lines, [
    `error ${NAME}: emitted an item that is not a batch of records to a channel of type 'flattenerchan'`,
    `error ${NAME}: emitted an item after the end of a stream`,
  ]);
  assert.deepEqual(plugin.totals, [`error ${NAME}: 2 records were lost`]);
});

test('a handler that is isolated has the methods of the plugin only, so that the reader does no more for it', () => {
  const handler = create(handlerWith(() => ({ onFile() {} }))).openStream({ name: 's', emit: () => {} });
  assert.deepEqual(Object.keys(handler).sort(), ['end', 'onFile']);
});
